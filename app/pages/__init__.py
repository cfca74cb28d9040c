"""The pages of the browser: what `web/` was built into, served as it is."""
