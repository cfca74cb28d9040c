"""The WSGI entry point, for granian or any other server: `wsgi:app`."""

from app.factory import create_app

app = create_app()
