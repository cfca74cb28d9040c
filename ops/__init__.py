"""The machinery around Callout: its private PostgreSQL and Redis, its processes, backup, and doctor."""
