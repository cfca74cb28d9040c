"""Plain Alembic, numbered files, forwards only. `HEAD` names the newest version: two heads are a merge conflict."""
