"""One working day, driven over the public HTTP API only, as the three people would live it. It imports no room."""
