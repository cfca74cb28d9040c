"""The HTTP conventions of `interfaces.md`, once: endpoints, problems, paging, ETag, idempotency, documentation."""

from app.kernel.http.blueprint import Blueprint
from app.kernel.http.resources import Filter, Resource
from app.kernel.http.schemas import Day, GeoJSON, Moment, RowSchema, Schema

__all__ = ["Blueprint", "Day", "Filter", "GeoJSON", "Moment", "Resource", "RowSchema", "Schema"]
