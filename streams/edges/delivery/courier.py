"""Follows the alerts of a log and delivers them. What was attempted stands in the log, and nowhere else.

An attempt is recorded after it was made: a process that dies between the two makes it again, with the same id. So each
alert arrives at least once, and a receiver that keeps ids sees it once.

The log is read and written in one thread of its own, so that nothing waits for a disk but what must; what waits for the
targets is touched by the event loop alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from time import monotonic
from typing import TypeVar

from ssrfguard import Resolver

from schemas.alert import Alert, Delivery
from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.record import Record
from schemas.topics import ALERTS, DELIVERIES
from streams.edges.delivery import telemetry
from streams.edges.delivery.admission import Admission, admissions, asked_again
from streams.edges.delivery.breaker import Breaker
from streams.edges.delivery.discretion import without_persons
from streams.edges.delivery.following import Follower
from streams.edges.delivery.ledger import Ledger
from streams.edges.delivery.message import Message, alert_message, digest_message
from streams.edges.delivery.outcomes import attempted, record
from streams.edges.delivery.route import Item, Route
from streams.edges.delivery.sending import Answer, Sender, Sending
from streams.edges.delivery.targets import Target, Targets
from streams.shells import tracing
from streams.shells.batch import origin_of
from streams.shells.log import Log, Stored, iterate

LOOK_S = 0.25
"""Pause between two looks at a log that had nothing new."""
LONGEST_SLEEP_S = 30.0
"""A worker looks at the clock at least as often: machines are suspended, and clocks are set."""
CLOSE_S = 30.0
"""As long as the end waits for what the log is busy with."""
CHUNK = 500
"""Records taken in before others get their turn."""

T = TypeVar("T")
R = TypeVar("R", bound=Record)
Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time at the edge."""
    return datetime.now(UTC)


class Courier:
    """One process that delivers. `begin` first, then `run`, or `work_off` for what is due."""

    def __init__(
        self,
        log: Log,
        targets: Targets,
        *,
        clock: Clock = wall_clock,
        resolver: Resolver | None = None,
        sender: Callable[[Target], Sending] | None = None,
        recorded: Callable[[Delivery], None] = lambda delivery: None,
    ) -> None:
        """Nothing is read or sent yet.

        Args:
            log: Log with the alerts, in which deliveries are recorded. Used by one thread.
            targets: Whom to tell.
            clock: The present moment, UTC.
            resolver: A stand-in for `socket.getaddrinfo`.
            sender: Makes what reaches a target; over HTTP if null.
            recorded: Called with each record once it stands in the log.
        """
        self._log, self._clock, self._retries_s, self._recorded = log, clock, targets.retries_s, recorded
        self._routes = tuple(Route(target, Breaker(first_pause=targets.breaker_pause)) for target in targets.targets)
        self._by_name = {route.target.name: route for route in self._routes}
        over_http: Callable[[Target], Sending] = partial(Sender, resolver=resolver)
        self._senders = {target.name: (sender or over_http)(target) for target in targets.targets}
        self._wakes = {target.name: asyncio.Event() for target in targets.targets}
        self._alerts, self._deliveries = Follower(log, ALERTS.name), Follower(log, DELIVERIES.name)
        self._thread = ThreadPoolExecutor(1, "log")

    async def begin(self) -> None:
        """Find out from the log what is still to be delivered."""
        ledger = await self._in_log_thread(self._read_ledger)
        await self._admit(ledger)

    async def look(self) -> None:
        """Take in what came into the log since the last look."""
        await self._admit_asked(await self._in_log_thread(self._read_asked))
        await self._admit(Ledger(()))

    async def work_off(self) -> None:
        """Attempt everything that is due; return when nothing is due or under way."""
        await self._serve_all(None)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop; attempts that are under way are brought to their end."""
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._follow())
            group.create_task(self._serve_all(stop))
            await stop.wait()
            following.cancel()
            self._wake_all()

    async def close(self) -> None:
        """Close the connections; the log stays open."""
        await asyncio.gather(*(sender.close() for sender in self._senders.values()))
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._in_log_thread(lambda: None)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def next_due(self) -> datetime | None:
        """When the next attempt is due; null if nothing waits."""
        return min((due for route in self._routes if (due := route.next_due())), default=None)

    def waiting(self) -> dict[str, int]:
        """Deliveries that wait, by target."""
        return {route.target.name: len(route) for route in self._routes}

    async def _admit(self, ledger: Ledger) -> None:
        """Let the routes have what they want of the alerts that are new since the last time."""
        found = await self._in_log_thread(self._alerts.new)
        while chunk := await self._in_log_thread(lambda: list(islice(found, CHUNK))):
            for stored, alert in _decoded(Alert, chunk):
                await self._settle(admissions(self._routes, stored, alert, ledger, self._clock()))
            self._wake_all()

    async def _admit_asked(self, asked: Sequence[Delivery]) -> None:
        if not asked:
            return
        places = await self._in_log_thread(lambda: self._places(asked))
        for delivery in asked:
            route, stored = self._by_name.get(delivery.target), places.get((delivery.alert_id, delivery.revision))
            if route and stored and not route.holds(delivery.delivery_id):
                await self._settle([asked_again(route, delivery, stored)])
        self._wake_all()

    async def _settle(self, found: Sequence[Admission]) -> None:
        await self._put_down([delivery for admission in found for delivery in admission.deliveries])
        for admission in found:
            if admission.item:
                admission.route.add(admission.item)
                telemetry.deliveries_waiting(admission.route.target.name, len(admission.route))

    async def _follow(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    def _wake_all(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    async def _serve_all(self, stop: asyncio.Event | None) -> None:
        async with asyncio.TaskGroup() as group:
            for route in self._routes:
                for _ in range(route.target.abreast):
                    group.create_task(self._serve(route, stop))

    async def _serve(self, route: Route, stop: asyncio.Event | None) -> None:
        """One worker of a route: until told to stop, or with no `stop`, until nothing is due."""
        wake = self._wakes[route.target.name]
        while stop is None or not stop.is_set():
            now = self._clock()
            if item := route.take(now):
                await self._attempt(route, item)
                wake.set()
                continue
            if stop is None and not route.in_flight:
                return
            due = route.next_due()
            await _sleep(wake, LONGEST_SLEEP_S if due is None else (due - now).total_seconds())

    async def _attempt(self, route: Route, item: Item) -> None:
        target = route.target
        message = await self._in_log_thread(lambda: self._message(target, item))
        began = monotonic()
        with tracing.span("deliver", message.origin or b"digest", target=target.name, attempt=item.attempts + 1):
            answer = await self._senders[target.name].send(message, self._clock())
        telemetry.request_ended(target.name, monotonic() - began)
        now = self._clock()
        item.attempts, item.of_round = item.attempts + 1, item.of_round + 1
        deliveries = attempted(target.name, item, answer, now, self._retries_s)
        await self._put_down(deliveries)
        self._note(route, answer, now)
        if next_at := deliveries[0].next_at:
            item.due = next_at
            route.put_back(item)
        else:
            route.settle(item)
        telemetry.deliveries_waiting(target.name, len(route))

    def _note(self, route: Route, answer: Answer, now: datetime) -> None:
        before = route.breaker
        # A receiver that wants no more of this is well.
        route.breaker = before.succeeded() if answer.delivered or answer.gone else before.failed(now)
        if route.breaker.open_until:
            pause = (route.breaker.open_until - now).total_seconds()
            telemetry.target_left_alone(route.target.name, route.breaker.failures, pause)
        elif before.open_until:
            telemetry.target_answered(route.target.name, before.failures)

    async def _in_log_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _put_down(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._in_log_thread(lambda: record(self._log, deliveries))
        for delivery in deliveries:
            telemetry.attempt_made(delivery)
            self._recorded(delivery)

    def _read_ledger(self) -> Ledger:
        ledger = Ledger(self._by_name)
        ledger.take_in(delivery for _, delivery in _decoded(Delivery, self._deliveries.new()))
        return ledger

    def _read_asked(self) -> list[Delivery]:
        found = _decoded(Delivery, self._deliveries.new())
        return [delivery for _, delivery in found if delivery.outcome == "requested"]

    def _places(self, asked: Sequence[Delivery]) -> dict[tuple[str, int], Stored]:
        """Where the alerts stand that a person asked for. Looked through from the start: it is asked rarely."""
        wanted = {(delivery.alert_id, delivery.revision) for delivery in asked}
        found = ((stored, alert) for stored, alert in _decoded(Alert, iterate(self._log, ALERTS.name)))
        return {
            (alert.alert_id, alert.revision): stored
            for stored, alert in found
            if (alert.alert_id, alert.revision) in wanted
        }

    def _message(self, target: Target, item: Item) -> Message:
        form = target.spec.format
        found = [
            self._log.read(ALERTS.name, reference.partition, reference.offset, 1)[0] for reference in item.references
        ]
        alerts = [_meant_for(target, decode(Alert, stored.value)) for stored in found]
        if item.digest_id:
            return digest_message(form, item.message_id, alerts)
        return replace(alert_message(form, item.message_id, alerts[0]), origin=origin_of(found[0]))


def _meant_for(target: Target, alert: Alert) -> Alert:
    return alert if target.spec.quotes else without_persons(alert)


def _decoded(shape: type[R], found: Iterator[Stored] | Sequence[Stored]) -> Iterator[tuple[Stored, R]]:
    """The records that can be read, and where they stand; the others are told of."""
    for stored in found:
        try:
            yield stored, decode(shape, stored.value)
        except DecodeError as error:
            telemetry.record_unreadable(stored, error)


async def _sleep(wake: asyncio.Event, seconds: float) -> None:
    """Until woken, for at most so long."""
    try:
        async with asyncio.timeout(max(0.0, min(seconds, LONGEST_SLEEP_S))):
            await wake.wait()
    except TimeoutError:
        return
    wake.clear()
