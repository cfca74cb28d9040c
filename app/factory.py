"""Puts the rooms together: one Flask application, its API, and everything that registers itself at import."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from app.kernel import logs
from app.kernel.http import authentication, documentation, health, live
from app.kernel.http.api import create_api, install_hooks
from app.pages import views as pages
from app.people.identity import Identity

ROOMS = (
    "app.people",
    "app.places",
    "app.stock",
    "app.positions",
    "app.work",
    "app.notices",
    "app.push",
    "dispatch",
    "media",
    "sync",
    "app.portal",
    "app.imports",
)


def load_rooms(*, endpoints: bool = False) -> None:
    """Imports what registers itself: tables, tasks and event handlers, synced collections, and endpoints if asked."""
    furnitures = ("models", "tasks", "collections", *(["api"] if endpoints else []))
    for room in ROOMS:
        for furniture in furnitures:
            if find_spec(f"{room}.{furniture}"):
                import_module(f"{room}.{furniture}")


def create_app() -> Flask:
    """The WSGI application."""
    logs.configure()
    load_rooms()
    app = Flask("callout", static_folder=None)
    install_hooks(app)
    api = create_api(app)
    api.register_blueprint(health.blueprint)
    api.register_blueprint(live.blueprint)
    app.register_blueprint(documentation.blueprint)
    app.register_blueprint(pages.blueprint)
    for room in ROOMS:
        if find_spec(f"{room}.api"):
            for blueprint in import_module(f"{room}.api").BLUEPRINTS:
                api.register_blueprint(blueprint)
    authentication.use(Identity())
    return app
