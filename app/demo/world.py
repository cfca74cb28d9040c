"""Pure: everything that stays from day to day, made from city, size and seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.catalogue import ACCESS_NOTES, KINDS, PARTS, SKILLS
from app.demo.chance import Chance
from app.demo.cities import City, find

SOURCE = "demo"
FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
ADDRESS = "demo.callout"
PASSWORD = "callout-demo"
OFFICE = ("admin", "manager", "dispatcher", "agent", "storekeeper", "auditor")
SECTORS = ("East 东区", "North 北区", "West 西区", "South 南区")

Place = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """How big, where, and which of all the possible ones. `plain` has the short sign-ins of the demo day."""

    city: City
    engineers: int
    jobs: int
    seed: int
    plain: bool = False

    @property
    def organisation(self) -> str:
        """The organisation's name; one city may have several."""
        return f"Callout {self.city.name}" + ("" if self.plain else f" {self.seed}")

    def email(self, name: str) -> str:
        """The address of one of the organisation's people; unique over all organisations."""
        return f"{name}@{ADDRESS}" if self.plain else f"{name}.{self.city.slug}-{self.seed}@{ADDRESS}"


@dataclass(frozen=True)
class Person:
    """Somebody with a sign-in."""

    id: UUID
    email: str
    name: str
    role: str
    chinese: bool


@dataclass(frozen=True)
class Technician:
    """An engineer with home, skills {code: (level, days until it expires)}, territories, van and working hours."""

    id: UUID
    user: Person
    phone: str
    home: Place
    skills: dict[str, tuple[int, int | None]]
    territories: tuple[UUID, ...]
    van_id: UUID
    starts: float
    hours: float


@dataclass(frozen=True)
class Area:
    """A territory: a closed ring of points."""

    id: UUID
    name: str
    ring: tuple[Place, ...]


@dataclass(frozen=True)
class Customer:
    """An account with its contact."""

    id: UUID
    number: str
    name: str
    tier: str
    chinese: bool
    contact_id: UUID
    contact: str
    phone: str
    email: str


@dataclass(frozen=True)
class Location:
    """A site with one asset, on which one kind of job is done."""

    id: UUID
    customer: Customer
    name: str
    address: str
    access_notes: str
    place: Place
    asset_id: UUID
    asset: str
    model: str
    serial: str
    age_days: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """The organisation and what it has. Ids by code: skills, parts, job types."""

    scale: Scale
    org_id: UUID
    office: dict[str, Person]
    areas: tuple[Area, ...]
    technicians: tuple[Technician, ...]
    customers: tuple[Customer, ...]
    sites: tuple[Location, ...]
    warehouse_id: UUID
    skills: dict[str, UUID]
    parts: dict[str, UUID]
    kinds: dict[str, UUID]


DEMO = Scale(find("Shanghai"), engineers=12, jobs=80, seed=7, plain=True)


def organisation_id(scale: Scale) -> UUID:
    """The id of the organisation in which days of this scale take place, however many jobs they have."""
    return Chance("organisation", scale.city.slug, scale.seed, scale.engineers, scale.plain).id(FOUNDED)


def local_date(scale: Scale, moment: datetime) -> date:
    """The date in the city at `moment`."""
    return moment.astimezone(ZoneInfo(scale.city.timezone)).date()


def external_id(scale: Scale, on: date, number: int) -> str:
    """By what a job of a day is known; the first one tells whether the day was written."""
    return f"{on}/{scale.jobs}/{number}"


def make(scale: Scale) -> World:
    """The same world for the same scale, down to the ids."""
    chance = Chance(scale.city.slug, scale.seed, scale.engineers, scale.plain)

    def new() -> UUID:
        return chance.id(FOUNDED)

    org_id, warehouse_id = organisation_id(scale), new()
    ids = [{code: new() for code in codes} for codes in (SKILLS, PARTS, [kind.code for kind in KINDS])]
    office = {role: _person(chance, scale, role, role) for role in OFFICE}
    areas = _areas(chance, scale.city)
    technicians = tuple(_technician(chance, scale, number, areas) for number in range(1, scale.engineers + 1))
    # More work finds more customers; the first ones are the same at every size.
    people = Chance(scale.city.slug, scale.seed, "customers")
    customers = tuple(_customer(people, scale, number) for number in range(1, max(10, scale.jobs * 3 // 10) + 1))
    sites = tuple(_site(people, scale, customers) for _ in range(max(20, scale.jobs * 3 // 4)))
    return World(scale, org_id, office, areas, technicians, customers, sites, warehouse_id, *ids)


def _person(chance: Chance, scale: Scale, login: str, role: str) -> Person:
    chinese = chance.random() < scale.city.chinese
    return Person(chance.id(FOUNDED), scale.email(login), chance.faker(chinese).name(), role, chinese)


def _areas(chance: Chance, city: City) -> tuple[Area, ...]:
    """A round centre over four quarters; where they overlap the smaller one counts."""

    def arc(radius: float, start: float, degrees: float, steps: int) -> list[Place]:
        angles = [math.radians(start + degrees * step / steps) for step in range(steps + 1)]
        return [city.place(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]

    core = arc(city.radius_km * 0.35, 0, 360, 32)
    found = [Area(chance.id(FOUNDED), "Centre 中心", (*core[:-1], core[0]))]
    for index, name in enumerate(SECTORS):
        ring = [city.place(0, 0), *arc(city.radius_km * 1.25, index * 90 - 45, 90, 16), city.place(0, 0)]
        found.append(Area(chance.id(FOUNDED), name, tuple(ring)))
    return tuple(found)


def _technician(chance: Chance, scale: Scale, number: int, areas: tuple[Area, ...]) -> Technician:
    """Skills go round, so that every kind of job has somebody; the home lies in the own quarter."""
    user = _person(chance, scale, f"engineer{number}", "engineer")
    codes = list(SKILLS)
    first = (number - 1) % len(codes)
    own = {codes[first], codes[(first + 1) % len(codes)], chance.choice(codes), chance.choice(codes)}
    levels = {
        code: (5 if code == codes[first] else chance.choice((2, 3, 3, 4)), chance.choice((None, None, 200, 400)))
        for code in codes
        if code in own
    }
    quarter = (number - 1) % len(SECTORS)
    angle, radius = math.radians(quarter * 90 + chance.uniform(-35, 35)), scale.city.radius_km * chance.uniform(0.4, 1)
    home = scale.city.place(radius * math.cos(angle), radius * math.sin(angle))
    served = (areas[0].id, areas[1 + quarter].id, areas[1 + (quarter + 1) % len(SECTORS)].id)
    phone = chance.faker(user.chinese).phone_number()
    starts = chance.choice((7.5, 8, 8, 8.5, 9))
    return Technician(chance.id(FOUNDED), user, phone, home, levels, served, chance.id(FOUNDED), starts, 9)


def _customer(chance: Chance, scale: Scale, number: int) -> Customer:
    chinese = chance.random() < scale.city.chinese
    faker = chance.faker(chinese)
    tier = chance.choices(("standard", "silver", "gold", "platinum"), (6, 3, 2, 1))[0]
    return Customer(
        chance.id(FOUNDED), f"A-{number:04d}", faker.company(), tier, chinese,
        chance.id(FOUNDED), faker.name(), faker.phone_number(), f"contact{number}@example.org",
    )  # fmt: skip


def _site(chance: Chance, scale: Scale, customers: tuple[Customer, ...]) -> Location:
    """Denser towards the centre; the asset decides what kinds of jobs come up."""
    customer = chance.choice(customers)
    chinese = scale.city.streets == "zh"
    radius = scale.city.radius_km * min(1.0, abs(chance.gauss(0, 0.5)))
    angle = chance.uniform(0, 2 * math.pi)
    kind = chance.choices(KINDS, [kind.weight for kind in KINDS])[0]
    asset, model = chance.choice(kind.assets)
    street = chance.faker(chinese).street_address().replace("\n", ", ")
    return Location(
        chance.id(FOUNDED), customer, f"{customer.name} · {street}", f"{scale.city.name}, {street}",
        chance.choice(ACCESS_NOTES)[customer.chinese],
        scale.city.place(radius * math.cos(angle), radius * math.sin(angle)),
        chance.id(FOUNDED), asset, model, f"SN{chance.randrange(10**8):08d}", chance.randrange(100, 4_000),
        tuple(other.code for other in KINDS if asset in {name for name, _ in other.assets}),
    )  # fmt: skip


def founded_on(age_days: int) -> datetime:
    """The day an asset of this age was installed."""
    return FOUNDED - timedelta(days=age_days)
