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
from custom_components.huawei_cloud_sms.account.states import TEMPLATE_APPROVALS
from custom_components.huawei_cloud_sms.ledger.models import SILENT_STATES, State
from custom_components.huawei_cloud_sms.msgsms.errors import PushRejection
from custom_components.huawei_cloud_sms.phone_number import NumberProblem
from custom_components.huawei_cloud_sms.templates.drafting import TextRule
from custom_components.huawei_cloud_sms.templates.rules import Rule
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


# What an error of the account is about, and what its text has to name.
ACCOUNT = {
    "account_application_missing": set[str](),
    "account_clock": set[str](),
    "account_credentials": {"code"},
    "account_forbidden": {"code", "region", "right"},
    "account_project": {"code", "region"},
    "account_project_or_region": {"code", "region"},
    "account_region": {"code", "region"},
    "account_rate": {"minutes"},
    "account_refused": {"code"},
    "account_unreachable": {"code"},
}
# Those that every call meets, and a form mends.
ACCOUNT_ISSUES = {
    "account_application_missing",
    "account_credentials",
    "account_forbidden",
    "account_project",
    "account_project_or_region",
    "account_region",
}
APPROVAL_ISSUES = {
    "application_suspended",
    "signature_in_review",
    "signature_not_found",
    "signature_rejected",
    "signature_to_activate",
    "template_deactivated",
    "template_in_review",
    "template_not_found",
    "template_rejected",
}
MENDED_BY_FORMS = {
    *ACCOUNT_ISSUES,
    "no_pushes",
    "pasted_address",
    "signature_to_activate",
    "storage_damaged",
}


def test_exceptions() -> None:
    """Every error that is raised has a text with its placeholders, and no other."""
    raised = dict(raised_keys())
    rules = {f"rule_{rule}" for rule in (*Rule, *TextRule)}
    assert set(raised) | rules | set(ACCOUNT) == set(ENGLISH["exceptions"])
    for key, names in ACCOUNT.items():
        # a form says the same of it, an issue begins with what it means for SMS
        text = ENGLISH["exceptions"][key]["message"]
        assert text == ALL_ENGLISH["config"]["error"][key]
        assert names == placeholders(text), key
    for rule in rules:
        # a sentence of an error that names all rules that are broken
        assert placeholders(ENGLISH["exceptions"][rule]) <= {
            "variable",
            "name",
            "sign",
            "position",
            "count",
            "limit",
        }
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
        *ACCOUNT_ISSUES,
        *APPROVAL_ISSUES,
        "clock_off",
        "ip_not_allowed",
        "limit_reached",
        "no_public_address",
        "no_pushes",
        "pasted_address",
        "storage_damaged",
        "storage_failed",
        "template_deleted",
        "uplink_failed",
        "uplink_not_given_back",
        "uplink_refused",
        "volume_limit",
        *(f"pushes_refused_{cause}" for cause in causes),
    }
    for key, texts in ENGLISH["issues"].items():
        assert "title" in texts
        # what a person mends by a form says there what it is about
        assert ("fix_flow" in texts) == (key in MENDED_BY_FORMS)
        assert ("description" in texts) != ("fix_flow" in texts)


def test_no_markup_of_others() -> None:
    """What people and the platform call things is text where there can be markup.

    A title shows it as it is. An address stands between backticks, where no other
    markup counts.
    """
    raw = {"application", "template", "signature", "recipient", "name"}
    addresses = {"address", "current", "replaced"}
    for texts in (ALL_ENGLISH, ALL_CHINESE):
        for path, text in leaves({it: texts[it] for it in ("config", "issues")}):
            if path[-1] in ("description", "form_opened", "not_activated"):
                found = set(re.findall(r"{(\w+)}", text))
                if path[0] == "issues":
                    assert not found & raw, path
                for name in found & addresses:
                    assert text.count(f"`{{{name}}}`") == text.count(f"{{{name}}}")


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
        if name.startswith("list_"):
            # any of them may be left empty
            assert set(schema(dict.fromkeys(plain - {"limit"}))) == plain
            continue
        taken: dict[str, Any] = {"config_entry_id": "x"}
        if "messages" in action["fields"]:
            taken |= {"messages": []}
        if "template" in plain:
            taken |= {"template": "x", "variables": [], "channel_number": "1"}
            taken |= {"signature": "x"}
        target = {"entity_id": ["notify.x"]}
        if "numbers" in action["fields"]:
            taken |= {"numbers": ["1"]}
        if "config_entry_id" not in plain:
            del taken["config_entry_id"]
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
    approval = ENGLISH["entity"]["sensor"]["approval"]
    assert set(approval["state"]) == set(TEMPLATE_APPROVALS)
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
