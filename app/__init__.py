"""Callout: the field-service backend. `app.factory` puts the rooms together."""
