"""Whole files: good rows are kept, bad ones told, and a second run changes nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from app.imports import files
from app.imports.cli import import_file, requests
from app.imports.schemas import read_map
from app.kernel.models import AuditEntry
from app.places.models import Site
from app.work.models import Job, JobType, Request, Visit
from tests.factories import organisation, within
from tests.imports.exports import COLUMNS, MAP, row, write

SHAPE = read_map(MAP)


def count(org_id: UUID, *models: Any) -> list[int]:
    with within(org_id) as tx:
        return [tx.session.scalar(select(func.count()).select_from(model)) for model in models]


def test_an_export_becomes_requests_jobs_and_sites(tmp_path: Path) -> None:
    org = organisation().id
    file = write(tmp_path / "x.csv", [row(1), row(2, status="done"), row(3, where="1 main ST")])
    report = import_file(file, SHAPE, org, dry_run=False)
    assert (report.requests, report.jobs, report.sites, report.accounts, report.bad) == (3, 2, 2, 1, [])
    with within(org) as tx:
        request = tx.session.scalars(select(Request).where(Request.external_id == "1")).one()
        job = tx.session.scalars(select(Job).where(Job.request_id == request.id)).one()
        assert (request.status, request.job_id, request.channel) == ("converted", job.id, "phone")
        assert (job.summary, job.external_id, job.status) == ("Lamp: dark", "1", "open")
        assert job.details == {key: value for key, value in row(1).items() if value}
        assert tx.session.scalar(select(Visit.status).where(Visit.job_id == job.id)) == "draft"
        assert tx.session.scalar(select(JobType.duration_s)) == 1800
        place = tx.session.scalar(text("SELECT ST_AsText(location) FROM sites WHERE name = '1 Main St'"))
        assert place == "POINT(2 1)"
        assert tx.session.scalar(select(Request.status).where(Request.external_id == "2")) == "closed"


def test_a_second_run_changes_nothing_and_a_longer_file_adds_only_what_is_new(tmp_path: Path) -> None:
    org = organisation().id
    file = write(tmp_path / "x.csv", [row(1), row(2)])
    import_file(file, SHAPE, org, dry_run=False)
    before = count(org, Request, Job, Site, Visit, AuditEntry)
    again = import_file(file, SHAPE, org, dry_run=False)
    assert (again.requests, again.jobs, again.sites, again.known) == (0, 0, 0, 2)
    assert count(org, Request, Job, Site, Visit, AuditEntry) == before
    longer = import_file(write(file, [row(1), row(2), row(3)]), SHAPE, org, dry_run=False)
    assert (longer.requests, longer.known) == (1, 2)


def test_a_dry_run_tells_the_same_and_leaves_nothing(tmp_path: Path) -> None:
    org = organisation().id
    file = write(tmp_path / "x.csv", [row(n, at="" if n % 7 else "never") for n in range(1, 230)])
    before = count(org, Request, Job, Site, AuditEntry)
    dry = import_file(file, SHAPE, org, dry_run=True)
    assert count(org, Request, Job, Site, AuditEntry) == before
    wet = import_file(file, SHAPE, org, dry_run=False)
    assert dry.document() == wet.document()
    assert len(wet.bad) == 229 // 7


def test_bad_rows_are_told_by_line_and_go_to_a_file_that_can_be_mended_and_imported(tmp_path: Path) -> None:
    org = organisation().id
    raw = b"5,too,few\n" + b"6,\xff,x,TEL,,,new,City,6 Main St,1,2\n" + b'7,"two\nlines",x,TEL,,,new,City,a,1,2\n'
    raw += b"8,x,x,TEL,,,new,City,a,95,2\n1,twice,x,TEL,,,new,City,a,1,2\n\n9,x,x,TEL,,,new,City,a,1,2\n"
    file = write(tmp_path / "x.csv", [row(1)], raw)
    report = import_file(file, SHAPE, org, dry_run=False)
    assert report.requests == 3
    assert [(bad["line"], bad["reason"].partition(":")[0]) for bad in report.bad] == [
        (3, "3 columns instead of 11"),
        (4, "subject"),
        (7, "latitude, longitude"),
        (8, "external_id"),
    ]
    target = tmp_path / "bad.csv"
    files.write_bad(target, files.header(file), report)
    with target.open(encoding="utf-8", errors="surrogateescape", newline="") as opened:
        told = list(csv.DictReader(opened))
    assert [(one["line"], one["no"]) for one in told] == [("3", ""), ("4", "6"), ("7", "8"), ("8", "1")]
    mended = [{**{name: one[name] for name in COLUMNS}, "lat": "5"} for one in told if one["no"] == "8"]
    assert import_file(write(file, mended), SHAPE, org, dry_run=False).requests == 1


def test_what_the_database_refuses_is_a_bad_row_and_the_others_stay(tmp_path: Path) -> None:
    org = organisation().id
    import_file(write(tmp_path / "a.csv", [row(1)]), SHAPE, org, dry_run=False)
    with within(org) as tx:
        taken = (
            "INSERT INTO jobs (id, number, source, external_id, job_type_id, site_id, summary) "
            "SELECT gen_random_uuid(), 'J-x', 'old', '2', t.id, s.id, 'x' FROM job_types t, sites s"
        )
        tx.session.execute(text(taken))
    report = import_file(write(tmp_path / "b.csv", [row(2), row(3)]), SHAPE, org, dry_run=False)
    assert (report.requests, report.jobs, report.sites) == (1, 1, 1)
    assert [bad["line"] for bad in report.bad] == [2]
    with within(org) as tx:
        assert set(tx.session.scalars(select(Request.external_id))) == {"1", "3"}
        assert "2 Main St" not in tx.session.scalars(select(Site.name)).all()


def test_a_file_with_a_byte_order_mark_and_an_empty_one(tmp_path: Path) -> None:
    org = organisation().id
    file = write(tmp_path / "x.csv", [row(1)])
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert files.header(file) == list(COLUMNS)
    assert import_file(file, SHAPE, org, dry_run=False).requests == 1
    assert import_file(write(file, []), SHAPE, org, dry_run=False).document() == {
        "requests": 0, "jobs": 0, "sites": 0, "accounts": 0, "known": 0, "bad": [],
        "made": {"accounts": [], "sites": []},
    }  # fmt: skip


@pytest.mark.committed
def test_the_command_says_into_which_organisation_it_imported(tmp_path: Path) -> None:
    shape = tmp_path / "map.json"
    shape.write_text(json.dumps(MAP), encoding="utf-8")
    org, file = organisation(), write(tmp_path / "x.csv", [row(1), row(2, at="?")])
    ran = CliRunner().invoke(requests, [str(file), "--map", str(shape), "--organisation", str(org.id)])
    assert ran.exit_code == 0, ran.output
    assert f"Made in {org.name}: 1 requests, 1 jobs" in ran.output
    assert (tmp_path / "x.bad.csv").exists()
    assert count(org.id, Request) == [1]
