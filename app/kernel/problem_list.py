"""`docs/problems.md`, generated from the catalogue."""

from __future__ import annotations

from app.kernel.problems import CATALOGUE

HEAD = """# Problems

Every error is an `application/problem+json` document (RFC 9457): `type`, `title`, `status`, `detail`, `instance`, and
for fields `errors: [{pointer, detail}]`. `type` is stable; `detail` is for people and may change. This list is
generated from the catalogue (`./callout problems > docs/problems.md`).

| type | status | title |
|---|---|---|
"""


def render() -> str:
    """The whole page; call it after all rooms are loaded."""
    kinds = sorted(CATALOGUE.values(), key=lambda kind: (kind.status, kind.slug))
    return HEAD + "".join(f"| `{kind.uri}` | {kind.status} | {kind.title} |\n" for kind in kinds)
