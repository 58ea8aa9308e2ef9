"""Traces for OpenTelemetry, where its own settings (OTEL_EXPORTER_OTLP_ENDPOINT and the like) say where they go."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from qa.answer import Answer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
STAGES = ("retrieve", "answer", "generate")
NANOSECONDS = 1_000_000  # a millisecond


class Tracing:
    """Makes a span of every request and of every stage of an answer; spans hold no words of anybody's."""

    def __init__(self, version: str) -> None:
        self._provider: TracerProvider | None = None
        if any(os.environ.get(name) for name in ENDPOINTS):
            resource = Resource.create(
                {SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "speechqa"), "service.version": version}
            )
            self._provider = TracerProvider(resource=resource)
            self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        provider = self._provider or trace.NoOpTracerProvider()
        self._tracer = provider.get_tracer("speechqa", version)

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[Span]:
        """A span for a request, below that of the caller where its headers tell one."""
        # What an exception says may hold what was asked.
        with self._tracer.start_as_current_span(
            "request", extract(headers), SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def answered(self, answer: Answer) -> None:
        """Spans for the stages of an answer that is ready just now."""
        spent = {stage: answer.timings_ms[stage] for stage in STAGES if stage in answer.timings_ms}
        begins = time.time_ns() - sum(spent.values()) * NANOSECONDS
        for stage, milliseconds in spent.items():
            span = self._tracer.start_span(stage, start_time=begins)
            begins += milliseconds * NANOSECONDS
            span.end(begins)

    def close(self) -> None:
        """Send what waits."""
        if self._provider:
            self._provider.shutdown()


def describe(span: Span, method: str, route: str, status: int) -> None:
    """Name a request's span by its route once that is known."""
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))
