"""What can go wrong, each with a name: fired by chance from the seams around the core, never from inside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from random import Random

FAULTS: dict[str, str] = {
    "killed-before-commit": "a process is killed before what it commits is on the disk",
    "killed-after-commit": "a process is killed once it is on the disk, and before it hears so",
    "killed-between-batches": "the runner is killed between two batches",
    "disk-full": "the disk takes nothing more",
    "read-fails": "the disk fails while records are read",
    "state-read-fails": "the disk fails while the state of a key is read",
    "short-read": "the disk gives fewer records than were asked for",
    "slow-disk": "the disk takes its time",
    "end-moved": "somebody else was faster, and the batch has to be worked out again",
    "article-again": "an outlet sends an article again, up to four times",
    "article-late": "an article arrives up to 25 days after others that were printed later",
    "article-revised": "an outlet corrects an article; the correction may come first",
    "article-retracted": "an outlet takes an article back, even before it came",
    "article-conflicts": "another text comes under the same id and revision",
    "unreadable-piece": "what an outlet sends is no article",
    "unreadable-record": "bytes stand on the articles topic that are no record",
    "clock-jumps": "the clock of intake is set by up to a day, forward or back",
    "feed-killed": "the process that serves the feed is killed",
    "client-drops": "a feed client's connection breaks in the middle of an event",
    "client-slow": "a feed client does not read for a while",
    "target-silent": "a webhook target gives no answer in time",
    "target-refuses": "a webhook target answers 500",
    "target-overloaded": "a webhook target answers 429 and asks for a pause",
    "answer-lost": "a webhook target has the alert, and its answer is lost",
}
"""Every kind of fault, with what it is."""
RATES = (0.02, 0.1, 0.3)
"""How likely a fault is, one of these by seed, each time it could happen."""
SELDOM = frozenset({"end-moved", "killed-between-batches", "unreadable-record", "answer-lost"})
"""Faults that could happen a few times in a simulation only."""
RATES_OF_SELDOM = (0.1, 0.3, 0.6)
"""Theirs: at the rates of the others, what must not follow from them was hardly ever tried."""


class Killed(BaseException):
    """The process that this is raised in is dead."""


class Faults:
    """Which faults a seed brings, how often, and how often each has fired."""

    def __init__(self, seed: int, only: Collection[str] = ()) -> None:
        """Half of the kinds take part, each at a rate of its own; or those that are named.

        Args:
            seed: Decides all.
            only: Kinds that may fire; any if empty.
        """
        chance = Random(f"{seed} faults")
        drawn = {name: (chance.random() < 0.5, chance.choice(_rates(name))) for name in FAULTS}
        self._rates = {
            name: rate for name, (takes_part, rate) in drawn.items() if (name in only if only else takes_part)
        }
        # A stream of chance for each kind and whom it meets: who is left out changes nothing for others.
        self._chances: dict[tuple[str, str], Random] = {}
        self._seed = seed
        self.fired: Counter[str] = Counter()
        self.healed = False

    def fire(self, name: str, whom: str = "") -> bool:
        """Whether a fault happens here and now to somebody; counted if so."""
        if self.healed or name not in self._rates:
            return False
        chance = self._chances.get((name, whom))
        if chance is None:
            chance = self._chances[name, whom] = Random(f"{self._seed} {name} {whom}")
        happens = chance.random() < self._rates[name]
        self.fired[name] += happens
        return happens

    def heal(self) -> None:
        """From here on nothing breaks."""
        self.healed = True


def _rates(name: str) -> tuple[float, ...]:
    return RATES_OF_SELDOM if name in SELDOM else RATES
