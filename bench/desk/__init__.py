"""The dispatcher's desk, full: a real server and a real browser."""
