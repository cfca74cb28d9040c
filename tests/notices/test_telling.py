"""A customer is told of a visit in their language, by the way that reaches them, and of each thing once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.kernel import clock, tasks
from app.kernel.config import config
from app.kernel.models import Task
from app.notices import commands, rules
from app.notices.models import Notice
from app.people import commands as people
from app.places.models import Account, Contact
from app.work.models import Visit
from tests import factories
from tests.notices.gateways import Mails, Texts, told

PHONE, MAIL = "+86 138-0013-8042", "lin@example.org"


@dataclass
class Case:
    """A visit that waits for an engineer, of a customer who can be reached."""

    engineer: factories.Client
    visit: Visit

    @property
    def org_id(self) -> UUID:
        return self.engineer.org_id

    def dispatch(self) -> None:
        body = {"engineer_id": str(self.engineer.engineer_id), "start": _later(3), "force": True, "reason": "Asked"}
        answer = factories.client("dispatcher", self.org_id).post(f"/api/v1/visits/{self.visit.id}/assign", json=body)
        assert answer.status_code == 200, answer.json

    def step(self, to: str, **more: Any) -> None:
        path = f"/api/v1/visits/{self.visit.id}/transitions"
        answer = self.engineer.post(path, json={"to": to, **more})
        assert answer.status_code == 200, answer.json

    def work_off(self, due: bool = False) -> None:
        """Runs everything that waits (or only what is `due`) until nothing is left but what waits for another try."""
        for _ in range(9):
            with factories.within(self.org_id) as tx:
                if not due:
                    tx.session.execute(text("UPDATE tasks SET run_after = now() WHERE state = 'queued'"))
                queued = select(Task.id).where(Task.state == "queued", Task.run_after <= tx.now)
                waiting = tx.session.scalars(queued.order_by(Task.created_at)).all()
            for task_id in waiting:
                tasks.run(str(task_id), str(self.org_id))

    def notices(self) -> list[Notice]:
        with factories.within(self.org_id) as tx:
            return list(tx.session.scalars(select(Notice).order_by(Notice.created_at, Notice.id)))


def _later(hours: int) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


def case_of(**contact: Any) -> Case:
    engineer = factories.client("engineer")
    account = factories.add(engineer.org_id, Account(name="Lin & Sons"))
    person = factories.add(engineer.org_id, Contact(account_id=account.id, name="Lin", **contact))
    visit = factories.visit(engineer.org_id, account_id=account.id, contact_id=person.id, summary="A cold\r\nboiler")
    return Case(engineer, visit)


def test_texts_tell_of_plan_way_and_arrival_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    case, texts = case_of(phone=PHONE, email=MAIL, locale="zh-CN"), Texts(answers=[503, 502])
    with texts.open() as url:
        told(monkeypatch, messages_url=url)
        case.dispatch()
        case.work_off()
        for step in ("accepted", "en_route", "on_site"):
            case.step(step)
            case.work_off()
        with factories.within(case.org_id) as tx:  # a worker that dies after the work does all of it again
            tx.session.execute(text("UPDATE tasks SET state = 'queued', finished_at = NULL"))
        case.work_off()
    assert [(one.kind, one.state, one.attempts) for one in case.notices()] == [
        ("planned", "sent", 3),
        ("on_the_way", "sent", 1),
        ("arrived", "sent", 1),
    ]
    assert len(texts.requests) == 5
    assert len(texts.messages) == 3, "one that is sent again after a lost answer is known by its id"
    planned, on_the_way, arrived = texts.messages.values()
    assert {one["to"] for one in texts.messages.values()} == {PHONE}
    assert planned["text"].startswith("【Careful Repairs】您的上门服务“A cold boiler”已安排，时间约为")
    assert "Some正在赶来" in on_the_way["text"]
    assert "已到达" in arrived["text"]


def test_the_link_that_was_sent_opens_the_page_without_digits_until_the_number_changes() -> None:
    case = case_of(phone=PHONE)
    case.dispatch()
    case.work_off()
    (planned,) = case.notices()
    assert (planned.state, planned.channel) == ("shown", "sms"), "nothing is set up that would send it"
    code, key = planned.body.rpartition("/track/")[2].split("#")  # type: ignore[union-attr]
    stranger = factories.app().test_client()

    def ask(**body: str) -> int:
        answer: Any = stranger.post(f"/api/v1/track/{code}", json=body)
        return int(answer.status_code)

    assert ask(key=key) == 200
    assert ask(digits="8042") == 200
    assert ask(key="A" + key[1:] if key[0] != "A" else "B" + key[1:]) == 404
    assert ask() == ask(key=key, digits="8042") == ask(key="x" * 500) == 422
    with factories.within(case.org_id) as tx:
        tx.session.execute(text("UPDATE contacts SET phone = '+44 20 7946 0000'"))
    assert ask(key=key) == 404, "it went to a number that is not theirs any more"


def test_a_plan_that_is_taken_back_at_once_was_never_promised_and_the_next_one_is_told_as_it_stands() -> None:
    case = case_of(phone=PHONE, locale="en")
    office, path = factories.client("dispatcher", case.org_id), f"/api/v1/visits/{case.visit.id}/unassign"
    case.dispatch()
    case.work_off(due=True)
    assert case.notices() == [], "the plan has not stood yet"
    assert office.post(path, json={"reason": "Undone"}).status_code == 200
    case.work_off()
    assert case.notices() == []
    case.dispatch()
    case.work_off()
    assert [(one.kind, one.state) for one in case.notices()] == [("planned", "shown")]


@pytest.mark.parametrize(("locale", "words"), [("en", "has to be planned anew"), ("zh-CN", "需要重新安排")])
def test_who_was_told_of_a_plan_is_told_that_it_was_taken_back_and_of_the_next_one(locale: str, words: str) -> None:
    case = case_of(phone=PHONE, locale=locale)
    office = factories.client("dispatcher", case.org_id)
    case.dispatch()
    case.work_off()
    assert office.post(f"/api/v1/visits/{case.visit.id}/unassign", json={"reason": "Undone"}).status_code == 200
    case.work_off(due=True)
    assert [one.kind for one in case.notices()] == ["planned"], "it may be given to another at once"
    case.work_off()
    case.work_off()
    assert [(one.kind, one.state, one.language) for one in case.notices()] == [
        ("planned", "shown", locale),
        ("unplanned", "shown", locale),
    ]
    assert words in str(case.notices()[-1].body)
    case.dispatch()
    case.work_off()
    assert [one.kind for one in case.notices()] == ["planned", "unplanned", "planned"]


def test_a_visit_that_goes_to_another_engineer_in_time_is_still_the_plan_that_was_told() -> None:
    case = case_of(phone=PHONE)
    case.dispatch()
    case.work_off()
    office, path = factories.client("dispatcher", case.org_id), f"/api/v1/visits/{case.visit.id}/unassign"
    assert office.post(path, json={"reason": "Another goes"}).status_code == 200
    case.dispatch()
    case.work_off()
    assert [one.kind for one in case.notices()] == ["planned"]


def test_a_visit_that_the_office_cancels_is_called_off_and_what_the_customer_cancels_needs_no_word() -> None:
    case, other = case_of(phone=PHONE), case_of(phone=PHONE)
    for one in (case, other):
        one.dispatch()
        one.work_off()
    step = {"to": "cancelled", "reason": "A strike"}
    path = f"/api/v1/visits/{case.visit.id}/transitions"
    assert factories.client("dispatcher", case.org_id).post(path, json=step).status_code == 200
    code, key = str(other.notices()[0].body).rpartition("/track/")[2].split("#")
    stranger, given = factories.app().test_client(), {"key": key, "visit_id": str(other.visit.id), "to": "cancelled"}
    assert stranger.post(f"/api/v1/track/{code}/answers", json={**given, "reason": "Not needed"}).status_code == 200
    for one in (case, other):
        one.work_off()
    assert [one.kind for one in case.notices()] == ["planned", "called_off"]
    assert [one.kind for one in other.notices()] == ["planned"]


def test_a_message_that_waits_for_its_gateway_is_withdrawn_when_it_is_not_true_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, texts = case_of(phone=PHONE), Texts(answers=[503] * 9)
    with texts.open() as url:
        told(monkeypatch, messages_url=url)
        case.dispatch()
        for _ in range(2):  # the plan settles; then its message is tried
            _run_due_within(case, timedelta(minutes=5))
        office = factories.client("dispatcher", case.org_id)
        assert office.post(f"/api/v1/visits/{case.visit.id}/unassign", json={"reason": "Ill"}).status_code == 200
        texts.answers.clear()
        case.work_off()
        assert [(one.state, one.fault) for one in case.notices()] == [("withdrawn", "It was not true any more.")]
        assert texts.messages == {}
        case.dispatch()
        case.work_off()
    assert sorted(one.state for one in case.notices()) == ["sent", "withdrawn"]


def _run_due_within(case: Case, ahead: timedelta) -> None:
    """Runs once each what is due now or soon."""
    with factories.within(case.org_id) as tx:
        soon = select(Task.id).where(Task.state == "queued", Task.run_after <= tx.now + ahead)
        waiting = tx.session.scalars(soon.order_by(Task.created_at)).all()
        tx.session.execute(text("UPDATE tasks SET run_after = now() WHERE state = 'queued'"))
    for task_id in waiting:
        tasks.run(str(task_id), str(case.org_id))


def test_what_the_office_writes_in_a_row_is_told_once_and_a_later_letter_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, texts = case_of(phone=PHONE, locale="zh-CN"), Texts(answers=[503])
    letters = f"/api/v1/jobs/{case.visit.job_id}/messages"

    def write(words: str) -> None:
        answer = factories.client("dispatcher", case.org_id).post(letters, json={"text": words})
        assert answer.status_code == 201, answer.json

    with texts.open() as url:
        told(monkeypatch, messages_url=url)
        for words in ("可停在院内。", "我们会先按门铃。"):
            write(words)
            case.work_off(due=True)
        assert [one.state for one in case.notices()] == ["waiting"], "it gathers what follows"
        write("请准备好钥匙。")
        case.work_off()
        with factories.within(case.org_id) as tx:  # a worker that dies after the work does all of it again
            tx.session.execute(text("UPDATE tasks SET state = 'queued', finished_at = NULL"))
        case.work_off()
        assert [(one.kind, one.state) for one in case.notices()] == [("answer", "sent")]
        with factories.within(case.org_id) as tx:
            tx.session.execute(text("UPDATE notices SET sent_at = sent_at - interval '1 hour'"))
        write("明天见。")
        case.work_off()
    assert [one.state for one in case.notices()] == ["sent"] * 2
    assert len(texts.messages) == 2
    for message in texts.messages.values():
        assert message["text"].startswith("【Careful Repairs】关于“A cold boiler”，您有一条新留言：http")
        assert "门铃" not in message["text"]


@pytest.mark.parametrize(
    ("state", "after_s", "told_too"),
    [
        ("waiting", 3600, True),  # it is tried again and again, and leaves some time
        ("sent", 0, True),
        ("sent", 1, False),  # it may have been read before this was written
        ("shown", -1, True),
        ("shown", 1, False),
        ("failed", -1, False),  # it reached nobody
        ("withdrawn", -1, False),
    ],
)
def test_a_notice_tells_of_what_was_written_before_it_left(state: str, after_s: int, told_too: bool) -> None:
    left = clock.now()
    assert rules.covers(state, left, left + timedelta(seconds=after_s)) is told_too


def test_a_mail_is_in_the_language_of_its_reader_and_its_head_cannot_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    case, mails = case_of(email=MAIL, locale="en"), Mails()
    with mails.open() as url:
        told(monkeypatch, smtp_url=url, mail_from="Careful <office@careful.example>")
        case.dispatch()
        case.work_off()
    (mail,) = mails.mails.values()
    assert (mail["To"], mail["Subject"]) == (MAIL, "Careful Repairs: A cold boiler")
    assert mail["From"] == "Careful <office@careful.example>"
    assert "your visit “A cold boiler” is planned for" in mail.get_content()
    assert "/track/" in mail.get_content()
    assert str(mail["Message-ID"]).endswith("@careful.example>")


def test_an_address_that_is_refused_for_good_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    case, mails = case_of(email=MAIL), Mails(refused={MAIL})
    with mails.open() as url:
        told(monkeypatch, smtp_url=url)
        case.dispatch()
        case.work_off()
    (notice,) = case.notices()
    assert (notice.state, notice.attempts) == ("failed", 1)
    assert "550" in str(notice.fault)


def test_the_organisation_says_what_is_told_and_by_which_way_first(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(phone=PHONE, email=MAIL)
    with factories.within(case.org_id) as tx:
        people.update_organisation(tx, {"settings": {"notices": {"off": ["on_the_way"], "prefer": "email"}}}, None)
    case.dispatch()
    for step in ("accepted", "en_route", "on_site"):
        case.step(step)
    case.work_off()
    assert [(one.kind, one.channel) for one in case.notices()] == [("arrived", "email")], "the plan is over by now"


def test_a_phone_that_was_offline_tells_nobody_that_somebody_has_set_off_an_hour_ago() -> None:
    case = case_of(phone=PHONE)
    case.dispatch()
    case.step("accepted")
    case.step("en_route", device_at=_later(-1))
    case.work_off()
    assert [one.kind for one in case.notices() if one.kind != "planned"] == []


def test_production_says_that_nothing_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "config", lambda: replace(config(), mode="production"))
    case = case_of(phone=PHONE)
    case.dispatch()
    case.work_off()
    (notice,) = case.notices()
    assert (notice.state, notice.fault) == ("failed", "Nothing is set up that sends sms.")


def test_the_office_reads_what_was_told_and_engineers_only_of_their_jobs() -> None:
    case = case_of(phone=PHONE)
    case.dispatch()
    case.work_off()
    admin: Any = factories.client("admin", case.org_id).get("/api/v1/notices")
    (told_them,) = admin.json["items"]
    assert (told_them["kind"], told_them["state"], told_them["address"]) == ("planned", "shown", PHONE)
    assert "sealed" not in told_them
    path = f"/api/v1/jobs/{case.visit.job_id}/notices"
    assert factories.client("dispatcher", case.org_id).get(path).json == admin.json  # type: ignore[attr-defined]
    assert factories.client("engineer", case.org_id).get(path).status_code == 404
    assert factories.client("dispatcher", case.org_id).get("/api/v1/notices").status_code == 403
