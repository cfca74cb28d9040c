"""`./callout user add`: people made on the machine, checked as the API would."""

from __future__ import annotations

from click.testing import CliRunner, Result
from sqlalchemy import text

from app.cli.people import add
from app.kernel import db
from app.people.credentials import password_matches
from ops.errors import OpsError
from tests import factories


def run(*arguments: str) -> Result:
    return CliRunner().invoke(add, arguments)


def test_the_first_admin_founds_an_organisation_and_can_sign_in() -> None:
    ran = run(
        *("--email", "first@careful.example", "--name", "First"),
        *("--new-organisation", "Careful", "--timezone", "Asia/Shanghai"),
    )
    assert ran.exit_code == 0, ran.output
    password = ran.output.rsplit("Password: ", 1)[1].strip()
    with db.new_session() as session, session.begin():
        query = text("SELECT org_id, user_id FROM sign_in_lookup('first@careful.example')")
        found = session.execute(query).one()
    with factories.within(found.org_id) as tx:
        stored = tx.session.execute(text("SELECT password_hash, role FROM users")).one()
        zone = tx.session.scalar(text("SELECT timezone FROM organisations"))
    assert stored.role == "admin"
    assert zone == "Asia/Shanghai"
    assert password_matches(stored.password_hash, password)
    assert not password_matches(stored.password_hash, password + "x")


def test_a_taken_address_is_refused_and_nothing_is_founded() -> None:
    taken = factories.user(email="taken@careful.example")
    ran = run("--email", taken.email, "--name", "Twin", "--new-organisation", "Second")
    assert isinstance(ran.exception, OpsError)
    assert "taken" in str(ran.exception)
    with db.new_session() as session, session.begin():
        assert session.scalar(text("SELECT count(*) FROM sign_in_lookup('taken@careful.example')")) == 1


def test_wrong_values_are_named() -> None:
    ran = run("--email", "nobody", "--name", "N", "--role", "king", "--password", "short", "--new-organisation", "X")
    for field in ("--email", "--role", "--password"):
        assert field in str(ran.exception)
    ran = run("--email", "a@b.example", "--name", "N", "--new-organisation", "X", "--timezone", "Mars/Base")
    assert "--timezone" in str(ran.exception)


def test_an_organisation_that_does_not_exist_is_asked_for() -> None:
    ran = run("--email", "a@b.example", "--name", "N", "--organisation", "no such organisation")
    assert isinstance(ran.exception, OpsError)
    assert "--new-organisation" in ran.exception.remedy
