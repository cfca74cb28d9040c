"""The pages in a real Chromium, on a real server, with the demo day."""
