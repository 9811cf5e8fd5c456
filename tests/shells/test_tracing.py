"""One article, one trace: through every stage, onto the stream and to whoever is called."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from schemas.article import Article
from schemas.codec import encode
from schemas.topics import ALERTS, CONTROL
from streams.edges.delivery.message import Message
from streams.edges.delivery.signing import headers
from streams.edges.feed.envelope import cloud_event
from streams.pipeline import pipeline
from streams.shells import tracing
from streams.shells.batch import origin_of
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.theatres.theatre import load_theatre

BODY = (
    "The Syrian Democratic Forces fully captured Raqqa from Islamic State on Tuesday, the Syrian Observatory said. "
    "Islamic State admitted that it had lost Raqqa. At least 40 people were killed in an air strike on Raqqa."
)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "_tracer", None)
    tracing.start("test", SimpleSpanProcessor(exporter))
    return exporter


def told(number: int) -> Entry:
    when = datetime(2017, 10, 17 + number, 9, tzinfo=UTC)
    article = Article(article_id=f"a{number}", outlet="reuters", title=None, body=BODY, published_at=when)
    return Entry("articles", article.article_id, encode(article), int(when.timestamp() * 1000))


def test_every_stage_of_an_article_lies_in_its_trace_below_its_root(spans: InMemorySpanExporter) -> None:
    log = MemoryLog()
    log.append([told(0), told(1)])
    Runner(log, pipeline(load_theatre("syria"))).run_once()
    for number in range(2):
        trace, root = tracing.ids(b"articles:0:%d" % number)
        ours = [one for one in spans.get_finished_spans() if one.context and one.context.trace_id == trace]
        names = [one.name for one in ours]
        assert {"extract", "merge", "control", "alert"} <= {*names}
        assert [one.name for one in ours if one.context and one.context.span_id == root] == ["extract"]
        assert {one.parent.span_id for one in ours if one.parent} == {root}


def test_stream_and_webhook_tell_the_same_trace_as_the_records_header(spans: InMemorySpanExporter) -> None:
    log = MemoryLog()
    log.append([told(0)])
    Runner(log, pipeline(load_theatre("syria"))).run_once()
    expected = tracing.traceparent(b"articles:0:0")
    alert, control = (next(iterate(log, topic.name)) for topic in (ALERTS, CONTROL))
    assert orjson.loads(cloud_event("control", control))["traceparent"] == expected
    message = Message("id", "application/json", b"{}", origin_of(alert))
    assert headers(message, datetime.now(UTC), [])["traceparent"] == expected


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.ENDPOINT, raising=False)
    monkeypatch.setattr(tracing, "_tracer", None)
    tracing.start("test")
    assert tracing._tracer is None


def test_spans_arrive_at_the_collector_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived: list[tuple[str, int]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append((self.path, len(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(tracing.ENDPOINT, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(tracing, "_tracer", None)
    provider = tracing.start("test")
    with tracing.span("extract", b"articles:0:0", root=True):
        pass
    assert provider is not None
    provider.shutdown()
    server.shutdown()
    assert [path for path, size in arrived if size > 50] == ["/v1/traces"]
