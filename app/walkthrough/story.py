"""The day, chapter by chapter. Everything goes over the public HTTP API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.walkthrough.field import Engineer
from app.walkthrough.http import Client
from app.walkthrough.link import BadLink, Cut
from app.walkthrough.office import Office, visits_of
from app.walkthrough.phone import Phone
from app.walkthrough.proof import Proof

Row = dict[str, Any]
PASSWORD = "callout-demo"
MIN_VISITS = 3


@dataclass
class Story:
    """One run of the tour against the server at `base`. `say` gets each line of the narration.

    The customers' reports are left in `folder`. `tag` stands behind the names in the addresses of the organisation's
    people (`dispatcher.st-louis-7@…`).
    """

    base: str
    say: Callable[[str], None]
    folder: Path
    tag: str = ""

    def run(self, file: Path, mapping: Path) -> Proof:
        """Tells the whole day; the returned proof says whether all of it held."""
        self.office = self._office()
        proof = Proof(self.office.manager)
        self._import(file, mapping, proof)
        day = self.office.tomorrow()
        self.say(f"\n2. The dispatcher plans tomorrow, {day}")
        plan = self.office.plan(day)
        with BadLink(self.base) as link:
            engineer = self._phone(plan, link)
            first, second, third = self._offline(engineer, plan)
            self._meanwhile(third, engineer)
            self._return(engineer, link, proof)
            self._conflicts(engineer, third, proof)
            self._reports((first, second), proof)
            self._count(engineer, proof)
        return proof

    def _office(self) -> Office:
        people = {}
        for name in ("dispatcher", "manager"):
            people[name] = Client(self.base)
            people[name].sign_in(f"{name}{self.tag}@demo.callout", PASSWORD)
        return Office(people["dispatcher"], people["manager"], self.say)

    def _import(self, file: Path, mapping: Path, proof: Proof) -> None:
        self.say(f"1. A city's requests arrive: {file.name}")
        first = self.office.import_requests(file, mapping)
        kept = first["requests"] + first["bad"] + first["known"]
        proof.holds(
            f"{first['lines']} lines read, {first['requests']} kept, {first['bad']} reported", kept == first["lines"]
        )
        self.say("   The same file again:")
        again = self.office.import_requests(file, mapping)
        proof.holds("importing again changes nothing", again["requests"] == again["jobs"] == again["sites"] == 0)

    def _phone(self, plan: Row, link: BadLink) -> Engineer:
        """The phone of the engineer with the fullest day who signs in as somebody."""
        users = {row["id"]: row for row in self.office.manager.items("/users")}
        engineers = {row["id"]: row for row in self.office.manager.items("/engineers")}
        routes = sorted(plan["routes"], key=lambda route: -len(visits_of(route)))
        chosen = engineers[next(r["engineer_id"] for r in routes if engineers[r["engineer_id"]]["user_id"])]
        self.engineer_id = chosen["id"]
        phone = Phone(Client(link.address))
        phone.client.session.headers["Connection"] = "close"  # every request takes the link anew
        phone.sign_in(users[chosen["user_id"]]["email"], PASSWORD)
        pages = phone.pull()
        rows = sum(len(rows) for rows in phone.rows.values())
        self.say(f"\n3. {chosen['name']}'s phone syncs for the first time: {rows} rows in {pages} pages")
        return Engineer(phone, chosen["name"], self.office.organisation()["timezone"], self.say)

    def _offline(self, engineer: Engineer, plan: Row) -> tuple[Row, Row, Row]:
        self.say("\n4. No signal. Two visits are worked on the phone alone")
        visits = engineer.my_visits(plan["date"])
        if len(visits) < MIN_VISITS:
            raise RuntimeError(f"only {len(visits)} visits were planned for {engineer.name}")
        first, second, third = visits[:MIN_VISITS]
        engineer.work(first, 1, "en")
        engineer.work(second, 2, "zh")
        engineer.step(third, "accepted", "en_route")
        phone = engineer.phone
        site_id = phone.rows["jobs"][first["job_id"]]["site_id"]
        phone.mutate("sites", site_id, "update", {"access_notes": "Key at the porter's, ring twice"})
        self.say(f"    a note about the first one's door; the third is accepted and under way; {engineer.pending()}")
        self.site_id = site_id
        return first, second, third

    def _meanwhile(self, third: Row, engineer: Engineer) -> None:
        self.say("\n5. Meanwhile in the office")
        others = [row for row in self.office.dispatcher.items("/engineers") if row["id"] != self.engineer_id]
        other = others[0]
        self.office.reassign(third["id"], other["id"])
        self.say(f"    the third visit goes to {other['name']}")
        changes = {"access_notes": "Ring at the back door", "geofence_m": 120}
        self.office.edit(f"/sites/{self.site_id}", changes)
        self.say("    the dispatcher writes about the first one's door too: “Ring at the back door”")

    def _return(self, engineer: Engineer, link: BadLink, proof: Proof) -> None:
        self.say("\n6. The phone comes back, over a link that drops")
        phone = engineer.phone
        photos = [photo for _, photo in engineer.photos.values()]
        link.plan(
            Cut(request_bytes=200), None, Cut(request_bytes=3_000, reset=True), Cut(lose_answer=True), None,
            Cut(lose_answer=True),
        )  # fmt: skip
        phone.handshake()
        phone.sync()
        link.plan(
            Cut(lose_answer=True), None, None, Cut(request_bytes=90_000), None, Cut(request_bytes=200_000, reset=True)
        )
        engineer.upload_photos()
        phone.sync()
        outcomes = ", ".join(f"{count} {status}" for status, count in phone.outcomes().items())
        self.say(f"    {link.dropped} connections died, {phone.lost_requests} requests were repeated; {outcomes}")
        for result in phone.results.values():
            if result["status"] == "rejected":
                self.say(f"    refused and kept: {result['problem']['detail']}")
        proof.holds("the link really dropped", link.dropped >= 5)
        proof.holds("nothing was refused", phone.outcomes()["rejected"] == 0)
        proof.nothing_lost(phone)
        for photo in photos:
            proof.photo_arrived(photo)

    def _conflicts(self, engineer: Engineer, third: Row, proof: Proof) -> None:
        self.say("\n7. Two truths met, and a person decides")
        conflicts = self.office.open_conflicts()
        about = {(c["collection"], c["row_id"]) for c in conflicts}
        proof.holds("the late steps of the reassigned visit opened a Conflict", ("visits", third["id"]) in about)
        proof.holds("both sentences about the door are kept", ("sites", self.site_id) in about)
        for conflict in conflicts:
            self.say(
                f"    {conflict['collection']}: the phone {brief(conflict['mine'])} · now {brief(conflict['theirs'])}"
            )
            self.office.resolve(conflict, "take_both" if conflict["collection"] == "sites" else "keep_theirs")
        proof.holds("no Conflict is left open", not self.office.open_conflicts())
        site = self.office.dispatcher.get(f"/sites/{self.site_id}")
        both = all(words in site["access_notes"] for words in ("Key at the porter", "back door"))
        proof.holds(f"the door now reads “{site['access_notes']}”", both)
        proof.holds("the geofence, changed by the office alone, merged silently", site["geofence_m"] == 120)
        owner = self.office.dispatcher.get(f"/visits/{third['id']}")["engineer_id"]
        proof.holds("the third visit stays where dispatch put it", owner != self.engineer_id)

    def _reports(self, visits: tuple[Row, ...], proof: Proof) -> None:
        self.say("\n8. The customer's reports are sealed and verified")
        self.folder.mkdir(parents=True, exist_ok=True)
        for number, visit in enumerate(visits, 1):
            path = self.folder / f"report-{number}.pdf"
            path.write_bytes(proof.sealed_report(visit))
            self.say(f"    visit …{visit['id'][-6:]}: {path}")

    def _count(self, engineer: Engineer, proof: Proof) -> None:
        self.say("\n9. Nothing was lost")
        phone = engineer.phone
        phone.sync()
        made = [r for r in phone.results.values() if r["status"] in ("applied", "merged")]
        self.say(f"    {len(made)} changes applied or merged of {phone.seq}")
        created = [mutation for mutation in phone.sent if mutation["type"] == "create"]
        expected: dict[str, set[str]] = {}
        for mutation in created:
            if mutation["collection"] != "signatures":
                expected.setdefault(mutation["collection"].replace("_", "-"), set()).add(mutation["row_id"])
        proof.facts_arrived(expected)
        signed = {m["row_id"]: m["data"]["visit_id"] for m in created if m["collection"] == "signatures"}
        proof.signatures_arrived(signed)
        proof.equal_copies(phone)


def brief(side: Row | None) -> str:
    """One side of a Conflict in a few words."""
    if side and "facts" in side:
        return "did " + ", ".join(fact.get("to", fact["collection"]) for fact in side["facts"])
    shown = {key: value for key, value in (side or {}).items() if value is not None and not key.endswith("_id")}
    return "says " + ", ".join(f"{key}: {value}" for key, value in shown.items())
