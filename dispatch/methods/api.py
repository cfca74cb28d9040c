"""Endpoints of offers and the pool."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.http import Blueprint, Resource
from app.kernel.http.resources import choice, equals, one_of
from app.kernel.problems import STATE_CONFLICT
from app.work import access, commands
from app.work import queries as work
from app.work.models import Visit
from app.work.schemas.visits import VisitSchema
from app.work.statuses import UNPUBLISHED
from dispatch import saying, settings
from dispatch.assigning import RULE_BROKEN, hold_engineers, judge
from dispatch.engine.wording import LANGUAGES
from dispatch.methods import claiming, offering
from dispatch.methods.models import ANSWERS, Offer
from dispatch.methods.schemas import NewOfferSchema, OfferSchema, PoolSchema
from dispatch.recommending import question
from dispatch.saying import Voice

blueprint = Blueprint("offers", __name__, url_prefix="/api/v1", description="Offers with a timer, and work to claim")
Body = dict[str, Any]

OFFERS = Resource(
    path="offers",
    model=Offer,
    schema=OfferSchema,
    right="dispatch",
    noun="offer",
    filters={
        "visit_id": equals(Offer.visit_id),
        "engineer_id": equals(Offer.engineer_id),
        "answer": one_of(Offer.answer, choice(ANSWERS)),
    },
    scope=lambda actor, scope: Offer.visit_id.in_(select(Visit.id).where(access.visits_of(actor, scope))),
    verbs="lr",
)
OFFERS.register(blueprint)


def voice(tx: Tx) -> Voice:
    """The reader's language, and the organisation's hours."""
    return Voice(request.accept_languages.best_match(LANGUAGES, "en"), settings.zone(tx))


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/offers",
    right="dispatch.assign",
    status=201,
    summary="Offer a waiting visit, to one engineer or to one after the other",
    schema=OfferSchema,
    body=NewOfferSchema,
)
def make_offer(tx: Tx, body: Body, visit_id: UUID) -> Body:
    access.demand_visit(tx, tx.get(Visit, visit_id), "dispatch.assign")
    if body["engineer_id"]:
        hold_engineers(tx, [body["engineer_id"]])
    visit, _ = commands.lock_visit(tx, visit_id)
    if visit.status not in UNPUBLISHED or visit.engineer_id or visit.crew_id:
        raise STATE_CONFLICT(f"The visit is {visit.status} and waits for nobody.", status_now=visit.status)
    made = _asked(tx, visit_id, body) if body["engineer_id"] else offering.offer_next(tx, visit_id, body["method"])
    if made is None:
        raise STATE_CONFLICT("There is nobody left who could be asked.", status_now=visit.status)
    return OFFERS.one(tx, made.id)


def _asked(tx: Tx, visit_id: UUID, body: Body) -> Offer:
    """An offer to the engineer that the dispatcher has named; a broken rule is 409, as in assigning."""
    found, broken = judge(tx, question(tx, visit_id), body["engineer_id"], None)
    if found is None:
        told = [voice(tx).reason(one) for one in broken]
        raise RULE_BROKEN("; ".join(one["detail"] for one in told), reasons=told)
    start = saying.moment(found.start)
    return offering.offer(tx, visit_id, body["engineer_id"], body["method"], start, body["seconds"])


@blueprint.endpoint(
    "GET", "/dispatch/pool", right="visits.claim", summary="Open work that you may claim", schema=PoolSchema
)
def read_pool(tx: Tx) -> Body:
    return {"items": claiming.pool(tx)}


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/claim",
    right="visits.claim",
    summary="Take a visit of the pool; the first one gets it",
    schema=VisitSchema,
)
def claim(tx: Tx, visit_id: UUID) -> Body:
    claiming.claim(tx, visit_id, voice(tx))
    return rows.one(tx, work.visits(), Visit, visit_id)
