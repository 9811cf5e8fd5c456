"""Two hundred alert rules as organisations write them: every kind of condition, over every governorate."""

from __future__ import annotations

from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import orjson

from streams.theatres.alert_rules import Rule, own_rules
from streams.theatres.theatre import Theatre

RULES = 200

_CONDITIONS: tuple[dict[str, Any], ...] = (
    {"watch": "events", "when": {"type": ["air_strike", "shelling"], "min_killed": 5, "max_age_days": 14}},
    {"watch": "events", "when": {"type": ["suicide_bomb", "explosion"], "min_root_sources": 2}},
    {"watch": "events", "when": {"against": ["civilians"], "min_killed": 10}, "cooldown_hours": 24},
    {"watch": "events", "when": {"words": ["hospital", "school", "market"], "unless_in": ["hospital source"]}},
    {"watch": "events", "count": {"at_least": 5, "days": 1}, "per": "governorate"},
    {"watch": "events", "count": {"at_least": 8, "days": 7, "rise": {"times": 2, "over_days": 90}}, "per": "all"},
    {"watch": "events", "when": {"party": ["islamic-state"], "min_confidence": 0.6}, "group_hours": 12},
    {"watch": "claims", "when": {"relation": ["captured", "lost"], "modality": ["claimed"]}},
    {"watch": "changes", "when": {"change": ["captured", "lost", "transferred"]}},
    {"watch": "changes", "when": {"change": ["besieged", "relieved"]}},
)


def two_hundred(theatre: Theatre) -> tuple[Rule, ...]:
    """The rules: half of them of governorates, the others of circles around their towns."""
    areas = [site for site in theatre.gazetteer if site.place_id.startswith("admin1:")]
    wheres: list[dict[str, Any]] = [{"within": [site.place_id]} for site in areas]
    wheres += [{"near": {"lat": site.lat, "lon": site.lon, "km": 40}} for site in areas]
    combined = islice(cycle(product(wheres, _CONDITIONS)), RULES)
    rules = [{"name": f"rule-{at}", "where": where, **condition} for at, (where, condition) in enumerate(combined)]
    return own_rules(theatre, Path("bench.yaml"), orjson.dumps({"rules": rules}), lambda name: b"")
