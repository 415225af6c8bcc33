"""What is in deploy/ fits what there is: settings, queues, metrics, and Kubernetes's schemas."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from app.metrics import COUNTERS, DURATIONS
from app.settings import WebSettings
from commands.worker import LAST_STEPS, read_queues
from workers import counters
from workers.canaries import GPU_MEMORY
from workers.fleet import Member, announce
from workers.jobs import GPU_QUEUES, QUEUES
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import Store

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
VERSIONS = ("1.30", "1.37")


@cache
def objects() -> list[dict[str, Any]]:
    files = sorted(KUBERNETES.glob("*.yaml"))
    return [each for path in files for each in yaml.safe_load_all(path.read_text())]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """By name."""
    return {each["metadata"]["name"]: each for each in objects() if each["kind"] == kind}


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each container with the specification of its pod."""
    for kind in ("Deployment", "StatefulSet"):
        for each in of_kind(kind).values():
            pod = each["spec"]["template"]["spec"]
            yield from ((container, pod) for container in pod["containers"])


def everything(value: Any, key: str) -> Iterator[Any]:
    """What stands under `key`, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from everything(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from everything(inner, key)


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_it(version: str) -> None:
    builtin = [each for each in objects() if each["kind"] not in ("Kustomization", "ScaledObject")]
    assert len(builtin) >= 14
    for each in builtin:
        kubernetes_validate.validate(each, version, strict=True)


def test_the_list_of_files_is_whole() -> None:
    (listed,) = [each for each in objects() if each["kind"] == "Kustomization"]
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed["resources"]) == files
    ours = {each["image"] for each, _ in containers() if each["image"].startswith("merian")}
    assert {each["name"] for each in listed["images"]} == ours


def test_every_setting_named_there_is_one() -> None:
    known = {each.variable for each in (*WebSettings.describe(), *WorkerSettings.describe())}
    for path in KUBERNETES.iterdir():
        assert set(re.findall(r"MERIAN_\w+", path.read_text())) <= known, path.name
    given = of_kind("ConfigMap")["merian"]["data"] | of_kind("Secret")["merian"]["stringData"]
    environ = {name: text for name, text in given.items() if name != "MERIAN_ARTIFACTS"}
    assert WebSettings.from_env(environ).proxies == 1
    assert WorkerSettings.from_env(environ).drain_seconds == 600


def test_what_is_referred_to_is_there() -> None:
    for kind, key, name in (
        ("ConfigMap", "configMapRef", "name"),
        ("Secret", "secretRef", "name"),
        ("Secret", "secretKeyRef", "name"),
        ("PersistentVolumeClaim", "persistentVolumeClaim", "claimName"),
        ("Deployment", "scaleTargetRef", "name"),
    ):
        named = {each[name] for each in everything(objects(), key)}
        assert named and named <= set(of_kind(kind)), key
    apps = {each["spec"]["template"]["metadata"]["labels"]["app"] for each in deployed()}
    for kind, key in (("Service", "selector"), ("PodDisruptionBudget", "matchLabels")):
        for each in of_kind(kind).values():
            (selector,) = everything(each["spec"], key) if kind != "Service" else [
                each["spec"]["selector"]
            ]  # fmt: skip
            assert selector["app"] in apps


def deployed() -> list[dict[str, Any]]:
    return [*of_kind("Deployment").values(), *of_kind("StatefulSet").values()]


def test_the_workers_do_all_that_is_handed_in_and_are_drained() -> None:
    settings = of_kind("ConfigMap")["merian"]["data"]
    done: dict[str, set[str]] = {}
    for container, pod in containers():
        if container["name"] != "worker":
            continue
        assert container["args"][:3] == ["merian", "worker", "--queues"]
        done[container["image"]] = done.get(container["image"], set()) | set(
            read_queues(None, None, container["args"][3])  # type: ignore[arg-type]
        )
        assert container["lifecycle"]["preStop"]["exec"]["command"] == [
            "merian",
            "worker",
            "--drain",
        ]
        needed = int(settings["MERIAN_DRAIN_SECONDS"]) + LAST_STEPS
        assert pod["terminationGracePeriodSeconds"] >= needed
    assert done["merian-worker"] == set(QUEUES)
    assert done["merian-worker-cuda"] == {"slow", "training"}


def test_probes_ask_by_a_name_that_is_let_in() -> None:
    settings = of_kind("ConfigMap")["merian"]["data"]
    trusted = settings["MERIAN_TRUSTED_HOSTS"].split(",")
    probes = list(everything(of_kind("Deployment")["web"], "httpGet"))
    assert len(probes) == 3
    for each in probes:
        assert each["path"] == "/healthz"
        assert {"name": "Host", "value": "localhost"} in each["httpHeaders"]
    hosts = {rule["host"] for rule in of_kind("Ingress")["web"]["spec"]["rules"]}
    assert hosts | {"localhost"} <= set(trusted)
    (scraped,) = yaml.safe_load((DEPLOY / "prometheus" / "scrape.yml").read_text())[
        "scrape_configs"
    ]
    ((target,),) = [each["targets"] for each in scraped["static_configs"]]
    service, port = target.split(":")
    assert service in trusted
    assert int(port) in [each["port"] for each in of_kind("Service")[service]["spec"]["ports"]]


def test_scaling_has_bounds_and_thresholds() -> None:
    scaled = of_kind("ScaledObject")
    assert set(scaled) == set(of_kind("Deployment")) - {"web"}
    for each in scaled.values():
        spec = each["spec"]
        assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
        for trigger in spec["triggers"]:
            assert trigger["type"] == "prometheus" and float(trigger["metadata"]["threshold"]) > 0


def expressions() -> list[tuple[str, str]]:
    """Every query, with where it stands."""
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    board = json.loads((DEPLOY / "grafana" / "merian.json").read_text())
    scaling = [
        ("scaling", each) for each in everything(list(of_kind("ScaledObject").values()), "query")
    ]
    panels = [("dashboard", each) for each in everything(board, "expr")]
    return [*(("alert", each) for each in everything(alerts, "expr")), *panels, *scaling]


@pytest.fixture
def samples(redis: Store, ledger: Ledger, valkey_url: str, tmp_path: Path) -> dict[str, set[str]]:
    """Every sample that /metrics has once everything has happened, with its labels."""
    announce(ledger, Member.here(["quick"]))
    redis.hset(GPU_MEMORY, "slow", 1)
    for _, field, labels, _ in COUNTERS:
        redis.hset(counters.KEY, " ".join([field, *labels]), 1)
    for _, field, label, _ in DURATIONS:
        redis.hset(counters.KEY, f"{field} {label} 1", 1)
    workers = WorkerSettings(redis_url=valkey_url, data=tmp_path)
    text = create_app(WebSettings(secret_key="x"), workers).test_client().get("/metrics").text
    return {
        each.name: set(each.labels)
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_queries_can_be_read_and_name_metrics_and_labels_that_there_are(
    samples: dict[str, set[str]],
) -> None:
    assert len(expressions()) > 40
    asked: set[str] = set()
    for where, text in expressions():
        for metric, labels in selected(promql_parser.parse(text)):
            assert metric in samples, f"{where}: there is no {metric}"
            assert labels <= samples[metric], f"{where}: {metric} has no {labels}"
            asked.add(metric)
    family = re.compile(r"_(bucket|count|sum)$")
    unseen = {family.sub("", each) for each in samples} - {family.sub("", each) for each in asked}
    assert unseen == set(), "nobody looks at these"


def selected(tree: Any, grouped: frozenset[str] = frozenset()) -> Iterator[tuple[str, set[str]]]:
    """Metrics with the labels that are asked of them, by selection or by grouping."""
    if isinstance(tree, promql_parser.AggregateExpr) and tree.modifier:
        grouped |= set(tree.modifier.labels)
    if isinstance(tree, promql_parser.VectorSelector):
        yield tree.name, {*grouped, *(each.name for each in tree.matchers.matchers)}
    if isinstance(tree, promql_parser.MatrixSelector):
        yield from selected(tree.vector_selector, grouped)
    inside = [getattr(tree, name, None) for name in ("expr", "lhs", "rhs", "param")]
    for each in [*inside, *getattr(tree, "args", [])]:
        if each is not None:
            yield from selected(each, grouped)


def test_queues_named_in_queries_are_queues() -> None:
    for where, text in expressions():
        for named in re.findall(r'queue!?="([^"]*)"', text):
            assert named in QUEUES + GPU_QUEUES, where


def test_the_dashboard_has_no_two_panels_in_one_place() -> None:
    board = json.loads((DEPLOY / "grafana" / "merian.json").read_text())
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
