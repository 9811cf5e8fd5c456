"""Generated news: attacks told in many wordings, reprints of each in five ways, and near misses beside them.

All chance comes from a seed. Words are made of syllables, so that no text is anybody's; what real reports of one attack
share (place, toll, who says so, the paragraphs of background that an outlet repeats for weeks) they share here too.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from schemas.mention import Evidence, Mention, Wording
from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import DatePrecision, EventType, MentionKind, Modality, PlacePrecision
from streams.stages.extract.wording import sketch

START = datetime(2016, 3, 1, tzinfo=UTC)
KINDS = ("trimmed", "re-headed", "re-led", "re-credited", "reordered")
NEAR_MISSES = ("next day", "other quarter", "other town")
OUTLETS = ("reuters", "bbc", "sana", "alaraby", "dailysabah", "trt", "manar", "ahram", "nna")
SOURCES = ("sohr", "residents", "activists", "sana", "white_helmets", "outlet")
TYPES = (EventType.AIR_STRIKE, EventType.SHELLING, EventType.EXPLOSION, EventType.SUICIDE_BOMB, EventType.ARMED_CLASH)
ACTORS = ((), ("syrian-government",), ("russia",), ("rebels",), ("islamic-state",))
QUARTERS = tuple(
    f"{first}{second}" for first in ("Ram", "Kal", "Zah", "Mez", "Bab") for second in ("oun", "iya", "dara")
)
_LEDES = (
    "{kind} on the {quarter} quarter of {town} {one} killed {killed} people on {day}, {two}, {who} said",
    "At least {killed} people {one} died when {town}'s {quarter} {two} was hit on {day}, according to {who}",
    "{who} reported {one} that a {kind} left {killed} dead in {quarter}, {two}, a quarter of {town}, on {day}",
    "On {day} {one} the toll of a {kind} in {quarter} stood at {killed} {two} in {town}, {who} told reporters",
    "Families {one} were hit by a {kind} in {town} on {day}, {two}; {who} counted {killed} dead in {quarter}",
)


@dataclass(frozen=True)
class Attack:
    """One event of the generated war."""

    number: int
    town: int
    day: int
    quarter: str
    type: EventType
    killed: int
    actors: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """An article on an attack, as far as merging sees it."""

    outlet: str
    lede: str
    body: tuple[str, ...]
    hour: int
    source: str
    credits: tuple[str, ...] = ()
    head: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planted:
    """Mentions with what is true of them."""

    mentions: list[Mention] = field(default_factory=list)
    attack_of: dict[str, int] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    """The reprints, with the way in which they differ from their originals."""
    near: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The near misses: in what they differ, and the mention that they are near."""


class Newsroom:
    """Writes articles."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        syllables = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er")]
        self.words = ["".join(self.chance.choices(syllables, k=self.chance.randint(1, 3))) for _ in range(4000)]
        self.background = [self.sentence() for _ in range(40)]

    def sentence(self) -> str:
        """Some words, frequent ones more often."""
        count = self.chance.randint(6, 24)
        return " ".join(self.words[int(len(self.words) * self.chance.random() ** 2)] for _ in range(count))

    def attack(self, number: int, towns: int, days: int) -> Attack:
        """An attack somewhere, some day."""
        killed = self.chance.choice((0, 1, 2, 3, 4, 5, 7, 9, 12, 16, 21, 34))
        chosen = self.chance.choice
        return Attack(
            number, number % towns, self.chance.randrange(days), chosen(QUARTERS), chosen(TYPES), killed, chosen(ACTORS)
        )

    def text(self, attack: Attack, *, like: Text | None = None) -> Text:
        """An article of its own wording; some of its background is that of an earlier one of the outlet."""
        outlet = self.chance.choice(OUTLETS)
        source = self.chance.choice(SOURCES)
        words = {"kind": attack.type.replace("_", " "), "quarter": attack.quarter, "town": f"town {attack.town}"}
        words |= {"killed": str(attack.killed), "day": f"day {attack.day}", "who": source}
        # What an outlet has of its own stands between the facts that all of them have.
        words |= {"one": self.sentence(), "two": self.sentence()}
        lede = self.chance.choice(_LEDES).format(**words)
        fresh = [self.sentence() for _ in range(self.chance.randint(7, 14))]
        repeated = self.chance.sample(like.body if like else self.background, 2)
        source = f"outlet:{outlet}" if source == "outlet" else source
        return Text(outlet, lede, (*fresh, *repeated), self.chance.randint(8, 20), source)

    def reprint(self, original: Text, kind: str) -> Text:
        """The same text by another outlet, changed in one of five ways."""
        outlet = self.chance.choice([name for name in OUTLETS if name != original.outlet])
        lede, body, head, credits = original.lede, original.body, original.head, original.credits
        if kind == "trimmed":
            body = body[: round(len(body) * self.chance.uniform(0.4, 0.7))]
        elif kind == "re-headed":
            head = (self.sentence(), self.sentence())
        elif kind == "re-led":
            lede = f"{self.sentence()} {lede.split(',')[0].lower()} {self.sentence()}"
        elif kind == "re-credited":
            credits, head = ("afp",), ("(AFP)",)
        else:
            body = tuple(self.chance.sample(body, len(body)))
        source = f"outlet:{outlet}" if original.source.startswith("outlet:") else original.source
        return Text(outlet, lede, body, min(23, original.hour + self.chance.randint(0, 3)), source, credits, head)


def mention(name: str, attack: Attack, text: Text, *, is_main: bool = True) -> Mention:
    """What extraction would make of a text."""
    published = START + timedelta(days=attack.day, hours=text.hour)
    day = published.date()
    body = ". ".join((*text.head, text.lede, *text.body))
    return Mention(
        mention_id=f"{name}#e1",
        article_id=name,
        outlet=text.outlet,
        published_at=published,
        kind=MentionKind.EVENT,
        event_type=attack.type,
        relation=None,
        scope=None,
        place=place(attack),
        when=DateRange(first=day, last=day, precision=DatePrecision.DAY),
        actors=attack.actors,
        targets=("civilians",),
        killed=Toll(min=attack.killed, max=attack.killed),
        wounded=None,
        source=None if text.source.startswith("outlet:") else text.source,
        root_source=text.source,
        modality=Modality.REPORTED,
        main=is_main,
        evidence=Evidence(start=0, end=len(text.lede), text=text.lede),
        rule="generated",
        wording=Wording(credits=text.credits, sketch=sketch(body)),
    )


def place(attack: Attack) -> Place:
    """The quarter of its town."""
    return Place(
        place_id=f"made:{attack.town}", name=f"Town {attack.town}", admin1="Made", lat=35.0, lon=37.0,
        precision=PlacePrecision.EXACT, text=attack.quarter, district=attack.quarter,
    )  # fmt: skip


def planted(copies: int, seed: int = 1) -> Planted:
    """Attacks with an original each, reprints of it, another report in other words, and the three near misses."""
    news, found = Newsroom(seed), Planted()
    attacks = [news.attack(number, towns=60, days=30) for number in range(copies // 5)]
    for attack in attacks:
        original = news.text(attack)
        first = _add(found, f"a{attack.number}", attack, original)
        for kind in KINDS:
            found.copies[_add(found, f"a{attack.number}-{kind}", attack, news.reprint(original, kind))] = kind
        _add(found, f"a{attack.number}-other", attack, news.text(attack))
        for kind, changed in zip(NEAR_MISSES, _near(attack, news.chance), strict=True):
            name = _add(found, f"a{attack.number}-{kind}", changed, news.text(changed, like=original))
            found.near[name] = (kind, first)
    return found


def _near(attack: Attack, chance: random.Random) -> Iterator[Attack]:
    yield _changed(attack, day=attack.day + 1, killed=chance.choice((attack.killed, attack.killed + 3)))
    others = [name for name in QUARTERS if name != attack.quarter]
    yield _changed(attack, quarter=chance.choice(others), killed=chance.choice((attack.killed, attack.killed + 3)))
    yield _changed(attack, town=1000 + attack.town)


def _changed(attack: Attack, **fields: object) -> Attack:
    return Attack(**{**attack.__dict__, "number": -1 - attack.number, **fields})


def _add(found: Planted, name: str, attack: Attack, text: Text) -> str:
    made = mention(name, attack, text)
    found.mentions.append(made)
    found.attack_of[made.mention_id] = attack.number
    return made.mention_id


def town(count: int, days: int = 30, seed: int = 2) -> list[Mention]:
    """So many reports from one town over some days, five of each attack in the mean, in order of publication."""
    news = Newsroom(seed)
    made: list[Mention] = []
    while len(made) < count:
        attack = news.attack(0, towns=1, days=days)
        texts: Sequence[Text] = [news.text(attack) for _ in range(news.chance.randint(1, 5))]
        reprints: Iterable[Text] = [news.reprint(texts[0], kind) for kind in news.chance.sample(KINDS, 2)]
        made += [mention(f"t{len(made) + at}", attack, text) for at, text in enumerate((*texts, *reprints))]
    return sorted(made[:count], key=lambda one: (one.published_at, one.mention_id))
