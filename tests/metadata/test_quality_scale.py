"""The quality scale answers every rule, and what can be looked up is true."""

import ast
from collections.abc import Callable
import inspect
import re
from typing import Any

import aiohttp
import pytest

from custom_components import huawei_cloud_sms
from custom_components.huawei_cloud_sms import config_flow, diagnostics
from custom_components.huawei_cloud_sms.config_flow import HuaweiCloudSmsConfigFlow
from custom_components.huawei_cloud_sms.msgsms.client import SmsClient

from .files import PACKAGE, ROOT, load, trees

# Home Assistant's rules, in the order of the file: bronze, silver, gold, platinum
RULES = [
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow-test-coverage",
    "config-flow",
    "dependency-transparency",
    "docs-actions",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "docs-triggers",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
    "devices",
    "diagnostics",
    "discovery",
    "discovery-update-info",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
    "async-dependency",
    "inject-websession",
    "strict-typing",
]

# The parts of the README that answer the rules about documentation
HEADINGS = {
    "docs-actions": "Sending",
    "docs-configuration-parameters": "Options",
    "docs-data-update": "What you get",
    "docs-examples": "Reacting",
    "docs-high-level-description": "What it is",
    "docs-installation-instructions": "Installation",
    "docs-installation-parameters": "Setting up",
    "docs-known-limitations": "Known limits",
    "docs-removal-instructions": "Removal",
    "docs-supported-functions": "What you get",
    "docs-troubleshooting": "Troubleshooting",
    "docs-use-cases": "for whom",
}

SCALE: dict[str, Any] = load(PACKAGE / "quality_scale.yaml")["rules"]
MANIFEST = load(PACKAGE / "manifest.json")
PROJECT = load(ROOT / "pyproject.toml")
README = (ROOT / "README.md").read_text("utf-8")
ACTIONS = (ROOT / "docs" / "actions.md").read_text("utf-8")
SOURCE = "\n".join(ast.unparse(tree) for _, tree in trees())
# What would make the client wait in the event loop
BLOCKING = r"^(?:import|from) (?:httpx|requests|socket|time|urllib\.request|urllib3)\b"


def client_source() -> str:
    """Return the client's statements."""
    return "\n".join(
        ast.unparse(tree) for path, tree in trees() if path.parts[0] == "msgsms"
    )


def platforms() -> list[str]:
    """Return the source of each platform."""
    return [
        (PACKAGE / f"{platform}.py").read_text("utf-8")
        for platform in huawei_cloud_sms.PLATFORMS
    ]


# For rules that are said to be done: how to see that they are
DONE: dict[str, Callable[[], object]] = {
    "action-setup": lambda: (
        "async_setup_services(hass)" in inspect.getsource(huawei_cloud_sms.async_setup)
    ),
    "appropriate-polling": lambda: "_INTERVAL = timedelta(hours=6)" in SOURCE,
    "async-dependency": lambda: not re.search(BLOCKING, client_source(), re.MULTILINE),
    "brands": (PACKAGE / "brand" / "icon.png").is_file,
    "config-entry-unloading": lambda: huawei_cloud_sms.async_unload_entry,
    "config-flow": lambda: MANIFEST["config_flow"] and config_flow,
    "dependency-transparency": lambda: "homeassistant" not in client_source(),
    "diagnostics": lambda: diagnostics.async_get_config_entry_diagnostics,
    "entity-unavailable": lambda: "CoordinatorEntity[Approvals]" in SOURCE,
    "entity-unique-id": lambda: "_attr_unique_id" in SOURCE,
    "has-entity-name": lambda: "_attr_has_entity_name = True" in SOURCE,
    "inject-websession": lambda: (
        inspect.signature(SmsClient).parameters["session"].annotation
        is aiohttp.ClientSession
    ),
    "integration-owner": lambda: MANIFEST["codeowners"],
    "log-when-unavailable": lambda: "raise UpdateFailed(" in SOURCE,
    "parallel-updates": lambda: all(
        re.search(r"^PARALLEL_UPDATES = \d", source, re.MULTILINE)
        for source in platforms()
    ),
    "reauthentication-flow": lambda: (
        HuaweiCloudSmsConfigFlow.async_step_reauth
        and HuaweiCloudSmsConfigFlow.async_step_reauth_confirm
    ),
    "reconfiguration-flow": lambda: HuaweiCloudSmsConfigFlow.async_step_reconfigure,
    "repair-issues": lambda: "ir.async_create_issue(" in SOURCE,
    "runtime-data": lambda: (
        "entry.runtime_data =" in SOURCE and "hass.data[DOMAIN]" not in SOURCE
    ),
    "strict-typing": lambda: (
        PROJECT["tool"]["mypy"]["strict"]
        and "custom_components" in PROJECT["tool"]["mypy"]["files"]
    ),
    "test-before-configure": lambda: ".probe()" in SOURCE,
    "test-coverage": lambda: PROJECT["tool"]["coverage"]["report"]["fail_under"] == 100,
    "unique-config-entry": lambda: (
        "async_set_unique_id(" in SOURCE and "_abort_if_unique_id_configured" in SOURCE
    ),
    **{
        rule: lambda heading=heading: re.search(
            rf"^##+ .*{heading}", README, re.MULTILINE
        )
        for rule, heading in HEADINGS.items()
    },
}

# For rules that are said not to apply: what must not be there, or the rule would
EXEMPT = {
    "discovery": r"async_step_(?:bluetooth|dhcp|homekit|mqtt|ssdp|usb|zeroconf)",
    "discovery-update-info": r"async_step_(?:dhcp|mqtt|ssdp|usb|zeroconf)",
    "docs-conditions": r"async_get_conditions",
    "docs-triggers": r"async_get_triggers",
    "test-before-setup": r"ConfigEntryNotReady|ConfigEntryAuthFailed",
}


def status(rule: str) -> str:
    """Return what is said of a rule."""
    answer = SCALE[rule]
    return answer if isinstance(answer, str) else answer["status"]


def test_every_rule_has_its_answer() -> None:
    """All rules of Home Assistant are there, in order, and no other."""
    assert len(RULES) == 54
    assert list(SCALE) == RULES


@pytest.mark.parametrize("rule", SCALE)
def test_answer(rule: str) -> None:
    """A rule is done, or does not apply for a reason of one sentence."""
    answer = SCALE[rule]
    if isinstance(answer, str):
        assert answer == "done"
    else:
        assert set(answer) == {"status", "comment"}
        assert answer["status"] in {"done", "exempt"}
        assert re.fullmatch(r"[A-Z].{10,}\.", answer["comment"])
        assert ". " not in answer["comment"]


@pytest.mark.parametrize("rule", DONE)
def test_done(rule: str) -> None:
    """What is said to be done is there."""
    assert status(rule) == "done"
    assert DONE[rule]()


@pytest.mark.parametrize("rule", EXEMPT)
def test_exempt(rule: str) -> None:
    """What is said not to apply is not there."""
    assert status(rule) == "exempt"
    assert not re.search(EXEMPT[rule], SOURCE)


@pytest.mark.parametrize("action", load(PACKAGE / "services.yaml"))
def test_actions_are_documented(action: str) -> None:
    """The README names each action, and the page of actions all its fields."""
    assert f"huawei_cloud_sms.{action}" in README
    assert f"`huawei_cloud_sms.{action}`" in ACTIONS
    assert "](docs/actions.md)" in README
    for name, field in load(PACKAGE / "services.yaml")[action]["fields"].items():
        for inner in field.get("fields", {name: field}):
            assert f"`{inner}`" in ACTIONS, inner
