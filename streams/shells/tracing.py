"""Traces: every article is one, from its arrival to the alerts that follow, by the header `origin` of its records.

Ids come from the article's place in the log, so that every process, and every replay, means the same trace by them: a
stage, the feed and a webhook's receiver need nothing else to meet in it. Spans are sent by OpenTelemetry's own exporter
where `OTEL_EXPORTER_OTLP_ENDPOINT` says so; without it this costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""Setting of OpenTelemetry: the collector, `http://127.0.0.1:4318`."""

_tracer: Tracer | None = None
_root: ContextVar[tuple[int, int] | None] = ContextVar("root", default=None)


def ids(origin: bytes) -> tuple[int, int]:
    """Trace and root span of an article: `articles:0:17`."""
    digest = blake2b(origin, digest_size=24).digest()
    return int.from_bytes(digest[:16], "big") or 1, int.from_bytes(digest[16:], "big") or 1


def traceparent(origin: bytes) -> str:
    """The article's trace, as other programs are told of it.

    Source:
        W3C Trace Context, section 3.2, version 00.
    """
    trace, span = ids(origin)
    return f"00-{trace:032x}-{span:016x}-01"


def start(service: str, processor: SpanProcessor | None = None) -> TracerProvider | None:
    """Trace from now on, if the environment names a collector.

    Args:
        service: What this process is: `run`, `serve`, `deliver`.
        processor: Where spans go instead.

    Returns:
        What sends them, to be shut down by those who want to be sure; it does so by itself when the process ends.
    """
    global _tracer
    if processor is None and not os.environ.get(ENDPOINT):
        return None
    # OpenTelemetry takes a while to import: only those pay for it who trace.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """Random ids, but for an article's root."""

        def generate_trace_id(self) -> int:
            return root[0] if (root := _root.get()) else super().generate_trace_id()

        def generate_span_id(self) -> int:
            return root[1] if (root := _root.get()) else super().generate_span_id()

    provider = TracerProvider(resource=Resource.create({"service.name": f"frontwire-{service}"}), id_generator=Ids())
    provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("frontwire")
    return provider


def span(name: str, origin: bytes, *, root: bool = False, **attributes: Any) -> AbstractContextManager[None]:
    """Some work on what follows from an article.

    Args:
        name: What is done: a stage, `deliver`.
        origin: The article.
        root: Whether this is the first of it, to which all else belongs.
        attributes: More about it.
    """
    return nullcontext() if _tracer is None else _span(_tracer, name, origin, root, attributes)


@contextmanager
def _span(tracer: Tracer, name: str, origin: bytes, root: bool, attributes: dict[str, Any]) -> Iterator[None]:
    from opentelemetry import context, trace

    found = ids(origin)
    above = trace.SpanContext(*found, is_remote=True, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED))
    parent = context.Context() if root else trace.set_span_in_context(trace.NonRecordingSpan(above), context.Context())
    token = _root.set(found if root else None)
    try:
        begun = tracer.start_span(name, context=parent, attributes=attributes)
    finally:
        _root.reset(token)
    with trace.use_span(begun, end_on_exit=True):
        yield
