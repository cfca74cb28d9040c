"""Endpoints of the work room."""

from app.work.api import facts, jobs, priority, silence, visits

BLUEPRINTS = [jobs.blueprint, visits.blueprint, facts.blueprint, priority.blueprint, silence.blueprint]
