"""Alert rules: on what an alert is raised, how grave it is, when it keeps silent, and what it says.

Rules are data: those that ship with a theatre stand in its `alerts.yaml`, an operator's own in a file of the same form.
A mistake in either is told with its line before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from schemas.alert import Severity
from schemas.errors import RulesError
from schemas.record import Instant
from schemas.vocabulary import ChangeKind, EventType, Modality, PlacePrecision, Relation, Victims
from streams.theatres.rule_faults import faults
from streams.theatres.shapes import Geometry, Ring, read_geojson
from streams.theatres.theatre import Theatre
from streams.theatres.yaml_lines import Location, YamlFile

PATH = "alerts.yaml"
FIELDS = (
    "place", "governorate", "what", "who", "against", "killed", "wounded", "days", "sources", "outlets", "before",
    "now", "quote", "count", "dead", "usual", "area", "list", "severity",
)  # fmt: skip
"""What a text may name, as `$place` or `${place}`."""

Watched = Literal["events", "claims", "changes"]


def _known_fields(text: str) -> str:
    template = Template(text)
    if not template.is_valid():
        raise ValueError("a $ stands before no name; write $$ for the sign itself")
    if unknown := sorted(set(template.get_identifiers()) - set(FIELDS)):
        raise ValueError(f"${unknown[0]} is no field; the fields are {', '.join(FIELDS)}")
    return text


Text = Annotated[str, AfterValidator(_known_fields)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Near(_Part):
    """Within a distance of a point."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    km: float = Field(gt=0)


class Where(_Part):
    """Which places count; all of them if nothing is said. What is said must all hold.

    Near and inside are of places whose point is known: what is located only to a district or governorate is neither.
    """

    within: tuple[str, ...] = ()
    """Place ids: these places and what lies under them: neighbourhoods, sites, the towns of a governorate."""
    near: Near | None = None
    inside: str | Geometry | Ring | None = None
    """A GeoJSON file beside this one, a GeoJSON Polygon or MultiPolygon, or corners as [longitude, latitude]."""
    precision: tuple[PlacePrecision, ...] = ()
    """How exactly the place must be known; any if nothing is said."""


class When(_Part):
    """What a record must show; what is not said does not matter."""

    type: tuple[EventType, ...] = ()
    """Event types; on events only."""
    change: tuple[ChangeKind, ...] = ()
    """Kinds of change; on control changes only."""
    relation: tuple[Relation, ...] = ()
    """What is claimed; on claims only."""
    modality: tuple[Modality, ...] = ()
    """How reports stand behind it; on events and claims."""
    party: tuple[str, ...] = ()
    """Parties on either side."""
    by: tuple[str, ...] = ()
    """Parties that act, hold, gain or besiege."""
    against: tuple[str, ...] = ()
    """Parties that are acted upon, or that lose."""
    words: tuple[Annotated[str, Field(min_length=2)], ...] = ()
    """Words or phrases of which one begins a word of a sentence that it rests on, in any case: `hospital` finds
    `hospitals` too."""
    unless_in: tuple[Annotated[str, Field(min_length=2)], ...] = ()
    """Phrases in which those words do not count, such as `hospital source`."""
    min_killed: int = Field(default=0, ge=0)
    """Least number of dead that is certain: the lower end of the range."""
    min_wounded: int = Field(default=0, ge=0)
    """Least number of wounded that is certain."""
    victims: tuple[Victims, ...] = ()
    """Who the dead were."""
    min_confidence: float = Field(default=0, ge=0, le=1)
    min_root_sources: int = Field(default=0, ge=0)
    """Independent witnesses."""
    main: bool | None = None
    """Only what an article is there to report, or only background."""
    max_age_days: int | None = Field(default=None, ge=0)
    """Only what was first reported so many days after it happened at most; what has no day of its own is news."""


class Escalation(_Part):
    """A graver level of the same rule."""

    when: When = When()
    at_least: int | None = Field(default=None, ge=1)
    """Of a rule that counts: from so many on. Null if it does not matter."""
    severity: Severity


class Rise(_Part):
    """How far a count must stand out against the time before it."""

    times: float = Field(gt=1)
    """So many times the mean of the windows before; any count is a rise where there was nothing before."""
    over_days: int = Field(ge=1, le=3660)
    """Days before the window that are looked at."""


class Count(_Part):
    """A rule that fires on many records together, by their event time.

    Source:
        Level and rise as HDX Signals tells them; its silence until the level climbs is `cooldown_hours`.
    """

    of: Literal["records", "killed"] = "records"
    """What is counted: records, or the dead that are certain."""
    at_least: int = Field(ge=2)
    """The level."""
    days: int = Field(ge=1, le=366)
    """Length of the window; 24 hours are one day, as event time is no finer. What is dated less exactly is left out."""
    within_km: float | None = Field(default=None, gt=0)
    """Only what lies so near to one of them; null for all of the area."""
    rise: Rise | None = None


class Rule(_Part):
    """One rule."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    """Lower-case words joined by hyphens; part of every alert's id, so that renaming a rule makes new alerts."""
    about: str = ""
    """One sentence for people."""
    watch: Watched
    """Merged events, merged claims about who holds a place, or changes of control."""
    where: Where = Where()
    when: When = When()
    severity: Severity = "minor"
    escalate: tuple[Escalation, ...] = ()
    count: Count | None = None
    """Fire on many together; null to fire on each."""
    per: Literal["place", "district", "governorate", "all"] = "place"
    """Over what the rule counts, groups and cools down: a place, what it lies in, or all that the rule is about."""
    group_hours: float = Field(default=0, ge=0)
    """Known time after an alert's last news in which what else is found in the area joins it; none joins if zero."""
    cooldown_hours: float = Field(default=0, ge=0)
    """Known time after an alert in which the area hears no other one of this rule, nor that one's count grow, unless
    it is graver."""
    mute_until: Instant | None = None
    """Known time before which nothing is raised."""
    title: Text | None = None
    text: Text | None = None


class RuleFile(_Part):
    """A file of rules."""

    rules: tuple[Rule, ...] = ()


_SHAPE = TypeAdapter(RuleFile)
ReadFile = Callable[[str], bytes]
"""The bytes of a file that stands beside the rules. Raises OSError."""


def theatre_rules(theatre: Theatre) -> tuple[Rule, ...]:
    """The rules that ship with a theatre. Raises RulesError with a line for each mistake."""
    pack = theatre.pack
    if PATH not in pack.paths():
        return ()
    return _checked(theatre, pack.yaml_file(PATH, RulesError), lambda name: pack.text(name).encode())


def own_rules(theatre: Theatre, path: Path, content: bytes, read: ReadFile) -> tuple[Rule, ...]:
    """An operator's rules.

    Args:
        theatre: Theatre whose places and parties they name.
        path: Where they were read, for messages.
        content: The file's bytes.
        read: Reads the shapes that they name.

    Raises:
        RulesError: With a line for each mistake.
    """
    return _checked(theatre, YamlFile(str(path), content, RulesError), read)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a file of rules, for editors."""
    return _SHAPE.json_schema()


def _checked(theatre: Theatre, file: YamlFile, read: ReadFile) -> tuple[Rule, ...]:
    rules = file.shaped(_SHAPE).rules
    if found := faults(theatre, rules):
        file.refuse([file.fault(*fault) for fault in found])
    return tuple(
        _with_shape(rule, file, ("rules", number, "where", "inside"), read) for number, rule in enumerate(rules)
    )


def _with_shape(rule: Rule, file: YamlFile, location: Location, read: ReadFile) -> Rule:
    """The rule with the shape itself in the place of its file's name."""
    name = rule.where.inside
    if not isinstance(name, str):
        return rule
    try:
        raw = read(name)
    except OSError:
        file.refuse([file.fault(location, f"there is no readable file {name}")])
    return rule.model_copy(update={"where": rule.where.model_copy(update={"inside": read_geojson(name, raw)})})
