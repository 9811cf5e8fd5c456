"""The closed word lists of the contract, with one sentence on each word."""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    """What kind of act an event is."""

    AIR_STRIKE = "air_strike"
    SHELLING = "shelling"
    SUICIDE_BOMB = "suicide_bomb"
    EXPLOSION = "explosion"
    CHEMICAL_ATTACK = "chemical_attack"
    ARMED_CLASH = "armed_clash"
    TERRITORY_CAPTURED = "territory_captured"
    TERRITORY_TRANSFERRED = "territory_transferred"
    SIEGE = "siege"
    ATTACK_ON_CIVILIANS = "attack_on_civilians"
    ABDUCTION = "abduction"
    AGREEMENT = "agreement"
    DISPLACEMENT = "displacement"
    PROPERTY_DESTRUCTION = "property_destruction"
    ARREST = "arrest"
    PROTEST = "protest"


class Relation(StrEnum):
    """What a claim says of an actor and a place."""

    HOLDS = "holds"
    CAPTURED = "captured"
    LOST = "lost"
    CONTESTS = "contests"
    BESIEGES = "besieges"
    ADVANCES = "advances"
    ENTERED = "entered"
    WITHDREW = "withdrew"


class Scope(StrEnum):
    """How much of the place a claim speaks of."""

    WHOLE = "whole"
    PART = "part"
    SURROUNDINGS = "surroundings"


class Modality(StrEnum):
    """How a report stands behind what it says."""

    REPORTED = "reported"
    CLAIMED = "claimed"
    DENIED = "denied"


class MentionKind(StrEnum):
    """Which of the two things a mention is."""

    EVENT = "event"
    CLAIM = "claim"


class PlacePrecision(StrEnum):
    """How exactly a place is known."""

    EXACT = "exact"
    TOWN = "town"
    DISTRICT = "district"
    GOVERNORATE = "governorate"
    COUNTRY = "country"


class DatePrecision(StrEnum):
    """How exactly a time was stated."""

    DAY = "day"
    RANGE = "range"
    MONTH = "month"
    YEAR = "year"


class Victims(StrEnum):
    """Who the people of a toll were."""

    CIVILIANS = "civilians"
    COMBATANTS = "combatants"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class RevisionKind(StrEnum):
    """What a revision of a merged record does."""

    NEW = "new"
    REVISE = "revise"
    MERGE = "merge"
    SPLIT = "split"
    RETRACT = "retract"


class ControlStatus(StrEnum):
    """How a town is held."""

    HELD = "held"
    DIVIDED = "divided"
    CONTESTED = "contested"
    UNKNOWN = "unknown"


class ChangeKind(StrEnum):
    """What changed in a town's control."""

    CAPTURED = "captured"
    LOST = "lost"
    TRANSFERRED = "transferred"
    CONTESTED = "contested"
    DIVIDED = "divided"
    BESIEGED = "besieged"
    RELIEVED = "relieved"
    CORRECTED = "corrected"


class AlertState(StrEnum):
    """Where an alert is in its life."""

    RAISED = "raised"
    UPDATED = "updated"
    ESCALATED = "escalated"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a record became a dead letter."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    ENCODING = "encoding"
    NOT_JSON = "not_json"
    SCHEMA = "schema"
    VERSION = "version"
    NO_PUBLICATION_DATE = "no_publication_date"
    FUTURE_DATE = "future_date"
    NO_TEXT = "no_text"
    CONFLICT = "conflict"
    FAILED = "failed"


MEANING: dict[type[StrEnum], dict[StrEnum, str]] = {
    EventType: {
        EventType.AIR_STRIKE: "Strike by aircraft or drone, barrel bombs and other air-dropped weapons.",
        EventType.SHELLING: "Artillery, mortar, rocket and missile fire from ground or sea.",
        EventType.SUICIDE_BOMB: "Attacker dies with the bomb, on foot or in a vehicle.",
        EventType.EXPLOSION: "Car bomb without a suicide attacker, improvised device, mine.",
        EventType.CHEMICAL_ATTACK: "Use of a toxic agent, whatever carried it.",
        EventType.ARMED_CLASH: "Ground fighting: assault, ambush, infiltration, a failed attack.",
        EventType.TERRITORY_CAPTURED: "A place taken by force.",
        EventType.TERRITORY_TRANSFERRED: "A place handed over without a fight: surrender, evacuation, withdrawal.",
        EventType.SIEGE: "A siege or encirclement begun, tightened or broken, a supply road cut.",
        EventType.ATTACK_ON_CIVILIANS: "Execution, massacre or shooting of people who are not fighting.",
        EventType.ABDUCTION: "People taken against their will, not prisoners of war.",
        EventType.AGREEMENT: "A truce or evacuation deal that was signed or took effect.",
        EventType.DISPLACEMENT: "People fled or were moved.",
        EventType.PROPERTY_DESTRUCTION: "Deliberate destruction, not a side effect of fighting.",
        EventType.ARREST: "People detained by who holds power.",
        EventType.PROTEST: "People demonstrated.",
    },
    Relation: {
        Relation.HOLDS: "Has the place at the stated time.",
        Relation.CAPTURED: "Took the place, in whole or part.",
        Relation.LOST: "Had the place and has it no more.",
        Relation.CONTESTS: "Fights inside or for the place; the holder is not yet gone.",
        Relation.BESIEGES: "Encircles the place or cut its supply road.",
        Relation.ADVANCES: "Moves toward or into the place.",
        Relation.ENTERED: "Is inside the place, without a word on holding it.",
        Relation.WITHDREW: "Left the place of its own accord or by agreement.",
    },
    Scope: {
        Scope.WHOLE: "The place as such.",
        Scope.PART: "A district, a share, some neighbourhoods.",
        Scope.SURROUNDINGS: "Countryside, roads, outskirts.",
    },
    Modality: {
        Modality.REPORTED: "Asserted, or attributed without dispute.",
        Modality.CLAIMED: "By a party to the fighting about its own side or its enemy.",
        Modality.DENIED: "The alleged actor denies it; kept and marked.",
    },
    MentionKind: {
        MentionKind.EVENT: "Something that happened.",
        MentionKind.CLAIM: "Who is said to hold, take or lose a place.",
    },
    PlacePrecision: {
        PlacePrecision.EXACT: "A neighbourhood of a town, or a site of its own.",
        PlacePrecision.TOWN: "A populated place.",
        PlacePrecision.DISTRICT: "A named area of several towns.",
        PlacePrecision.GOVERNORATE: "One of the first-level divisions.",
        PlacePrecision.COUNTRY: "No more than the country.",
    },
    DatePrecision: {
        DatePrecision.DAY: "One day, or a night between two.",
        DatePrecision.RANGE: "A stretch of days.",
        DatePrecision.MONTH: "A month or a third of one.",
        DatePrecision.YEAR: "A season or a year.",
    },
    Victims: {
        Victims.CIVILIANS: "People who do not fight.",
        Victims.COMBATANTS: "Fighters and soldiers, prisoners among them.",
        Victims.MIXED: "Both.",
        Victims.UNKNOWN: "The text does not say.",
    },
    RevisionKind: {
        RevisionKind.NEW: "First revision of its id.",
        RevisionKind.REVISE: "Replaces the revision before.",
        RevisionKind.MERGE: "This id ended; `supersedes` of the record that took it in names it.",
        RevisionKind.SPLIT: "First revision of an id whose reports stood under another, named in `supersedes`.",
        RevisionKind.RETRACT: "This id ended and nothing took its place.",
    },
    ControlStatus: {
        ControlStatus.HELD: "One party holds it.",
        ControlStatus.DIVIDED: "Parties hold named parts.",
        ControlStatus.CONTESTED: "Fought over inside; no party clearly holds it.",
        ControlStatus.UNKNOWN: "Nothing recent or clear enough is known.",
    },
    ChangeKind: {
        ChangeKind.CAPTURED: "A party took it by force.",
        ChangeKind.LOST: "The holder has it no more; no successor is known.",
        ChangeKind.TRANSFERRED: "It changed hands without a fight.",
        ChangeKind.CONTESTED: "Fighting inside began to matter.",
        ChangeKind.DIVIDED: "It came to be held in parts.",
        ChangeKind.BESIEGED: "A siege began.",
        ChangeKind.RELIEVED: "A siege ended.",
        ChangeKind.CORRECTED: "What had been said was wrong, and is put right.",
    },
    AlertState: {
        AlertState.RAISED: "The rule began to hold.",
        AlertState.UPDATED: "It still holds, on other evidence or figures.",
        AlertState.ESCALATED: "It holds at a graver level.",
        AlertState.CANCELLED: "The evidence no longer carries it.",
    },
    Reason: {
        Reason.EMPTY: "There is nothing in it.",
        Reason.TOO_LARGE: "It is longer than an article may be.",
        Reason.ENCODING: "Its bytes are not text in any encoding that could be found.",
        Reason.NOT_JSON: "It is not JSON.",
        Reason.SCHEMA: "It is JSON, but not the record that belongs here.",
        Reason.VERSION: "It was written by a newer version.",
        Reason.NO_PUBLICATION_DATE: "It does not say when it was published.",
        Reason.FUTURE_DATE: "It says it was published after it arrived.",
        Reason.NO_TEXT: "It has no words to read.",
        Reason.CONFLICT: "Another text stands under the same article id.",
        Reason.FAILED: "The stage could not process it.",
    },
}
"""One sentence on each word, list by list, for documents, errors and `--help`."""

ACLED: dict[EventType, str] = {
    EventType.AIR_STRIKE: "Air/drone strike",
    EventType.SHELLING: "Shelling/artillery/missile attack",
    EventType.SUICIDE_BOMB: "Suicide bomb",
    EventType.EXPLOSION: "Remote explosive/landmine/IED",
    EventType.CHEMICAL_ATTACK: "Chemical weapon",
    EventType.ARMED_CLASH: "Armed clash",
    EventType.TERRITORY_CAPTURED: "Government regains territory / Non-state actor overtakes territory",
    EventType.TERRITORY_TRANSFERRED: "Non-violent transfer of territory",
    EventType.SIEGE: "Other (strategic development)",
    EventType.ATTACK_ON_CIVILIANS: "Attack",
    EventType.ABDUCTION: "Abduction/forced disappearance",
    EventType.AGREEMENT: "Agreement",
    EventType.DISPLACEMENT: "Other (strategic development)",
    EventType.PROPERTY_DESTRUCTION: "Looting/property destruction",
    EventType.ARREST: "Arrests",
    EventType.PROTEST: "Peaceful protest",
}
"""The ACLED sub-event that each event type answers to."""
