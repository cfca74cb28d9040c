"""Writes what stays: the organisation, its people, places and stock. What is there already is left as it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.demo.catalogue import KINDS, PARTS, SKILLS, Kind
from app.demo.chance import Chance
from app.demo.day import LUNCH, Hours, at
from app.demo.world import PASSWORD, Person, Place, Technician, World, founded_on
from app.kernel import audit
from app.kernel.db import Base, Tx
from app.kernel.http.schemas import point_wkt
from app.people import credentials
from app.people.commands import create_organisation
from app.people.models import Engineer, EngineerSkill, Organisation, Shift, Skill, User
from app.places.models import Account, Asset, Contact, EngineerTerritory, Site, Territory
from app.stock.models import Part, StockLocation, StockMove
from app.work.models import JobType

OPENING_STOCK = 40
VAN_STOCK = 10
SHIFTS_BACK, SHIFTS_AHEAD = 4, 7


def found(tx: Tx, world: World, on: date) -> bool:
    """Makes the organisation, or completes it for a bigger scale. True when it was not there before."""
    fresh = tx.session.scalar(select(Organisation.id)) is None
    if fresh:
        city = world.scale.city
        create_organisation(tx, name=world.scale.organisation, timezone=city.timezone, currency=city.currency)
        _people(tx, world)
        _stock(tx, world)
        _job_types(tx, world)
    _customers(tx, world)
    if fresh:
        audit.record(tx, "demo.founded", "organisation", world.org_id, {"seed": world.scale.seed})
    shifts(tx, world, on)
    return fresh


def _add(tx: Tx, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.session.execute(insert(model).on_conflict_do_nothing(), rows)


def _wkt(place: Place) -> str:
    return point_wkt(*place)


def _people(tx: Tx, world: World) -> None:
    secret = credentials.hash_password(PASSWORD)
    everybody = [*world.office.values(), *(t.user for t in world.technicians)]
    _add(tx, User, [_user(person, secret) for person in everybody])
    _add(tx, Skill, [{"id": world.skills[code], "code": code, "name": name} for code, name in SKILLS.items()])
    areas = [{"id": a.id, "name": a.name, "area": _polygon(a.ring), "timezone": None} for a in world.areas]
    _add(tx, Territory, areas)
    _add(tx, Engineer, [_engineer(technician) for technician in world.technicians])
    held = [
        {"engineer_id": t.id, "skill_id": world.skills[code], "level": level, "expires_on": _expiry(days)}
        for t in world.technicians
        for code, (level, days) in t.skills.items()
    ]
    _add(tx, EngineerSkill, held)
    served = [{"engineer_id": t.id, "territory_id": area} for t in world.technicians for area in t.territories]
    _add(tx, EngineerTerritory, served)


def _user(person: Person, secret: str) -> dict[str, Any]:
    locale = "zh-CN" if person.chinese else "en"
    base = {"id": person.id, "email": person.email, "name": person.name, "role": person.role}
    return {**base, "locale": locale, "password_hash": secret}


def _engineer(technician: Technician) -> dict[str, Any]:
    return {
        "id": technician.id,
        "user_id": technician.user.id,
        "name": technician.user.name,
        "phone": technician.phone,
        "home": _wkt(technician.home),
        "max_jobs_per_day": 8,
        "overtime_limit_s": 3_600,
        "consent_tracking": True,
    }


def _expiry(days: int | None) -> date | None:
    return founded_on(0).date() + timedelta(days=730 + days) if days is not None else None


def _polygon(ring: tuple[Place, ...]) -> str:
    return f"SRID=4326;POLYGON(({', '.join(f'{lon!r} {lat!r}' for lon, lat in ring)}))"


def shifts(tx: Tx, world: World, on: date) -> None:
    """Shifts with lunch for some days back and a week ahead; days that have one keep it."""
    days = [on + timedelta(days=offset) for offset in range(-SHIFTS_BACK, SHIFTS_AHEAD + 1)]
    _add(tx, Shift, [_shift(world, technician, day) for technician in world.technicians for day in days])


def _shift(world: World, technician: Technician, on: date) -> dict[str, Any]:
    starts_at = at(world, on, technician.starts)
    window = [datetime.combine(on, moment, starts_at.tzinfo) for moment in LUNCH[:2]]
    lunch = {"window_start": window[0].isoformat(), "window_end": window[1].isoformat()}
    return {
        "id": Chance(technician.id, on).id(starts_at),
        "engineer_id": technician.id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=technician.hours),
        "breaks": [{**lunch, "duration_s": int(LUNCH[2].total_seconds())}],
    }


def evening_shifts(tx: Tx, world: World, on: date, hours: Hours) -> None:
    """Everybody is there in the evening, too."""
    starts_at = at(world, on, hours.starts or 0)
    row = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours.lasts), "breaks": []}
    known = [(Chance(t.id, on, "evening").id(starts_at), t.id) for t in world.technicians]
    _add(tx, Shift, [{**row, "id": shift_id, "engineer_id": engineer_id} for shift_id, engineer_id in known])


def _stock(tx: Tx, world: World) -> None:
    currency = world.scale.city.currency
    parts = [
        {"id": world.parts[number], "number": number, "name": one.name, "unit": one.unit,
         "price_amount": one.price, "price_currency": currency}
        for number, one in PARTS.items()
    ]  # fmt: skip
    _add(tx, Part, parts)
    vans = [
        {"id": t.van_id, "kind": "van", "name": f"Van {n:02d} · {t.user.name}", "engineer_id": t.id}
        for n, t in enumerate(world.technicians, 1)
    ]
    store = {"id": world.warehouse_id, "kind": "warehouse", "name": "Main store 总仓", "engineer_id": None}
    _add(tx, StockLocation, [store, *vans])
    chance = Chance(world.org_id, "stock")
    opening = {"kind": "receive", "to_location_id": world.warehouse_id, "from_location_id": None}
    loading = {"kind": "transfer", "from_location_id": world.warehouse_id}
    moves = [
        {**opening, "part_id": part, "quantity": OPENING_STOCK + VAN_STOCK * len(vans)} for part in world.parts.values()
    ]
    for technician in world.technicians:
        wanted = sorted(
            {number for kind in KINDS if set(kind.skills) <= set(technician.skills) for number in kind.parts}
        )
        load = {**loading, "to_location_id": technician.van_id, "quantity": VAN_STOCK}
        moves += [{**load, "part_id": world.parts[number]} for number in wanted]
    reason = {"reason": "Opening stock"}
    _add(tx, StockMove, [{**move, **reason, "id": chance.id(founded_on(0))} for move in moves])


def _job_types(tx: Tx, world: World) -> None:
    _add(tx, JobType, [_job_type(world, kind) for kind in KINDS])


def _job_type(world: World, kind: Kind) -> dict[str, Any]:
    checks = [_check(*check) for check in kind.checks]
    if kind.photos:
        checks.append(_check("photo", "Photo of the finished work", "完工照片", "photo"))
    return {
        "id": world.kinds[kind.code],
        "code": kind.code,
        "name": kind.name,
        "duration_s": kind.minutes * 60,
        "required_skills": [{"skill_id": str(world.skills[c]), "level": level} for c, level in kind.skills.items()],
        "checklist": checks,
        "parts": [{"part_id": str(world.parts[kind.parts[0]]), "quantity": "1"}],
        "requires_signature": kind.signature,
        "required_photos": kind.photos,
    }


def _check(key: str, en: str, zh: str, kind: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """One point; safety is asked before work begins."""
    status = "working" if key == "safe" else "completed"
    base = {"key": key, "label": {"en": en, "zh": zh}, "kind": kind, "required": True}
    return {**base, "at_status": status, "options": list(options)}


def _customers(tx: Tx, world: World) -> None:
    accounts = [{"id": c.id, "name": c.name, "number": c.number, "tier": c.tier} for c in world.customers]
    _add(tx, Account, accounts)
    contacts = [
        {"id": c.contact_id, "account_id": c.id, "name": c.contact, "phone": c.phone, "email": c.email,
         "locale": "zh-CN" if c.chinese else "en"}
        for c in world.customers
    ]  # fmt: skip
    _add(tx, Contact, contacts)
    sites = [
        {"id": s.id, "account_id": s.customer.id, "name": s.name, "address": s.address,
         "access_notes": s.access_notes or None, "location": _wkt(s.place), "timezone": None}
        for s in world.sites
    ]  # fmt: skip
    _add(tx, Site, sites)
    inside = func.territory_at(Site.location)
    tx.session.execute(update(Site).where(Site.territory_id.is_(None)).values(territory_id=inside))
    assets = [
        {"id": s.asset_id, "site_id": s.id, "name": s.asset, "model": s.model, "serial": s.serial,
         "installed_on": founded_on(s.age_days).date(), "warranty_until": founded_on(s.age_days - 730).date()}
        for s in world.sites
    ]  # fmt: skip
    _add(tx, Asset, assets)
