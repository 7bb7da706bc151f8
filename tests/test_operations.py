"""The files for those who operate it name commands and settings that there are, and are what their tools expect."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.cli import parser
from storage.settings import SETTINGS

PLACE = Path(__file__).parents[1] / "docs" / "operations"
OURS = "tablewright"
COMPOSE = yaml.safe_load((PLACE / "compose.yaml").read_text(encoding="utf-8"))
MANIFESTS = [each for each in yaml.safe_load_all((PLACE / "kubernetes.yaml").read_text(encoding="utf-8")) if each]
SECRET = re.compile(r"PASSWORD|SECRET")


def settings_of(part: dict[str, Any]) -> set[str]:
    """Return the variables of ours that a part sets."""
    return {name for name in part if name.startswith("TABLEWRIGHT_")}


def test_every_service_of_ours_runs_a_command_that_there_is() -> None:
    ours = [each for each in COMPOSE["services"].values() if each["image"] == OURS]
    assert len(ours) == 4
    for service in ours:
        parser().parse_args(service["command"])


def test_runs_are_left_to_workers_that_share_database_and_store_with_the_app() -> None:
    app, trainer = (COMPOSE["services"][name]["environment"] for name in ("app", "trainer"))
    assert app["TABLEWRIGHT_TRAIN_ON"] == trainer["TABLEWRIGHT_TRAIN_ON"] == "workers"
    assert {name: app[name] for name in trainer} == trainer
    assert {"TABLEWRIGHT_DATABASE", "TABLEWRIGHT_ARTIFACTS"} <= trainer.keys()


def test_services_need_only_what_there_is() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), "open to this computer only"


def test_settings_exist_and_no_secret_is_written_down() -> None:
    known = {setting.variable for setting in SETTINGS}
    for service in COMPOSE["services"].values():
        given = service.get("environment", {})
        assert settings_of(given) <= known
        for name, value in given.items():
            if SECRET.search(name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?\}", value), f"{name} must come from outside"
    for manifest in MANIFESTS:
        assert manifest["kind"] != "Secret"
        assert settings_of(manifest.get("data", {})) <= known


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_takes_each_manifest(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.34", strict=True)
    for container in manifest.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ()):
        parser().parse_args(container["args"])


def test_a_manifest_with_a_slip_is_refused() -> None:
    slip = {**MANIFESTS[0], "datta": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(slip, "1.34", strict=True)


def test_the_names_in_the_text_are_those_of_the_files() -> None:
    text = (PLACE.parents[1] / "OPERATIONS.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+):\?\}", (PLACE / "compose.yaml").read_text(encoding="utf-8")))
    assert all(f"`{name}`" in text for name in asked)


def test_the_text_names_the_keys_of_the_secret() -> None:
    """They are taken as variables as they are: all that compose gives the app and the config map does not."""
    text = (PLACE.parents[1] / "OPERATIONS.md").read_text(encoding="utf-8")
    told = text.partition("the keys of the secret `tablewright`")[2].partition(". ")[0]
    (given,) = (each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap")
    needed = COMPOSE["services"]["app"]["environment"].keys() - given.keys()
    assert set(re.findall(r"`([A-Z_]+)`", told)) == needed
    for manifest in MANIFESTS:
        for container in manifest.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ()):
            taken = [{"configMapRef": {"name": OURS}}, {"secretRef": {"name": OURS}}]
            assert container["args"][0] not in {"app", "worker"} or container["envFrom"] == taken
