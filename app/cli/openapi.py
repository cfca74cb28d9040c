"""`python -m app.cli.openapi`: the OpenAPI document on standard output. Needs no servers."""

from __future__ import annotations

import sys

import orjson

from app.factory import create_app


def document() -> bytes:
    """The OpenAPI document as JSON."""
    (api,) = create_app().extensions["flask-smorest"]["apis"].values()
    return orjson.dumps(api["ext_obj"].spec.to_dict())


if __name__ == "__main__":
    sys.stdout.buffer.write(document())
