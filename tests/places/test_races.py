"""What two people do at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.kernel.problems import Problem
from app.places import commands
from app.places.models import Account, Asset
from tests import factories

WAITING = text("""
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


def put_into(org_id: UUID, part: UUID, whole: UUID) -> None:
    with factories.within(org_id) as tx:
        tx.get(Asset, part).parent_id = whole
        tx.session.flush()


@pytest.mark.committed
def test_two_assets_are_not_put_into_each_other_at_once() -> None:
    site = factories.site(factories.organisation().id)
    one, other = (factories.add(site.org_id, Asset(site_id=site.id, name=name)).id for name in ("One", "Other"))
    with ThreadPoolExecutor(1) as pool:
        with factories.within(site.org_id) as tx:
            tx.get(Asset, one).parent_id = other
            tx.session.flush()
            second = pool.submit(put_into, site.org_id, other, one)
            while not tx.session.scalar(WAITING):
                assert not second.done(), "the second change must wait for the first"
        with pytest.raises(IntegrityError, match="part of itself"):
            second.result(timeout=30)


def remove(org_id: UUID, account_id: UUID) -> None:
    with factories.within(org_id) as tx:
        tx.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        commands.delete_account(tx, tx.get(Account, account_id, lock=True))


@pytest.mark.committed
def test_a_customer_is_not_removed_from_under_a_contact_that_is_just_being_added() -> None:
    org_id = factories.organisation().id
    account_id = factories.add(org_id, Account(name="Ltd")).id
    with factories.within(org_id) as tx:
        commands.create_contact(tx, {"account_id": account_id, "name": "Ann"})
        with pytest.raises(OperationalError, match="lock timeout"):
            remove(org_id, account_id)
    with pytest.raises(Problem, match="still has contacts"):
        remove(org_id, account_id)
