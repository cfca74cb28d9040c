"""What the engineer does in the cellar: two visits from acceptance to signature, without any network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.walkthrough.phone import Phone, new_id, stamp
from app.walkthrough.signoff import Photo, SignOffs, label, report, take_photo

Row = dict[str, Any]
ON_THE_WAY = ("accepted", "en_route", "on_site")
CUSTOMERS = {
    "en": ("Ms Customer", "Checked, repaired and tested.", "in order"),
    "zh": ("王女士", "已检查、维修并测试。", "正常"),
}
"""By language: who signs, what was done, how a question is answered."""


@dataclass
class Engineer:
    """An engineer with a phone. `photos` are the originals that wait on the phone for the server's receipt."""

    phone: Phone
    name: str
    zone: str
    say: Callable[[str], None]
    photos: dict[str, tuple[Row, Photo]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signoffs = SignOffs(self.phone)

    def my_visits(self, day: str) -> list[Row]:
        """The visits of a day that wait for this engineer, in the planned order."""
        mine = [v for v in self.phone.rows["visits"].values() if v["status"] == "dispatched"]
        planned = sorted((v for v in mine if (v["planned_start"] or "") >= day), key=lambda v: v["planned_start"])
        return sorted(planned, key=lambda visit: not self.items(visit))  # those with a checklist first

    def step(self, visit: Row, *states: str) -> None:
        """Takes one step after the other."""
        for state in states:
            self.phone.mutate("visits", visit["id"], "transition", {"to": state})

    def work(self, visit: Row, number: int, language: str) -> None:
        """A whole visit: the way there, checklist, part, photo, signature, done; `language` is the customer's."""
        signer, words, _ = CUSTOMERS[language]
        self.step(visit, *ON_THE_WAY)
        photo = take_photo(f"Visit {number}", 60 * number)
        answered = self.answer_checklist(visit, photo, "working", language)
        self.step(visit, "working")
        self.photograph(visit, photo)
        answered += self.answer_checklist(visit, photo, "completed", language)
        part = self.use_part(visit)
        document = report(self.phone, visit, self.name, words, [photo], self.zone, language)
        signature = self.signoffs.sign(visit, document, [photo], signer)
        row_id = signature.pop("id")
        self.phone.mutate("signatures", row_id, "create", {"visit_id": visit["id"], **signature})
        self.step(visit, "completed")
        self.say(f"    visit {number}: {answered} answers, part {part}, a photo, a signature; {self.pending()}")

    def photograph(self, visit: Row, photo: Photo) -> None:
        """Keeps the original and announces it: guards look at rows, the bytes follow."""
        photo_item = next((i for i in self.items(visit) if i["kind"] == "photo"), None)
        data = {
            "visit_id": visit["id"],
            "kind": "photo",
            "filename": "photo.jpg",
            "declared_type": "image/jpeg",
            "sha256": photo.sha256,
            "size": len(photo.data),
            "captured_at": stamp(),
            **({"item_id": photo_item["id"]} if photo_item else {}),
        }
        self.phone.mutate("media", photo.id, "create", data)
        self.photos[photo.id] = (visit, photo)

    def items(self, visit: Row) -> list[Row]:
        """The visit's checklist in order."""
        mine = [i for i in self.phone.rows["checklist_items"].values() if i["visit_id"] == visit["id"]]
        return sorted(mine, key=lambda item: item["position"])

    def answer_checklist(self, visit: Row, photo: Photo, before: str, language: str) -> int:
        """Answers every item that is due before the step to `before`, in the shape of its kind."""
        items = [item for item in self.items(visit) if item["at_status"] == before]
        for item in items:
            data = {"visit_id": visit["id"], "item_id": item["id"], "value": self._answer(item, photo, language)}
            self.phone.mutate("checklist_answers", new_id(), "create", data)
        return len(items)

    def _answer(self, item: Row, photo: Photo, language: str) -> Any:
        return {
            "bool": True,
            "number": 7.1,
            "text": f"{label(item, language)}: {CUSTOMERS[language][2]}",
            "choice": (item["options"] or [""])[0],
            "photo": [photo.id],
        }[item["kind"]]

    def use_part(self, visit: Row) -> str:
        """Takes one part from the van, or from the catalogue when the van is said to be empty."""
        van = list(self.phone.rows["van_stock"].values())
        part_id = van[0]["part_id"] if van else next(iter(self.phone.rows["parts"]))
        data = {"visit_id": visit["id"], "part_id": part_id, "quantity": "1"}
        self.phone.mutate("part_uses", new_id(), "create", data)
        return str(self.phone.rows["parts"][part_id]["name"])

    def pending(self) -> str:
        """The honest state of the phone."""
        return f"{len(self.phone.queue)} unsent changes, {len(self.photos)} photos waiting"

    def upload_photos(self) -> list[str]:
        """Sends the originals; each is deleted on the phone only on the receipt. Returns the ids."""
        sent = []
        for photo_id, (visit, photo) in list(self.photos.items()):
            metadata = {
                "filename": "photo.jpg",
                "filetype": "image/jpeg",
                "media_id": photo_id,
                "visit_id": visit["id"],
                "sha256": photo.sha256,
                "captured_at": stamp(),
            }
            self.phone.upload(photo.data, metadata)
            del self.photos[photo_id]
            sent.append(photo_id)
        return sent
