"""RxDB's face: each trap of its stock client is a test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.kernel import synced
from app.kernel.ids import new_id
from sync import feed
from sync.faces import rxdb
from tests import factories
from tests.sync.faces.stock import ODDLY_SPELLED, Row, api, conflicts
from tests.sync.faces.test_watermelon import give_to_somebody_else, office_edits_site, site_of
from tests.work.day import Day


class Rxdb:
    """One collection of RxDB: what it has, and what it assumes that the master has."""

    def __init__(self, day: Day, name: str) -> None:
        self.name = name
        self.device = factories.device(day.engineer.user)
        self.client = factories.sign_in(day.engineer.user, self.device)
        self.docs: dict[str, Row] = {}
        self.master: dict[str, Row] = {}
        self.checkpoint: Row = {"id": "", "lwt": 0}

    def pull(self, limit: int = 100) -> list[int]:
        """Pulls until a batch is short, as the client does; the sizes of the batches."""
        sizes = [limit]
        while sizes[-1] == limit:
            page = api(
                self.client, "GET", f"/rxdb/{self.name}/0/pull", query_string={**self.checkpoint, "limit": limit}
            )
            for document in page["documents"]:
                self.take(document)
            sizes.append(len(page["documents"]))
            assert sizes[-1] <= limit
            self.checkpoint = page["checkpoint"]
        return sizes[1:]

    def take(self, document: Row) -> None:
        assert not {"_rev", "_meta"} & set(document)
        if self.docs.get(document["id"]) == self.master.get(document["id"]):  # else it has unsent changes
            self.docs[document["id"]] = self.master[document["id"]] = document

    def edit(self, row_id: Any, **values: Any) -> None:
        key = str(row_id)
        self.docs[key] = {"id": key, "_deleted": False, **self.docs.get(key, {}), **values}

    def push(self, *row_ids: Any, answered: bool = True) -> list[Row]:
        rows = [{"newDocumentState": self.docs[str(i)], "assumedMasterState": self.master.get(str(i))} for i in row_ids]
        answer: list[Row] = api(self.client, "POST", f"/rxdb/{self.name}/0/push", json=orjson.loads(orjson.dumps(rows)))
        if answered:
            self.master.update({row["newDocumentState"]["id"]: row["newDocumentState"] for row in rows})
            for document in answer:  # the default conflict handler: the master's state wins
                self.docs[document["id"]] = self.master[document["id"]] = document
        return answer

    def living(self) -> dict[str, Row]:
        return {row_id: row for row_id, row in self.docs.items() if not row["_deleted"]}


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def sites(day: Day) -> Rxdb:
    collection = Rxdb(day, "sites")
    collection.pull()
    return collection


def only(collection: Rxdb) -> str:
    (row_id,) = collection.living()
    return row_id


def test_a_short_batch_means_that_there_is_no_more(day: Day) -> None:
    for _ in range(4):
        factories.engineer(day.org_id)
    engineers = Rxdb(day, "engineers")
    assert engineers.pull(limit=2) == [2, 2, 1]
    assert len(engineers.living()) == 5
    assert engineers.pull(limit=2) == [0]


def test_an_edit_is_merged_by_what_the_client_assumed(day: Day, sites: Rxdb) -> None:
    row_id = only(sites)
    sites.edit(row_id, access_notes="mine")
    office_edits_site(day, row_id, name="Renamed")
    assert sites.push(row_id) == []
    assert (site_of(day, row_id).name, site_of(day, row_id).access_notes) == ("Renamed", "mine")
    sites.pull()
    assert (sites.docs[row_id]["name"], sites.docs[row_id]["access_notes"]) == ("Renamed", "mine")
    assert conflicts(day) == []


def test_a_second_quick_edit_is_not_lost(day: Day, sites: Rxdb) -> None:
    row_id = only(sites)
    for words in ("one", "two", "three"):
        sites.edit(row_id, access_notes=words)
        assert sites.push(row_id) == []
    assert site_of(day, row_id).access_notes == "three"
    assert conflicts(day) == []


def test_overlapping_edits_return_the_master_and_keep_both_once(day: Day, sites: Rxdb) -> None:
    row_id = only(sites)
    sites.edit(row_id, access_notes="phone")
    office_edits_site(day, row_id, access_notes="office")
    for answered in (False, False, True):
        (master,) = sites.push(row_id, answered=answered)
        assert (master["access_notes"], master["_deleted"]) == ("office", False)
    (conflict,) = conflicts(day)
    assert (conflict["mine"], conflict["theirs"]) == ({"access_notes": "phone"}, {"access_notes": "office"})


def test_a_lost_answer_to_an_insert_and_an_edit_after_it(day: Day) -> None:
    notes = Rxdb(day, "notes")
    notes.edit(row_id := new_id(), visit_id=str(day.visit_id), body="first")
    notes.push(row_id, answered=False)
    notes.edit(row_id, body="second")
    assert notes.push(row_id) == []
    with factories.within(day.org_id) as tx:
        assert tx.session.execute(text("SELECT body FROM notes")).scalars().all() == ["second"]
    assert conflicts(day) == []
    notes.pull()
    assert notes.docs[str(row_id)]["rev"] == 2


def test_a_refused_insert_comes_back_as_deleted_and_is_kept(day: Day) -> None:
    notes = Rxdb(day, "notes")
    notes.edit(bad := new_id(), visit_id=str(new_id()), body="about nothing")
    notes.edit(good := new_id(), visit_id=str(day.visit_id), body="good")
    assert notes.push(bad, good) == [{"id": str(bad), "_deleted": True}]
    assert "about nothing" in str(conflicts(day))
    with factories.within(day.org_id) as tx:
        assert tx.session.execute(text("SELECT body FROM notes")).scalars().all() == ["good"]


def test_a_status_moves_by_its_steps(day: Day) -> None:
    visits = Rxdb(day, "visits")
    visits.pull()
    visits.edit(day.visit_id, status="working")
    assert visits.push(day.visit_id) == []
    assert [event.to_status for event in day.events()][-4:] == ["accepted", "en_route", "on_site", "working"]
    visits.edit(day.visit_id, status="draft")
    (master,) = visits.push(day.visit_id)
    assert master["status"] == "working"
    assert conflicts(day)[-1]["kind"] == "rejected"


def test_a_reassigned_visit_is_gone_and_what_was_not_sent_is_kept(day: Day) -> None:
    visits, notes = Rxdb(day, "visits"), Rxdb(day, "notes")
    visits.pull()
    visits.edit(day.visit_id, status="accepted")
    notes.edit(note := new_id(), visit_id=str(day.visit_id), body="was there")
    give_to_somebody_else(day)
    visits.pull()
    assert visits.docs[str(day.visit_id)]["status"] == "accepted"  # the client keeps what it has changed
    assert visits.push(day.visit_id) == [{"id": str(day.visit_id), "_deleted": True}]
    assert notes.push(note) == [{"id": str(note), "_deleted": True}]
    assert "accepted" in str(conflicts(day))
    with factories.within(day.org_id) as tx:
        assert tx.session.execute(text("SELECT body FROM notes")).scalars().all() == ["was there"]


def test_tombstones_hold_nothing_but_the_id(day: Day, sites: Rxdb) -> None:
    row_id = only(sites)
    give_to_somebody_else(day)
    sites.pull()
    assert sites.docs[row_id] == {"id": row_id, "_deleted": True}


# What RxDB's documents have of their own (its RxDocument), besides names that begin with `_` or hold a `$`.
GETTERS = {
    "allAttachments", "close", "collection", "deleted", "flatClone", "get", "getAttachment", "getLatest",
    "incrementalModify", "incrementalPatch", "incrementalRemove", "incrementalUpdate", "modify", "patch", "populate",
    "primary", "primaryPath", "putAttachment", "putAttachmentBase64", "remove", "revision", "toJSON", "toMutableJSON",
    "update", "updateCRDT",
}  # fmt: skip


def test_no_document_has_a_field_that_the_client_reads_otherwise(day: Day) -> None:
    """One with such a field is stored by the client, and can never be read again."""
    for collection in synced.collections().values():
        columns = text(f'SELECT {collection.body.replace(":masked", "false")} FROM "{collection.source}" r LIMIT 0')
        with factories.within(day.org_id) as tx:
            names = set(tx.session.execute(columns).keys())
        shown = set(rxdb.document_of(dict.fromkeys(names))) - {"_deleted"}
        assert len(shown) == len(names)
        assert not [name for name in shown if name in GETTERS or name.startswith("_") or "$" in name], collection.name


@pytest.mark.parametrize("lwt", [1, (7 << 42) + 5, 2**53 - 1])
def test_a_checkpoint_of_another_history_is_outdated(sites: Rxdb, lwt: int) -> None:
    answer = sites.client.get(f"/api/v1/sync/rxdb/sites/0/pull?lwt={lwt}&id=x&limit=5")
    assert (answer.status_code, answer.get_json()["type"]) == (426, "/problems/outdated-client")


@pytest.mark.parametrize(("address", "status"), [("sites/1", 426), ("nowhere/0", 404)])
@pytest.mark.parametrize("method", ["pull", "push", "pullStream"])
def test_other_versions_are_outdated(sites: Rxdb, address: str, status: int, method: str) -> None:
    path = f"/api/v1/sync/rxdb/{address}/{method}"
    answer = sites.client.post(path, json=[]) if method == "push" else sites.client.get(path)
    assert answer.status_code == status
    assert answer.get_json()["error"], "the stock client takes JSON without `error` for an answer"


DOCUMENTS = [{"id": 7}, {}, None, {"id": "x"}, {"id": str(new_id()), "body": "\x00\ud800"}, {"id": "\ud800"}]
DOCUMENTS += [{"id": spelled} for spelled in ODDLY_SPELLED]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_one_bad_document_never_blocks_its_neighbours(day: Day, document: Any) -> None:
    notes = Rxdb(day, "notes")
    good = {"id": str(new_id()), "visit_id": str(day.visit_id), "body": "good"}
    rows = [{"newDocumentState": document}, {"newDocumentState": good, "assumedMasterState": None}]
    api(notes.client, "POST", "/rxdb/notes/0/push", json=rows)
    with factories.within(day.org_id) as tx:
        assert tx.session.execute(text("SELECT body FROM notes")).scalars().all() == ["good"]


def events(response: Any) -> Iterator[Row]:
    for frame in response.response:
        for line in frame.decode().splitlines():
            assert "RESYNC" not in line
            if line.startswith("data: "):
                yield orjson.loads(line.removeprefix("data: "))


def test_the_stream_sends_documents_with_their_checkpoint(day: Day, sites: Rxdb) -> None:
    response = sites.client.get("/api/v1/sync/rxdb/sites/0/pullStream")
    assert response.mimetype == "text/event-stream"
    stream = events(response)
    first = next(iter(response.response))
    assert first.endswith(b": heartbeat\n\n")
    office_edits_site(day, row_id := only(sites), name="Renamed")
    feed.drain(day.org_id)
    event = next(stream)
    assert [(d["id"], d["name"]) for d in event["documents"]] == [(row_id, "Renamed")]
    sites.checkpoint = event["checkpoint"]
    assert sites.pull() == [0]
    response.close()
