"""Rules as people write them: what is wrong is told with its file and line, and editors can complete them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from schemas.errors import RulesError
from streams.theatres.alert_rules import Rule, json_schema, own_rules, theatre_rules
from streams.theatres.theatre import load_theatre

RULES = """\
rules:
  - name: deadly
    watch: events
    where: {near: {lat: 35.9, lon: 36.6, km: 80}}
    when:
      type: [air_strike]
      min_killed: 10
    escalate: [{when: {min_killed: 50}, severity: critical}]
    title: "$killed dead in $place"
  - name: taken
    watch: changes
    when: {change: [captured], party: [islamic-state]}
"""


def read(text: str, folder: Path = Path(".")) -> tuple[Rule, ...]:
    return own_rules(load_theatre(), Path("mine.yaml"), text.encode(), lambda name: (folder / name).read_bytes())


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("min_killed: 10", "min_killed: many", 7, "min_killed"),
        ("$killed", "$dead_ones", 9, "is no field"),
        ("watch: events", "watch: changes", 6, "type is of events; this rule watches changes"),
        ("watch: changes", "watch: events", 12, "change is of changes"),
        ("islamic-state", "marsians", 12, "there is no party 'marsians'"),
        ("{near: {lat: 35.9, lon: 36.6, km: 80}}", "{within: [x:1]}", 4, "there is no place 'x:1'"),
        ("{near: {lat: 35.9, lon: 36.6, km: 80}}", "{inside: nowhere.geojson}", 4, "no readable file nowhere.geojson"),
        ("severity: critical", "at_least: 9, severity: critical", 8, "this one has no count"),
        ("    title:", "    count: {at_least: 5, days: 1, within_km: 9}\n    title:", 9, "within_km is of several"),
        ("name: taken", "name: deadly", 10, "two rules are called 'deadly'"),
        ("watch: changes", "wacht: changes", 11, "is not known here"),
        ("watch: changes", "watch: changes\n    watch: events", 12, "watch stands here twice"),
        ("[air_strike]", "air_strike", 6, "should be a list"),
        ("severity: critical", "severity: minor", 8, "no graver than the rule's own"),
        ("min_killed: 10", "unless_in: [hospital source]", 7, "there are none"),
        ("    title:", "    mute_until: 2017-13-45T00:00:00Z\n    title:", 9, "month must be in 1..12"),
        ("islamic-state", "islamic\0state", 12, "a character that YAML does not allow"),
        ("rules:", "rules: [", 2, "is no YAML"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(before: str, after: str, line: int, says: str) -> None:
    with pytest.raises(RulesError) as told:
        read(RULES.replace(before, after, 1))
    assert f"mine.yaml:{line}: " in str(told.value)
    assert says in str(told.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(RulesError) as told:
        read(RULES.replace("islamic-state", "x").replace("near: {lat: 35.9, lon: 36.6, km: 80}", "within: [x:1, x:2]"))
    assert len(str(told.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is no JSON"),
        ('{"type": "Point", "coordinates": [1, 2]}', "holds no Polygon"),
        ('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}', "coordinates"),
    ],
)
def test_a_shape_that_is_none_is_refused_with_its_file(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "area.geojson").write_text(content)
    with pytest.raises(RulesError, match=says) as told:
        read("rules: [{name: r, watch: events, where: {inside: area.geojson}}]", tmp_path)
    assert "area.geojson" in str(told.value)


def test_the_json_schema_takes_what_is_read_and_nothing_else() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    good = json.loads(json.dumps(yaml.safe_load(RULES)))
    validator.validate(good)
    good["rules"][0]["colour"] = "red"
    assert not validator.is_valid(good)


def test_the_rules_of_the_pack_fit_the_json_schema() -> None:
    pack = load_theatre().pack
    jsonschema.validate(json.loads(json.dumps(pack.yaml("alerts.yaml"))), json_schema())
    assert theatre_rules(load_theatre())
