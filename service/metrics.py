"""What Prometheus reads at /metrics: numbers of one running service, none of them a person's."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from index.catalog import Catalog
from qa.answer import Answer

SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Counts since the start; each application has its own.

    Args:
        catalog: whose size is told.
        queue: gives how many questions are worked on, and how many wait.
    """

    def __init__(self, catalog: Catalog, queue: Callable[[], tuple[int, int]]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "speechqa_requests", "Requests answered", ("route", "method", "status"), registry=self._registry
        )
        self._request_seconds = Histogram(
            "speechqa_request_seconds",
            "From request to end of answer",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._questions = Counter(
            "speechqa_questions", "Questions answered or refused", ("kind",), registry=self._registry
        )
        self._refusals = Counter("speechqa_refusals", "Questions refused", ("reason",), registry=self._registry)
        self._citations = Counter("speechqa_citations", "Citations given", registry=self._registry)
        self._withheld = Counter(
            "speechqa_gate_rejections", "Sentences of a language model withheld", registry=self._registry
        )
        self._stage_seconds = Histogram(
            "speechqa_stage_seconds", "Stages of answering", ("stage",), buckets=SECONDS, registry=self._registry
        )
        self._limited = Counter("speechqa_limited", "Requests refused by a limit", ("limit",), registry=self._registry)
        self._feedback = Counter("speechqa_feedback", "Thumbs", ("thumb",), registry=self._registry)
        self._registry.register(_Sizes(catalog, queue))

    def answered(self, answer: Answer) -> None:
        """Count an answer."""
        self._questions.labels(answer.kind).inc()
        if answer.abstained and answer.reason:
            self._refusals.labels(answer.reason).inc()
        self._citations.inc(len(answer.citations))
        self._withheld.inc(answer.withheld)
        for stage, milliseconds in answer.timings_ms.items():
            self._stage_seconds.labels(stage).observe(milliseconds / 1000)

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def limited(self, limit: str) -> None:
        """Count a request that a limit refused."""
        self._limited.labels(limit).inc()

    def thumbed(self, thumb: str) -> None:
        """Count a thumb."""
        self._feedback.labels(thumb).inc()

    def render(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)


class _Sizes(Collector):
    """What is counted when it is asked for."""

    def __init__(self, catalog: Catalog, queue: Callable[[], tuple[int, int]]) -> None:
        self._catalog = catalog
        self._queue = queue

    def describe(self) -> Iterable[Metric]:
        """Names alone, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Size of the index, and who waits."""
        documents = GaugeMetricFamily("speechqa_documents", "Documents in the catalog", labels=("state",))
        states, passages = self._catalog.size()
        for state, count in states.items():
            documents.add_metric((state.value,), count)
        yield documents
        working, waiting = self._queue()
        yield GaugeMetricFamily("speechqa_passages", "Passages in the catalog", passages)
        yield GaugeMetricFamily("speechqa_questions_working", "Questions worked on now", working)
        yield GaugeMetricFamily("speechqa_questions_waiting", "Questions that wait for others", waiting)
