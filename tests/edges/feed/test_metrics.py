"""What Prometheus and the log are told."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from schemas.topics import DELIVERIES
from streams.edges.feed import telemetry
from tests.edges.feed.records import Writer, delivery, fill, until

Serve = Callable[..., str]


def figures(url: str) -> dict[str, float]:
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_tell_requests_streams_lag_and_what_is_known(serve: Serve, writer: Writer) -> None:
    fill(writer)
    writer.put(DELIVERIES, "d1", delivery("d1", 1, "delivered"))
    url = serve()
    httpx.get(f"{url}/v1/events/event-1")
    httpx.get(f"{url}/v1/events/none")
    with httpx.stream("GET", f"{url}/v1/feed") as stream:
        chunks = stream.iter_bytes()
        next(chunks)
        told = figures(url)
    assert told["frontwire_http_requests_total GET /v1/events/{event_id} 200"] == 1
    assert told["frontwire_http_requests_total GET /v1/events/{event_id} 404"] == 1
    assert told["frontwire_streams"] == 1
    assert told["frontwire_known events"] == 6
    assert told["frontwire_feed_lag 0 events"] == 0
    assert told["frontwire_records_published_total events"] == 6
    assert told["frontwire_alerts captures major"] == 1
    assert told["frontwire_deliveries delivered desk"] == 1
    until(lambda: figures(url)["frontwire_streams"] == 0, "the stream is counted no more")


def test_a_key_that_cannot_be_read_is_an_error_in_the_log_and_no_secret() -> None:
    with capture_logs() as logs:
        telemetry.keys_unreadable("keys.yaml is no YAML")
    assert logs == [{"event": "keys_unreadable", "why": "keys.yaml is no YAML", "log_level": "error"}]
