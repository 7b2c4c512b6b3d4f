"""Tests of what the integration says outside its flows, in both languages."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components import huawei_cloud_sms
from custom_components.huawei_cloud_sms.ledger.models import SILENT_STATES, State
from custom_components.huawei_cloud_sms.msgsms.errors import PushRejection
from custom_components.huawei_cloud_sms.phone_number import NumberProblem
from homeassistant.core import HomeAssistant
from simulator.server import Server

from .common import Events, reply_from_phone, send_sms
from .const import NOTIFY_ENTITY, OTHER_NUMBER, REPLY_EVENT, REPORT_EVENT

PACKAGE = Path(huawei_cloud_sms.__file__).parent
SECTIONS = ("common", "entity", "exceptions", "issues", "services")
ERRORS = {"HomeAssistantError", "ServiceValidationError"}


def load(name: str) -> dict[str, Any]:
    """Return a JSON file of the package."""
    content: dict[str, Any] = json.loads((PACKAGE / name).read_text("utf-8"))
    return content


ALL_ENGLISH = load("translations/en.json")
ALL_CHINESE = load("translations/zh-Hans.json")
ENGLISH = {section: ALL_ENGLISH[section] for section in SECTIONS}
CHINESE = {section: ALL_CHINESE[section] for section in SECTIONS}
ICONS = load("icons.json")
ACTIONS: dict[str, Any] = yaml.safe_load((PACKAGE / "services.yaml").read_text("utf-8"))


def leaves(texts: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Return all texts with their paths."""
    if isinstance(texts, str):
        yield path, texts
        return
    for key, inner in texts.items():
        assert re.fullmatch(r"[a-z0-9_-]+", key), path
        yield from leaves(inner, f"{path}.{key}")


def placeholders(texts: Any) -> set[str]:
    """Return the names of the placeholders in texts."""
    return {name for _, text in leaves(texts) for name in re.findall(r"{(\w+)}", text)}


def test_languages_agree() -> None:
    """Both languages have the same sections, keys and placeholders."""
    assert list(ALL_ENGLISH) == list(ALL_CHINESE)
    english, chinese = dict(leaves(ENGLISH)), dict(leaves(CHINESE))
    assert list(english) == list(chinese)
    for path, text in english.items():
        assert placeholders(text) == placeholders(chinese[path]), path


def test_texts_are_plain() -> None:
    """No address, no markup, no stray braces or blanks, nothing untranslated."""
    for texts in (ENGLISH, CHINESE):
        for path, text in leaves(texts):
            assert text
            assert text == text.strip(), path
            assert not re.search(r"://|[<{}]|'{", re.sub(r"{\w+}", "", text)), path
    for path, text in leaves(CHINESE):
        assert re.search(r"[\u4e00-\u9fff]", text), path
        assert not text.endswith("."), path


INVALID_FIELDS = (
    "channel_number",
    "numbers",
    "signature",
    "template_id",
    "variables",
)


def raised_keys() -> Iterator[tuple[str, set[str] | None]]:
    """Return each key that is raised, with its placeholders if they are literal."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in ERRORS:
                continue
            # a text beside the key would be shown instead of the translation
            assert not node.args, path
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            names: set[str] | None = set()
            match given.get("translation_placeholders"):
                case ast.Dict(keys=keys):
                    names = {ast.literal_eval(key) for key in keys if key}
                case ast.expr():
                    names = None
            match given["translation_key"]:
                case ast.Constant(value=str(key)):
                    yield key, names
                case ast.JoinedStr(values=[ast.Constant(value="number_"), _]):
                    for problem in NumberProblem:
                        yield f"number_{problem}", names
                case ast.JoinedStr(values=[ast.Constant(value="invalid_"), _]):
                    # what `SmsClient.prepare` can find wrong
                    for field in INVALID_FIELDS:
                        yield f"invalid_{field}", names
                case other:
                    raise AssertionError(f"{path.name}: {ast.unparse(other)}")


def test_exceptions() -> None:
    """Every error that is raised has a text with its placeholders, and no other."""
    raised = dict(raised_keys())
    assert set(raised) == set(ENGLISH["exceptions"])
    for key, names in raised.items():
        if names is None:
            # masked, and of an ambiguous number both readings
            assert key.startswith("number_")
            names = {"number"} if key != "number_empty" else set()
            if key == "number_ambiguous":
                names |= {"first", "second"}
        assert names == placeholders(ENGLISH["exceptions"][key]), key


def test_issues() -> None:
    """Every issue has its texts, and there are no others."""
    causes = set(PushRejection) - {PushRejection.REPLAY}
    assert set(ENGLISH["issues"]) == {
        "account_blocked",
        "clock_off",
        "ip_not_allowed",
        "limit_reached",
        "no_public_address",
        "no_pushes",
        "storage_damaged",
        "storage_failed",
        "template_deleted",
        "volume_limit",
        *(f"pushes_refused_{cause}" for cause in causes),
    }
    for key, texts in ENGLISH["issues"].items():
        assert "title" in texts
        # what a person mends by a form says there what it is about
        assert ("fix_flow" in texts) == (key in ("no_pushes", "storage_damaged"))
        assert ("description" in texts) != ("fix_flow" in texts)


def fields(action: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Return the names of an action's fields and of its sections."""
    plain, sections = set(), set()
    for name, field in action.get("fields", {}).items():
        if "fields" in field:
            sections.add(name)
            plain |= set(field["fields"])
        else:
            assert "selector" in field
            plain.add(name)
    return plain, sections


def test_actions(hass: HomeAssistant) -> None:
    """Actions, their fields and sections are described, translated, with an icon."""
    assert set(ACTIONS) == set(ENGLISH["services"]) == set(ICONS["services"])
    for name, action in ACTIONS.items():
        texts = ENGLISH["services"][name]
        plain, sections = fields(action)
        assert set(texts["fields"]) == plain
        assert set(texts.get("sections", {})) == sections
        for described in (texts, *texts["fields"].values()):
            assert described["name"] and described["description"]
        assert ICONS["services"][name]["service"].startswith("mdi:")


async def test_actions_take_their_fields(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """What the form of an action offers is what the action takes."""
    for name, action in ACTIONS.items():
        schema = hass.services.async_services()["huawei_cloud_sms"][name].schema
        assert schema is not None
        plain, _ = fields(action)
        if name == "list_messages":
            # any of them may be left empty
            assert set(schema(dict.fromkeys(plain - {"limit"}))) == plain
            continue
        taken = {"template": "x", "variables": [], "channel_number": "1"}
        taken |= {"signature": "x"}
        target = {"entity_id": ["notify.x"]}
        if "numbers" in action["fields"]:
            taken |= {"numbers": ["1"], "config_entry_id": "x"}
        if "entity_id" in action["fields"]:
            taken |= target
        if name != "preview":
            taken |= {"wait_for": "delivered", "timeout": 60, "retry_for": 0}
            taken |= {"expires_after": {"hours": 1}, "override_limit": True}
        assert plain == set(taken)
        if "target" in action:
            taken |= target
        assert set(schema(taken)) == set(taken)


async def test_entities(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Names, states and attributes of the entities are translated."""
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)
    await send_sms(hass, OTHER_NUMBER)
    await reply_from_phone(platform, OTHER_NUMBER, "好的")
    await reports.wait_for(1)
    await replies.wait_for(1)
    core = {"event_types", "friendly_name", "supported_features"}
    for key, events in (("delivery_report", reports), ("reply", replies)):
        texts = ENGLISH["entity"]["event"][key]
        shown = events.states[0].attributes
        assert shown["friendly_name"] == f"SMS {texts['name']}"
        assert set(texts["state_attributes"]) == set(shown) - core
        types = texts["state_attributes"]["event_type"]["state"]
        assert set(types) == set(shown["event_types"])
        assert ICONS["entity"]["event"][key]["default"].startswith("mdi:")
    for platform_name in ("button", "event", "sensor"):
        texts, icons = (it["entity"][platform_name] for it in (ENGLISH, ICONS))
        assert set(texts) == set(icons)
    assert hass.states.get(NOTIFY_ENTITY).attributes["friendly_name"] == "Mei"
    states = ENGLISH["entity"]["event"]["delivery_report"]["state_attributes"][
        "event_type"
    ]["state"]
    assert set(states) == set(State) - SILENT_STATES
    icons = ICONS["entity"]["event"]["delivery_report"]["state_attributes"]
    assert set(icons["event_type"]["state"]) == set(states)
