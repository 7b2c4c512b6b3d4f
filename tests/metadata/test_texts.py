"""Texts, icons and forms of actions fit together; the flows' ends have their texts."""

import ast
from collections.abc import Iterator
import inspect
from itertools import chain
from typing import Any

import hass_frontend
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.config_flow import HuaweiCloudSmsConfigFlow
from custom_components.huawei_cloud_sms.reachability import Finding
from custom_components.huawei_cloud_sms.sending.reactions import PUSHES_REFUSED
from homeassistant.helpers.selector import validate_selector

from .files import PACKAGE, load, trees

ENGLISH = load(PACKAGE / "translations" / "en.json")
ICONS = load(PACKAGE / "icons.json")
ACTIONS = load(PACKAGE / "services.yaml")

KINDS = HuaweiCloudSmsConfigFlow.async_get_supported_subentry_types(
    MockConfigEntry(domain="huawei_cloud_sms")
)

# Ends of flows that Home Assistant brings about by itself, by what the flow calls
IMPLIED = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
}


def test_sections() -> None:
    """The texts are in sections that Home Assistant reads."""
    assert set(ENGLISH) <= {
        "common",
        "config",
        "config_subentries",
        "entity",
        "exceptions",
        "issues",
        "options",
        "selector",
        "services",
        "title",
    }


def test_languages() -> None:
    """The languages are those that the tests compare."""
    names = {path.name for path in (PACKAGE / "translations").iterdir()}
    assert names == {"en.json", "zh-Hans.json"}


METHODS = {
    node.name
    for _, tree in trees()
    for node in ast.walk(tree)
    if isinstance(node, ast.AsyncFunctionDef)
}


def icons(tree: Any) -> Iterator[str]:
    """Return all names of icons."""
    if isinstance(tree, str):
        yield tree
        return
    for inner in tree.values():
        yield from icons(inner)


def test_icons_exist() -> None:
    """Each icon is one that the front end has."""
    known = load(hass_frontend.where() / "static" / "mdi" / "iconList.json")
    names = {f"mdi:{icon['name']}" for icon in known}
    assert set(icons(ICONS)) <= names


def selectors(fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the fields of an action, those in sections too."""
    for name, field in fields.items():
        if "fields" in field:
            assert set(field) <= {"collapsed", "fields"}
            yield from selectors(field["fields"])
        else:
            yield name, field


@pytest.mark.parametrize("action", ACTIONS)
def test_forms_of_actions(action: str) -> None:
    """Every field has a selector that Home Assistant knows, and no text."""
    assert set(ACTIONS[action]) <= {"target", "fields"}
    for name, field in selectors(ACTIONS[action]["fields"]):
        assert set(field) <= {"required", "example", "default", "selector"}, name
        validate_selector(field["selector"])


def test_lines_of_actions() -> None:
    """Every field in a line of a list is named and explained, and has an input."""
    translated = set()
    for action in ACTIONS.values():
        for name, field in selectors(action["fields"]):
            config = field["selector"].get("object") or {}
            if "fields" not in config:
                continue
            translated.add(config["translation_key"])
            texts = ENGLISH["selector"][config["translation_key"]]["fields"]
            assert set(texts) == set(config["fields"]), name
            assert {config["label_field"], config["description_field"]} <= set(texts)
            for key, line in config["fields"].items():
                assert set(texts[key]) == {"name", "description"}
                validate_selector(line["selector"])
    assert translated == {"batch_message"}


def literals() -> tuple[set[str], set[str]]:
    """Return all texts in the code, and those that begin a composed one."""
    plain, begun = set(), {f"{PUSHES_REFUSED}_"}
    for _, tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(text)):
                    plain.add(text)
                case ast.JoinedStr(values=[ast.Constant(value=str(text)), _]):
                    begun.add(text)
    return plain, begun


def keys() -> Iterator[str]:
    """Return the keys by which the code names texts outside of entities."""
    for section in ("common", "exceptions", "issues"):
        yield from ENGLISH[section]
    for flow in (
        ENGLISH["config"],
        ENGLISH["options"],
        *ENGLISH["config_subentries"].values(),
    ):
        for part in ("abort", "error", "step"):
            yield from flow.get(part, {})
    in_actions = str(ACTIONS)
    for key in ENGLISH["selector"]:
        if f"'translation_key': '{key}'" not in in_actions:
            yield key


def test_every_key_is_used() -> None:
    """No text is left of what the code does not say any more."""
    plain, begun = literals()
    unused = {
        key
        for key in set(keys()) - set(IMPLIED.values())
        if key not in plain
        and not any(
            key.startswith(start) and key.removeprefix(start) in plain
            for start in begun
        )
        # a step may be there without being named
        and f"async_step_{key}" not in METHODS
    }
    assert not unused


def ends(*modules: ast.Module) -> Iterator[str]:
    """Return the reasons for which the flows in modules end, as far as they say."""
    for node in chain.from_iterable(map(ast.walk, modules)):
        if not isinstance(node, ast.Call):
            continue
        words = {word.arg: word.value for word in node.keywords}
        match node.func:
            case ast.Attribute(attr="async_abort"):
                yield str(ast.literal_eval(words["reason"]))
            case ast.Attribute(attr="async_update_and_abort") if "reason" in words:
                # one of two, by where the flow began
                for inner in ast.walk(words["reason"]):
                    if isinstance(inner, ast.Constant):
                        yield str(inner.value)
            case ast.Attribute(attr=name) if name in IMPLIED:
                yield IMPLIED[name]
            case ast.Name(id="AbortFlow"):
                yield str(ast.literal_eval(node.args[0]))


# Which module has the flow of an issue.
REPAIRS = {
    "account_application_missing": "form_repair",
    "account_credentials": "form_repair",
    "account_forbidden": "form_repair",
    "account_project": "form_repair",
    "account_project_or_region": "form_repair",
    "account_region": "form_repair",
    "no_pushes": "repairs",
    "pasted_address": "form_repair",
    "signature_to_activate": "signature_activation",
}


def test_every_end_has_its_text() -> None:
    """Every reason to end a flow is translated, and nothing else."""
    modules = {
        path.stem: tree
        for path, tree in trees()
        if len(path.parts) == 1 or path.parts[0] == "flows"
    }
    for kind, flow in KINDS.items():
        own = modules.pop(flow.__module__.rpartition(".")[2])
        given = {*ends(own)}
        if "unique_id=" in inspect.getsource(flow):
            # Home Assistant itself ends a flow whose unique id is taken
            given.add("already_configured")
        assert set(ENGLISH["config_subentries"][kind].get("abort", {})) == given
    repairs = {module: {*ends(modules.pop(module))} for module in set(REPAIRS.values())}
    for issue, module in REPAIRS.items():
        assert set(ENGLISH["issues"][issue]["fix_flow"]["abort"]) == repairs[module]
    assert set(ENGLISH["config"]["abort"]) == {*ends(*modules.values())}


def test_every_finding_has_its_text() -> None:
    """Whatever the check of the way back finds is explained, with what can follow."""
    texts = ENGLISH["issues"]["no_pushes"]["fix_flow"]
    assert set(texts["step"]) == {"causes", *Finding}
    for finding in Finding:
        assert set(texts["step"][finding]["menu_options"]) == {"check", "finish"}


def test_kinds_of_subentries() -> None:
    """Every kind that can be added has its name and the names of its flows."""
    assert set(ENGLISH["config_subentries"]) == set(KINDS)
    for kind, flow in KINDS.items():
        texts = ENGLISH["config_subentries"][kind]
        steps = {
            name.removeprefix("async_step_")
            for name in dir(flow)
            if name.startswith("async_step_")
        }
        # it shows the first form
        steps -= {"template_by_hand"}
        assert texts["entry_type"]
        assert set(texts["initiate_flow"]) == steps & {"user", "reconfigure"}
        assert set(texts["step"]) == steps
