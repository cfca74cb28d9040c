"""Wire shapes of dispatch."""

from __future__ import annotations

from typing import Any

from flask import Request
from marshmallow import ValidationError, fields, validate, validates_schema
from webargs.fields import DelimitedList

from app.kernel.http import Day, GeoJSON, Moment, RowSchema, Schema
from app.kernel.http.reading import body_bytes, read_json
from app.kernel.http.schemas import text
from dispatch.models import LOCKS, MOST_DAYS, PLAN_STATUSES, WISHES
from dispatch.settings import DEFAULTS
from dispatch.watching.models import KINDS

MANY = validate.Length(1, 2_000)


def _ids(**kwargs: Any) -> fields.List[Any]:
    return fields.List(fields.UUID(), validate=MANY, load_default=None, allow_none=True, **kwargs)


class ImaginedJobSchema(Schema):
    """A job that does not exist yet."""

    job_type_id = fields.UUID(required=True)
    site_id = fields.UUID(required=True)
    priority = fields.Integer(strict=True, validate=validate.Range(1, 4))
    duration_s = fields.Integer(strict=True, validate=validate.Range(60, 604_800))
    window_start = Moment(allow_none=True)
    window_end = Moment(allow_none=True)
    earliest_start = Moment(allow_none=True)
    due_at = Moment(allow_none=True)

    @validates_schema
    def window_runs_forward(self, data: dict[str, Any], **_: Any) -> None:
        start, end = data.get("window_start"), data.get("window_end")
        if start and end and end <= start:
            raise ValidationError("The window ends after it starts.", "window_end")


class QuestionSchema(Schema):
    """One visit, or a job that does not exist yet."""

    visit_id = fields.UUID()
    job = fields.Nested(ImaginedJobSchema)
    limit = fields.Integer(strict=True, load_default=5, validate=validate.Range(1, 50))

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("visit_id" in data) == ("job" in data):
            raise ValidationError("Either visit_id or job.", "visit_id")


class RuleReasonSchema(Schema):
    """A hard rule that says no. Of those marked `any_of`, lifting one is enough."""

    rule = fields.String(metadata={"example": "skill"})
    numbers = fields.Dict()
    any_of = fields.Boolean()
    detail = fields.String(metadata={"example": "certificate F-gas expired 2026-11-01"})


class TermSchema(Schema):
    """One soft wish and its points; negative is a cost."""

    name = fields.String(metadata={"example": "travel"})
    points = fields.Float()
    detail = fields.String(metadata={"example": "+12 min travel"})


class DelaySchema(Schema):
    """A planned visit that begins later."""

    visit_id = fields.String()
    delay_s = fields.Integer()
    late_s = fields.Integer(metadata={"description": "Seconds past the deadline."})


class CandidateSchema(Schema):
    """An engineer who can go."""

    engineer_id = fields.UUID()
    engineer_name = fields.String(allow_none=True)
    shift_id = fields.UUID()
    score = fields.Float()
    eta = Moment()
    start = Moment()
    end = Moment()
    added_travel_s = fields.Integer()
    added_travel_m = fields.Integer()
    terms = fields.List(fields.Nested(TermSchema))
    delays = fields.List(fields.Nested(DelaySchema))


class RejectedSchema(Schema):
    """An engineer who cannot go, with every reason."""

    engineer_id = fields.UUID()
    engineer_name = fields.String(allow_none=True)
    reasons = fields.List(fields.Nested(RuleReasonSchema))


class CountSchema(Schema):
    """For how many engineers a rule says no."""

    rule = fields.String(metadata={"example": "skill"})
    count = fields.Integer()
    detail = fields.String(metadata={"example": "12 without the skill Gas"})


class RecommendationSchema(Schema):
    """Candidates, best first; `source` says who measured the travel."""

    candidates = fields.List(fields.Nested(CandidateSchema))
    rejected = fields.List(
        fields.Nested(RejectedSchema), metadata={"description": "The nearest who cannot, with every reason."}
    )
    summary = fields.List(
        fields.Nested(CountSchema),
        metadata={"description": "All who cannot, most first: each counts once, for what is first in the way."},
    )
    source = fields.String()


class AssignSchema(Schema):
    """Who, and when (default: the best moment). `force` breaks rules and needs a reason."""

    engineer_id = fields.UUID(required=True)
    start = Moment(load_default=None, allow_none=True)
    force = fields.Boolean(load_default=False)
    reason = text(2_000, load_default=None, allow_none=True)
    preview = fields.Boolean(
        load_default=False, metadata={"description": "Change nothing: tell what would be, and which rules break."}
    )


class UnassignSchema(Schema):
    """Why the visit is taken back."""

    reason = text(2_000, load_default=None, allow_none=True)


class AssignedSchema(RowSchema):
    """The visit after assigning, with what the dispatcher should know."""

    job_id = fields.UUID()
    territory_id = fields.UUID(allow_none=True)
    engineer_id = fields.UUID(allow_none=True)
    crew_id = fields.UUID(allow_none=True)
    status = fields.String()
    window_start = Moment(allow_none=True)
    window_end = Moment(allow_none=True)
    planned_start = Moment(allow_none=True)
    planned_end = Moment(allow_none=True)
    sequence = fields.Integer(allow_none=True)
    duration_s = fields.Integer()
    pinned = fields.Boolean()
    instructions = fields.String()
    follow_up_of = fields.UUID(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    abort_asked_at = Moment(allow_none=True)
    abort_reason = fields.String(allow_none=True)
    offer_expires_at = Moment(allow_none=True)
    dispatch_method = fields.String(allow_none=True)
    job_number = fields.String()
    summary = fields.String()
    priority = fields.Integer()
    score = fields.Float(allow_none=True)
    site_id = fields.UUID()
    site_name = fields.String()
    location = GeoJSON("Point", allow_none=True)
    warnings = fields.List(fields.Dict())
    broken = fields.Boolean(metadata={"description": "Only of a preview: whether it would need `force`."})


class LegSchema(Schema):
    """The drive to a visit from the one before it (null: from home)."""

    engineer_id = fields.UUID()
    visit_id = fields.UUID()
    from_visit_id = fields.UUID(allow_none=True)
    travel_s = fields.Integer()
    travel_m = fields.Integer()


class LegsSchema(Schema):
    """The drives of a day; `source` says who measured them."""

    legs = fields.List(fields.Nested(LegSchema))
    source = fields.String()


class DayQuery(Schema):
    """The organisation's local day, and whose: without engineers everybody's."""

    date = Day(required=True)
    engineer_id = DelimitedList(fields.UUID())


class NewDayPlanSchema(Schema):
    """What to plan. Without lists: everybody who works that day, and everything that waits."""

    date = Day(metadata={"description": "The organisation's local day; today when absent."})
    days = fields.Integer(
        strict=True,
        load_default=1,
        validate=validate.Range(1, MOST_DAYS),
        metadata={"description": "How many local days from `date` on, the most urgent work on the first."},
    )
    territory_ids = _ids()
    engineer_ids = _ids()
    visit_ids = _ids()
    lock = fields.String(
        load_default="dispatched",
        validate=validate.OneOf(LOCKS),
        metadata={"description": "Which visits stand still."},
    )
    stability = fields.Float(
        load_default=0.5,
        validate=validate.Range(0, 1),
        metadata={"description": "0: move freely. 1: move next to nothing."},
    )
    time_limit_s = fields.Integer(strict=True, load_default=10, validate=validate.Range(1, 300))


class CauseSchema(Schema):
    """What a plan was proposed because of: the kind of an alert, and whom or what it is about."""

    kind = fields.String(metadata={"enum": [*KINDS]})
    engineer_id = fields.UUID(allow_none=True)
    engineer_name = fields.String(allow_none=True)
    visit_id = fields.UUID(allow_none=True)
    job_number = fields.String(allow_none=True)


class DayPlanSchema(RowSchema):
    """A proposal for one day, or for several from `date` on."""

    date = fields.Date()
    days = fields.Integer()
    status = fields.String(metadata={"enum": [*PLAN_STATUSES]})
    progress = fields.Float()
    message = fields.String(allow_none=True)
    territory_ids = fields.List(fields.UUID(), allow_none=True)
    engineer_ids = fields.List(fields.UUID(), allow_none=True)
    visit_ids = fields.List(fields.UUID(), allow_none=True)
    lock = fields.String()
    stability = fields.Float()
    time_limit_s = fields.Integer()
    created_by = fields.UUID(allow_none=True, metadata={"description": "Null: it was proposed (`because`)."})
    created_by_name = fields.String(allow_none=True)
    because = fields.List(fields.Nested(CauseSchema))
    task_id = fields.UUID(allow_none=True)
    stop_asked_at = Moment(allow_none=True)
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
    applied_at = Moment(allow_none=True)
    source = fields.String(allow_none=True, metadata={"description": "Who measured the travel."})


class FullDayPlanSchema(DayPlanSchema):
    """A proposal with its routes. They are null until it is made."""

    routes = fields.List(fields.Dict(), allow_none=True)
    unassigned = fields.List(fields.Dict(), allow_none=True)
    totals = fields.Dict(allow_none=True)
    before = fields.Dict(allow_none=True, metadata={"description": "Figures of the plan as it was, beside `totals`."})
    elsewhere = fields.Dict(
        allow_none=True,
        metadata={
            "description": "Waiting visits that belong to other days: `count`, and the next of them in `visits`, each "
            "with `when` (`later`, `earlier`; `gone`: its window is over) and `at`."
        },
    )
    difference = fields.List(fields.Dict(), allow_none=True)
    visits = fields.Dict(
        allow_none=True,
        metadata={
            "description": "What the visits of all these lists are: number, summary and priority of the job, site, "
            "status, window."
        },
    )
    method = fields.String(allow_none=True)
    rounds = fields.List(fields.Integer(), allow_none=True, metadata={"description": "Rounds planned and done"})
    notes = fields.List(fields.String(), allow_none=True)
    applied = fields.List(fields.UUID(), metadata={"description": "Engineers whose routes have been applied."})


class ApplySchema(Schema):
    """Which routes (default: all), and whether the phones get them at once."""

    engineer_ids = _ids()
    publish = fields.Boolean(load_default=True)


class UndoSchema(Schema):
    """Which routes (default: all that are applied). The body may be left out."""

    engineer_ids = _ids()

    @staticmethod
    def read_body(request: Request) -> Any:
        """The body; an empty one where nothing was sent."""
        return read_json(request) if request.mimetype or body_bytes(request) else {}


class ChangeSchema(Schema):
    """One thing that might happen. `delay` needs visit_id and seconds, `cancel` and `insert` visit_id, `absence`
    engineer_id."""

    kind = fields.String(required=True, validate=validate.OneOf(["delay", "cancel", "insert", "absence"]))
    visit_id = fields.UUID()
    engineer_id = fields.UUID()
    seconds = fields.Integer(strict=True, validate=validate.Range(1, 86_400))

    @validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        needs = {"delay": ("visit_id", "seconds"), "absence": ("engineer_id",)}.get(data.get("kind", ""), ("visit_id",))
        for name in needs:
            if name not in data:
                raise ValidationError("This kind of change needs it.", name)


class WhatIfSchema(Schema):
    """Changes, taken in this order; urgent visits come last."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True, validate=validate.Length(1, 20))


class EffectSchema(Schema):
    """A visit that would begin later."""

    visit_id = fields.UUID()
    engineer_id = fields.UUID()
    start = Moment()
    delay_s = fields.Integer()
    window_missed_s = fields.Integer()
    late_s = fields.Integer()


class PlacedSchema(Schema):
    """Where an urgent visit would go; without a candidate, why nowhere."""

    visit_id = fields.UUID()
    candidate = fields.Nested(CandidateSchema, allow_none=True)
    rejected = fields.List(fields.Nested(RejectedSchema))


class ConsequencesSchema(Schema):
    """What would happen. Nothing is changed."""

    delays = fields.List(fields.Nested(EffectSchema))
    deadlines_at_risk = fields.List(fields.Nested(EffectSchema))
    unassigned = fields.List(fields.UUID())
    placed = fields.List(fields.Nested(PlacedSchema))


WeightsSchema = Schema.from_dict(
    {name: fields.Float(validate=validate.Range(0, 1e6)) for name in DEFAULTS}, name="WeightsSchema"
)


def _no_haste(seconds: int) -> None:
    if 0 < seconds < 60:
        raise ValidationError("At least 60 seconds to answer, or 0 for assigning without asking.")


class SettingsSchema(Schema):
    """How the organisation weighs its wishes, in points; one point is about a minute of driving."""

    weights = fields.Nested(WeightsSchema)
    max_travel_s = fields.Integer(strict=True, allow_none=True, validate=validate.Range(60, 86_400))
    require_parts = fields.Boolean(metadata={"description": "A van without the parts is not sent."})
    slack_percent = fields.Integer(
        strict=True,
        validate=validate.Range(0, 50),
        metadata={"description": "Share of each shift after today that plans keep free, at its end, for urgent work."},
    )
    offer_s = fields.Integer(
        strict=True,
        validate=[validate.Range(0, 86_400), _no_haste],
        metadata={"description": "Time to answer an offer: 60 or more; 0: assigned without asking."},
    )


class WishSchema(Schema):
    """What a customer wishes about one engineer."""

    engineer_id = fields.UUID(required=True)
    wish = fields.String(required=True, validate=validate.OneOf(WISHES))
    reason = text(500, allow_none=True, load_default=None)


class WishesSchema(Schema):
    """All that a customer wishes about engineers. With `required` ones nobody else may come."""

    engineers = fields.List(fields.Nested(WishSchema), required=True, validate=validate.Length(0, 200))
