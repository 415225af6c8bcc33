"""`/metrics`: numbers for Prometheus, the same whichever web process answers.

All of them lie in the store, where every process adds to them; a look costs the same however many
jobs there are.
"""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterator

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from app.errors import Refusal
from app.keys import PUBLIC, key_allows, needs
from app.services import Services, services
from app.tally import open_streams
from workers.canaries import GPU_MEMORY
from workers.celery import BROKER_PREFIX
from workers.census import Census, take_census
from workers.counters import BOUNDS, counted
from workers.jobs import GPU_QUEUES, QUEUES
from workers.store import Store, StoreDown

blueprint = Blueprint("metrics", __name__)

Counts = dict[tuple[str, ...], float]

# Name of the metric, name of its field in the store, labels, help.
COUNTERS = (
    ("merian_jobs_made", "made", ("kind",), "Jobs that were handed in."),
    ("merian_jobs_ended", "ended", ("kind", "state"), "Jobs that are over."),
    ("merian_jobs_removed", "removed", ("why",), "Jobs removed, and folders of unknown jobs."),
    ("merian_attempts_lost", "lost", ("kind",), "Attempts taken from a worker that was lost."),
    ("merian_jobs_left_to_newer", "newer", ("kind",), "Jobs that a worker was too old for."),
    ("merian_late_writes", "refused", ("kind",), "Writes refused: the attempt was overtaken."),
    ("merian_previews", "previews", ("kind",), "Previews shown."),
    ("merian_model_loads", "loads", ("model",), "Networks loaded by a worker."),
    ("merian_model_load_seconds", "load_seconds", ("model",), "Seconds that loading took."),
    ("merian_refusals", "refusals", ("code",), "Requests refused, by problem code."),
    (
        "merian_http_requests", "requests", ("method", "route", "status"),
        "Requests answered.",
    ),
)  # fmt: skip
DURATIONS = (
    ("merian_job_seconds", "took", "kind", "Seconds of attempts that ended with success or error."),
    ("merian_job_waiting_seconds", "waited", "queue", "Seconds that jobs waited for a worker."),
)


@blueprint.get("/metrics")
@needs(PUBLIC)
def metrics() -> Response:
    """In Prometheus's text format, for this machine and for keys; 404 for all others."""
    if not (is_this_machine() or key_allows("metrics")):
        raise Refusal("not_found")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StoredNumbers(services()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def is_this_machine() -> bool:
    """This machine itself, and nobody that a proxy speaks for."""
    if "Forwarded" in request.headers or "X-Forwarded-For" in request.headers:
        return False
    try:
        peer = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return bool((getattr(peer, "ipv4_mapped", None) or peer).is_loopback)


class StoredNumbers(Collector):
    """Reads everything once, when it is asked."""

    def __init__(self, given: Services) -> None:
        self.given = given

    def collect(self) -> Iterator[Metric]:
        redis = self.given.redis
        try:
            census, counts = take_census(self.given.ledger), counted(redis)
            gpus: dict[str, str] = redis.hgetall(GPU_MEMORY)  # type: ignore[assignment]
            streams, waking = open_streams(redis), messages(redis)
        except StoreDown:
            yield gauge("merian_store_up", "Whether the store of jobs answers.", 0)
            return
        yield gauge("merian_store_up", "Whether the store of jobs answers.", 1)
        yield gauge("merian_event_streams", "Streams of events that are open.", streams)
        yield gauge("merian_jobs_running", "Jobs that a worker holds.", census.running)
        yield from of_queues(census)
        yield waking
        yield of_workers(census)
        memory = GaugeMetricFamily(
            "merian_gpu_memory_bytes", "GPU memory that a queue's worker holds.", labels=["queue"]
        )
        for queue, used in gpus.items():
            memory.add_metric([queue], float(used))
        yield memory
        for name, field, labels, help in COUNTERS:
            counter = CounterMetricFamily(name, help, labels=labels)
            for (kind, *values), number in counts.items():
                if kind == field and len(values) == len(labels):
                    counter.add_metric(values, number)
            yield counter
        for name, field, label, help in DURATIONS:
            yield histogram(name, field, label, help, counts)
        yield request_seconds(counts)


def gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value)


def of_queues(census: Census) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("merian_queue_jobs", "Jobs that wait.", labels=["queue"])
    age = GaugeMetricFamily(
        "merian_queue_age_seconds", "Seconds that the oldest job has waited.", labels=["queue"]
    )
    consumed = GaugeMetricFamily(
        "merian_queue_consumed", "Whether a worker takes work from it.", labels=["queue"]
    )
    running = GaugeMetricFamily(
        "merian_queue_running", "Jobs of it that a worker holds.", labels=["queue"]
    )
    for each in census.queues:
        running.add_metric([each.name], each.running)
        waiting.add_metric([each.name], each.waiting)
        age.add_metric([each.name], each.oldest_seconds or 0)
        consumed.add_metric([each.name], each.is_consumed)
    yield from (waiting, age, consumed, running)


def messages(redis: Store) -> Metric:
    """By list: those of GPUs are lists of their own."""
    family = GaugeMetricFamily(
        "merian_queue_messages", "Messages that wake a worker.", labels=["queue"]
    )
    for name in QUEUES + GPU_QUEUES:
        family.add_metric([name], int(redis.llen(BROKER_PREFIX + name)))
    return family


def of_workers(census: Census) -> Metric:
    family = GaugeMetricFamily(
        "merian_workers", "Workers that tell of themselves.", labels=["device", "format", "state"]
    )
    found = Counter(
        (each.device or "unknown", str(each.format), "going" if each.going else "here")
        for each in census.members
    )
    for labels, number in found.items():
        family.add_metric(labels, number)
    return family


def histogram(name: str, field: str, label: str, help: str, counts: Counts) -> Metric:
    """A field for each bound holds what lies below it and above the one before."""
    family = HistogramMetricFamily(name, help, labels=[label])
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for (kind, *values), number in counts.items():
        if kind == field:
            found[values[0]][values[1]] = number
    for value, numbers in found.items():
        total, buckets = 0.0, []
        for bound in BOUNDS:
            total += numbers.get(str(bound), 0)
            buckets.append((str(float(bound)), total))
        buckets.append(("+Inf", total + numbers.get("more", 0)))
        family.add_metric([value], buckets, numbers.get("sum", 0))
    return family


def request_seconds(counts: Counts) -> Metric:
    family = SummaryMetricFamily(
        "merian_http_request_seconds", "Seconds until the answer began.", labels=["method", "route"]
    )
    answered: dict[tuple[str, ...], float] = defaultdict(float)
    for (kind, *values), number in counts.items():
        if kind == "requests":
            answered[tuple(values[:2])] += number
    for where, number in answered.items():
        seconds = counts.get(("request_seconds", *where), 0)
        family.add_metric(where, count_value=int(number), sum_value=seconds)
    return family
