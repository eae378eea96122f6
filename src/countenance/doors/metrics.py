"""What a server counts, for Prometheus; nothing of it tells who was seen or found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from countenance.doors.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one server process.

    Attributes:
        traffic: the same over time, for the console.
    """

    def __init__(self) -> None:
        self.traffic = Traffic()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "countenance_requests",
            "Requests answered, by operation and outcome.",
            ("operation", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "countenance_request_seconds",
            "Time from request to answer.",
            ("operation",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def observe_request(self, operation: str, code: str, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(operation, code).inc()
        self._seconds.labels(operation).observe(seconds)
        self.traffic.add(seconds, failed=code != "OK")

    def show(self, name: str, description: str, value: Callable[[], float]) -> None:
        """Show a value that is asked for whenever somebody looks."""
        Gauge(f"countenance_{name}", description, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """Return all counters in Prometheus' text format."""
        return generate_latest(self._registry)
