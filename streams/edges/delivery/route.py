"""What waits for one target: in order, until it is due."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from streams.edges.delivery.breaker import Breaker
from streams.edges.delivery.filtering import Wanted
from streams.edges.delivery.message import digest_id
from streams.edges.delivery.targets import Target

DIGEST_ALERTS = 100
"""Most alerts in one digest; there are several if more were held."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An alert revision, and where it stands in the log: it is read again when it is sent."""

    delivery_id: str
    alert_id: str
    revision: int
    partition: int
    offset: int


@dataclass(slots=True)
class Item:
    """One message that waits."""

    message_id: str
    due: datetime
    references: list[Reference]
    attempts: int = 0
    """Made so far, ever."""
    of_round: int = 0
    """Made since it was first due, or since a person asked for it."""
    digest_id: str | None = None
    order: int = 0
    """Place among all that ever waited for the target."""

    @property
    def chain(self) -> str:
        """What it must stay in order with, where only the revisions of one alert do."""
        return self.digest_id or self.references[0].alert_id


@dataclass(slots=True)
class Route:
    """A target and what waits for it. Items of one chain leave one after another; of several, the first due first."""

    target: Target
    breaker: Breaker = field(default_factory=Breaker)
    wanted: Wanted = field(init=False)
    in_flight: int = 0
    _chains: dict[str, deque[Item]] = field(default_factory=dict)
    _heads: list[tuple[datetime, int, str]] = field(default_factory=list)
    _digests: dict[str, Item] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)
    _counted: int = 0

    def __post_init__(self) -> None:
        self.wanted = Wanted(self.target.spec)

    def __len__(self) -> int:
        return len(self._ids)

    def holds(self, delivery_id: str) -> bool:
        """Whether a delivery waits here or is under way."""
        return delivery_id in self._ids

    def add(self, item: Item) -> None:
        """Put an item at the end of its chain, or into the digest that waits already."""
        self._ids.update(reference.delivery_id for reference in item.references)
        if item.digest_id and (waiting := self._digests.get(item.digest_id)):
            waiting.references.extend(item.references)
            return
        if item.digest_id:
            self._digests[item.digest_id] = item
        item.order, self._counted = self._counted, self._counted + 1
        chain = self._chains.setdefault(self._chain_of(item), deque())
        chain.append(item)
        if len(chain) == 1:
            self._await(item)

    def next_due(self) -> datetime | None:
        """When the next attempt may begin; null if nothing waits, or what is under way must end first."""
        opens = self.breaker.open_until
        if not self._heads or self.in_flight >= self.target.abreast or (opens and self.in_flight):
            return None
        due = self._heads[0][0]
        return max(due, opens) if opens else due

    def take(self, now: datetime) -> Item | None:
        """The next item to send, which is under way until `settle` or `put_back`; null if none is due."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, _, chain = heappop(self._heads)
        self.in_flight += 1
        return self._chains[chain][0]

    def put_back(self, item: Item) -> None:
        """An attempt failed: the item waits on, before all of its chain."""
        self.in_flight -= 1
        self._await(item)

    def settle(self, item: Item) -> None:
        """Nothing more is to be done with an item: what stands behind it may leave."""
        self.in_flight -= 1
        name = self._chain_of(item)
        chain = self._chains[name]
        chain.popleft()
        self._ids.difference_update(reference.delivery_id for reference in item.references)
        if item.digest_id:
            del self._digests[item.digest_id]
        if chain:
            self._await(chain[0])
        else:
            del self._chains[name]

    def digest_for(self, until: datetime) -> str:
        """Id of the digest that takes in what quiet hours hold back now."""
        number = 0
        while True:
            found = digest_id(self.target.name, until, number)
            waiting = self._digests.get(found)
            if waiting is None or len(waiting.references) < DIGEST_ALERTS:
                return found
            number += 1

    def _chain_of(self, item: Item) -> str:
        # A digest waits for the morning: what comes through at night does not wait behind it.
        return item.chain if item.digest_id or self.target.spec.order == "alert" else ""

    def _await(self, item: Item) -> None:
        heappush(self._heads, (item.due, item.order, self._chain_of(item)))
