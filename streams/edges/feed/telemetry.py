"""Every log event and every metric of the feed, named once. Keys are named; what they are never is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from streams.shells.log import Lane, Stored

_log = structlog.get_logger("frontwire")

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds of the histograms of time."""


def feed_started(url: str, keys: bool) -> None:
    """The feed answers at an address; whether it asks for keys."""
    _log.info("feed_started", url=url, keys=keys)


def feed_stopped() -> None:
    """The feed answers no more."""
    _log.info("feed_stopped")


def request_answered(method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered."""
    _log.debug("request_answered", method=method, route=route, status=status, ms=round(1000 * seconds, 1))


def request_refused(status: int, path: str) -> None:
    """A request went no further than the door."""
    _log.debug("request_refused", status=status, path=path[:200])


def request_failed(route: str, error: BaseException) -> None:
    """A request failed through a fault of ours."""
    _log.error("request_failed", route=route, exc_info=error)


def keys_unreadable(why: str) -> None:
    """The file of keys changed into something that cannot be read; the keys from before go on."""
    _log.error("keys_unreadable", why=why)


def client_dropped(sent: int, why: str) -> None:
    """A client of the stream did not keep up and was cut off, after so many bytes."""
    _log.info("client_dropped", bytes=sent, why=why)


def tail_failed(error: BaseException) -> None:
    """The log cannot be followed any more; the feed says that it is not alive."""
    _log.error("tail_failed", exc_info=error)


def record_unreadable(stored: Stored, detail: str) -> None:
    """Something on a topic is no record; it is passed over."""
    place = {"topic": stored.topic, "partition": stored.partition, "offset": stored.offset}
    _log.error("record_unreadable", **place, detail=detail)


class ServerEvents(logging.Handler):
    """What the web server itself has to say, as log events like all others."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one of them."""
        _log.log(record.levelno, "server_told", detail=record.getMessage().strip(), exc_info=record.exc_info)


class Metrics:
    """What Prometheus is told. One for each server, so that two in a process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "frontwire_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "frontwire_http_request_seconds", "Time to answer.", ["route"], buckets=SECONDS, registry=self.registry
        )
        self.streams = Gauge("frontwire_streams", "Streams that are open.", registry=self.registry)
        self.sent = Counter("frontwire_stream_bytes", "Bytes sent to streams.", registry=self.registry)
        self.records = Counter(
            "frontwire_records_published", "Records given to the streams.", ["kind"], registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; of a stream, when it ended."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        request_answered(method, route, status, seconds)

    def published(self, kinds: Mapping[str, int], sent: int) -> None:
        """Records were published, and so many bytes written to the streams at once."""
        for kind, count in kinds.items():
            self.records.labels(kind).inc(count)
        self.sent.inc(sent)

    def watch(
        self,
        lag: Callable[[], Mapping[Lane, int]],
        counts: Callable[[], Mapping[str, int]],
        alerts: Callable[[], Mapping[tuple[str, str], int]],
        deliveries: Callable[[], Mapping[tuple[str, str], int]],
    ) -> None:
        """Tell lag and counts too, worked out when they are asked for: alerts by rule and severity, deliveries by
        target and outcome."""
        self.registry.register(_Asked(lag, counts))
        self.registry.register(_Pairs("frontwire_alerts", "Alerts that stand.", ["rule", "severity"], alerts))
        about = "Deliveries, by their last outcome."
        self.registry.register(_Pairs("frontwire_deliveries", about, ["target", "outcome"], deliveries))

    def page(self) -> bytes:
        """Everything, in the text form that Prometheus reads."""
        return generate_latest(self.registry)


class _Asked(Collector):
    """Figures that are looked up, not counted."""

    def __init__(self, lag: Callable[[], Mapping[Lane, int]], counts: Callable[[], Mapping[str, int]]) -> None:
        self._lag, self._counts = lag, counts

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """What there is now."""
        lag = GaugeMetricFamily("frontwire_feed_lag", "Records not yet read, by topic.", labels=["topic", "partition"])
        for lane, records in sorted(self._lag().items()):
            lag.add_metric([lane.topic, str(lane.partition)], records)
        known = GaugeMetricFamily("frontwire_known", "What there is at present, by kind.", labels=["kind"])
        for kind, count in sorted(self._counts().items()):
            known.add_metric([kind], count)
        return (lag, known)


class _Pairs(Collector):
    """Counts by two labels, looked up."""

    def __init__(
        self, name: str, about: str, labels: list[str], counts: Callable[[], Mapping[tuple[str, str], int]]
    ) -> None:
        self._name, self._about, self._labels, self._counts = name, about, labels, counts

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """What there is now."""
        family = GaugeMetricFamily(self._name, self._about, labels=self._labels)
        for pair, count in sorted(self._counts().items()):
            family.add_metric(list(pair), count)
        return (family,)
