"""Endpoints of the work room."""

from app.work.api import facts, history, jobs, priority, silence, visits

BLUEPRINTS = [
    jobs.blueprint,
    visits.blueprint,
    facts.blueprint,
    priority.blueprint,
    silence.blueprint,
    history.blueprint,
]
