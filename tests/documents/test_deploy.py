"""What stands in `deploy/` fits the code that it deploys."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import streams.shells.worker_telemetry  # noqa: F401
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/frontwire.json").read_text())
METRICS = {sample.name for metric in REGISTRY.collect() for sample in metric.samples} | {
    f"{metric.name}{end}" for metric in REGISTRY.collect() for end in ("", "_total", "_sum", "_bucket", "_count")
}


def manifests() -> Any:
    spec = importlib.util.spec_from_file_location("manifests", DEPLOY / "manifests.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_topics_and_users_are_what_the_registry_and_the_stages_say() -> None:
    for path, text in manifests().written().items():
        assert path.read_text() == text, f"{path.name} is old: python deploy/manifests.py"


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_is_explained_and_asks_for_a_metric_that_there_is(rule: dict[str, Any]) -> None:
    assert f"| `{rule['alert']}` |" in (DEPLOY / "README.md").read_text()
    assert set(re.findall(r"frontwire_\w+", rule["expr"])) <= METRICS


@pytest.mark.parametrize("panel", DASHBOARD["panels"], ids=lambda panel: panel["title"])
def test_every_panel_asks_for_a_metric_that_there_is(panel: dict[str, Any]) -> None:
    named = {name for target in panel["targets"] for name in re.findall(r"frontwire_\w+", target["expr"])}
    assert named
    assert named <= METRICS


def test_the_dashboard_shows_lag_throughput_dead_letters_and_the_age_of_the_state() -> None:
    assert {"Lag", "Throughput", "Dead letters", "State age"} <= {panel["title"] for panel in DASHBOARD["panels"]}


def test_every_service_runs_a_command_that_there_is_without_rights_on_a_system_that_nothing_writes() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: service for name, service in services.items() if service.get("image") == "frontwire"}
    assert set(ours) >= {"run", "serve", "worker-a", "worker-b", "feed"}
    for service in ours.values():
        assert service["command"][0] in ("run", "serve")
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
