"""Endpoints of people."""

from app.people.api import accounts, auth, field

BLUEPRINTS = [auth.blueprint, accounts.blueprint, field.blueprint]
