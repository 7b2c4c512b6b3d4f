"""Tests of what the flows say, in both languages."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any

import pytest
import voluptuous as vol

from custom_components import huawei_cloud_sms
from custom_components.huawei_cloud_sms.actions.terms import WaitFor
from custom_components.huawei_cloud_sms.config_flow import HuaweiCloudSmsConfigFlow
from custom_components.huawei_cloud_sms.const import AccountAuth, Kind
from custom_components.huawei_cloud_sms.endpoints import REGIONS, AddressProblem
from custom_components.huawei_cloud_sms.flows import (
    account_flow,
    account_form,
    connection_flow,
    connection_form,
    options_flow,
    push_keys_form,
    recipient_flow,
    reply_address_flow,
    sample_form,
    template_form,
    template_picking,
    template_steps,
    variables_form,
)
from custom_components.huawei_cloud_sms.ledger.limits import TemplateType
from custom_components.huawei_cloud_sms.ledger.models import State
from custom_components.huawei_cloud_sms.msgsms.management.models import AppStatus
from custom_components.huawei_cloud_sms.msgsms.models import Authentication
from custom_components.huawei_cloud_sms.msgsms.probe import Verdict
from custom_components.huawei_cloud_sms.phone_number import NumberProblem
from custom_components.huawei_cloud_sms.templates.variables import Attribute, Policy

PACKAGE = Path(huawei_cloud_sms.__file__).parent
SECTIONS = ("title", "config", "config_subentries", "options", "selector")


def load(language: str) -> dict[str, Any]:
    """Return what the flows say in a language."""
    path = PACKAGE / "translations" / f"{language}.json"
    texts = json.loads(path.read_text("utf-8"))
    return {section: texts[section] for section in SECTIONS}


ENGLISH = load("en")
CHINESE = load("zh-Hans")


def leaves(texts: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Return all texts with their paths."""
    if isinstance(texts, str):
        yield path, texts
        return
    for key, inner in texts.items():
        assert re.fullmatch(r"[a-z0-9_-]+", key), path
        yield from leaves(inner, f"{path}.{key}")


def placeholders(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return set(re.findall(r"{(\w+)}", text))


def test_languages_agree() -> None:
    """Both languages have the same keys and placeholders."""
    english, chinese = dict(leaves(ENGLISH)), dict(leaves(CHINESE))
    assert list(english) == list(chinese)
    for path, text in english.items():
        assert placeholders(text) == placeholders(chinese[path]), path


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
def test_texts_are_plain(texts: dict[str, Any]) -> None:
    """No address, no markup, nothing that breaks a message's format."""
    for path, text in leaves(texts):
        assert text == text.strip(), path
        assert not re.search(r"://|[<'{}]", re.sub(r"{\w+}", "", text)), path


def test_chinese_is_chinese() -> None:
    """Nothing was left untranslated, or is followed by an English full stop."""
    same = {
        path for path, text in leaves(ENGLISH) if text == dict(leaves(CHINESE))[path]
    }
    assert same == {".selector.auth.options.wsse"}
    assert not [path for path, text in leaves(CHINESE) if text.endswith((".", "?"))]


def fields(schema: vol.Schema | Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields of a form by name, those of sections as a mapping."""
    items = schema.schema if isinstance(schema, vol.Schema) else schema
    return {
        str(marker): fields(field.schema)
        if isinstance(getattr(field, "schema", None), vol.Schema)
        else None
        for marker, field in items.items()
    }


TEMPLATE = fields(template_form.template_schema(Kind.MAINLAND))
VARIABLES: dict[str, Any] = {"variables": None}
PREVIEW = fields(sample_form.samples_schema(()))
RECIPIENT = dict.fromkeys(("name", "number", "template"))
# the search is offered where there are many
PICKED: dict[str, Any] = {"search": None, "picked": None}
FORMS = {
    ("config", "by_hand"): fields(connection_form.connection_schema(False)),
    ("config", "app_secret"): fields(connection_form.application_schema(False)),
    ("config", "access_key"): fields(
        account_form.account_schema(AccountAuth.ACCESS_KEY, False)
    ),
    ("config", "iam_user"): fields(
        account_form.account_schema(AccountAuth.PASSWORD, False)
    ),
    ("config", "application"): {account_form.CONF_APPLICATION: None},
    ("config", "remove_account"): {},
    ("config", "connection"): fields(connection_form.connection_schema(True)),
    ("config", "reauth_confirm"): fields(connection_form.reauth_schema(False)),
    ("config", "accepted"): {},
    ("config", "confirm_unproven"): fields(connection_flow.UNPROVEN_SCHEMA),
    ("config", "template"): TEMPLATE,
    ("config", "pick_template"): PICKED,
    ("config", "pick_signature"): {"picked": None},
    ("config", "variables"): VARIABLES,
    ("config", "preview"): PREVIEW,
    ("config", "recipient"): fields(recipient_flow.FIRST_RECIPIENT_SCHEMA),
    ("config", "reply_address"): fields(push_keys_form.KEYS_SCHEMA),
    ("config", "push_keys"): fields(push_keys_form.KEYS_SCHEMA),
    ("config", "replies"): fields(
        push_keys_form.KEYS_SCHEMA.extend(push_keys_form.SWITCH)
    ),
    ("config", "no_reply_address"): {},
    ("template", "user"): {**TEMPLATE, "default": None},
    ("template", "reconfigure"): {**TEMPLATE, "default": None},
    ("template", "pick_template"): PICKED,
    ("template", "pick_signature"): {"picked": None},
    ("template", "variables"): VARIABLES,
    ("template", "preview"): PREVIEW,
    ("recipient", "user"): RECIPIENT,
    ("recipient", "reconfigure"): RECIPIENT,
    ("options", "init"): fields(
        options_flow.options_schema("EUR").extend(push_keys_form.SWITCH)
    ),
}
ACCOUNT_ERRORS = {f"account_{rule}" for rule in ("characters", "empty")} | {
    "account_application_missing",
    "account_clock",
    "account_credentials",
    "account_forbidden",
    "account_no_applications",
    "account_project",
    "account_project_or_region",
    "account_region",
    "account_rate",
    "account_refused",
    "account_unreachable",
}
MENUS = {
    "user": {"account", "by_hand"},
    "reconfigure": {"connection", "account", "reply_address"},
    "account": {"access_key", "iam_user", "remove_account"},
    "account_failed": {"pick_template", "template_by_hand"},
    "no_templates": {"pick_template", "template_by_hand"},
}


def steps(flow: str) -> dict[str, Any]:
    """Return the texts of a flow's steps."""
    texts = ENGLISH["config_subentries"].get(flow) or ENGLISH[flow]
    return texts["step"]


@pytest.mark.parametrize(("flow", "step"), FORMS)
def test_every_field_is_explained(flow: str, step: str) -> None:
    """Every field has a label and a description, and there are no others."""
    texts, form = steps(flow)[step], FORMS[flow, step]
    plain = {name for name, inner in form.items() if inner is None}
    assert set(texts.get("data", {})) == plain
    assert set(texts.get("data_description", {})) == plain
    sections = {name: inner for name, inner in form.items() if inner is not None}
    assert set(texts.get("sections", {})) == set(sections)
    for name, inner in sections.items():
        assert set(texts["sections"][name]["data"]) == set(inner)
        assert set(texts["sections"][name]["data_description"]) == set(inner)


def test_every_step_has_its_texts() -> None:
    """What the flow can show is what is translated."""
    shown = {
        name.removeprefix("async_step_")
        for name in vars(HuaweiCloudSmsConfigFlow)
        | vars(account_flow.AccountFlow)
        | vars(connection_flow.ConnectionFlow)
        | vars(reply_address_flow.ReplyAddressFlow)
        | vars(template_picking.TemplatePicking)
        | vars(template_steps.TemplateSteps)
        if name.startswith("async_step_")
    }
    # neither of these two shows anything itself
    assert shown - {"reauth", "template_by_hand"} == set(steps("config"))
    forms = {step for flow, step in FORMS if flow == "config"}
    assert set(steps("config")) == forms | set(MENUS)
    for step, options in MENUS.items():
        menu = steps("config")[step]
        assert set(menu["menu_options"]) == options
        assert set(menu["menu_option_descriptions"]) == options
    template = set(steps("template")) - {"user", "reconfigure"}
    assert all(steps("template")[it] == steps("config")[it] for it in template)


def test_every_choice_has_its_text() -> None:
    """Every option of every selector is translated."""
    assert {
        name: set(texts["options"])
        for name, texts in ENGLISH["selector"].items()
        if "options" in texts
    } == {
        "application_status": {status.lower() for status in AppStatus},
        "attribute": set(Attribute),
        "auth": set(Authentication),
        "decision": {"back", "go_on"},
        "endpoint": set(REGIONS),
        "kind": set(Kind),
        "message_state": set(State),
        "policy": set(Policy),
        "template_type": set(TemplateType),
        "wait_for": set(WaitFor),
        "what_next": {sample_form.SAVE, sample_form.CHANGE},
    }


def test_every_field_of_a_line_is_explained() -> None:
    """Every field of a template's variable has a name and a description."""
    choices = {
        f"{name}.options.{key}": text
        for name in ("attribute", "policy")
        for key, text in ENGLISH["selector"][name]["options"].items()
    }
    form = variables_form.VariablesForm(Kind.MAINLAND, "", choices)
    (lines,) = form.schema().schema.values()
    texts = ENGLISH["selector"][lines.config["translation_key"]]["fields"]
    assert set(texts) == set(lines.config["fields"])
    assert all(set(it) == {"name", "description"} for it in texts.values())


def test_every_unit_has_its_text() -> None:
    """Every unit of a number in the options is translated."""
    units = {
        field.config["translation_key"]: {field.config["unit_of_measurement"]}
        for field in options_flow.options_schema("EUR").schema.values()
        if "translation_key" in field.config
    }
    assert units == {
        name: set(texts["unit_of_measurement"])
        for name, texts in ENGLISH["selector"].items()
        if "unit_of_measurement" in texts
    }


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_wrong_project_or_region(language: str) -> None:
    """What is said of the two names the fields, the region that was chosen, a remedy.

    Where the platform does not tell which of them is wrong, it is said of both.
    """
    path = PACKAGE / "translations" / f"{language}.json"
    texts = json.loads(path.read_text("utf-8"))["config"]
    labels = texts["step"]["access_key"]["data"]
    project, region = labels["project_id"], labels["region"]
    console = {"en": "My Credentials", "zh-Hans": "我的凭证"}[language]
    errors = texts["error"]
    for key in ("project", "region", "project_or_region"):
        assert {"{region}", "{code}", console} <= set(
            re.findall(rf"{{\w+}}|{console}", errors[f"account_{key}"])
        )
    assert errors["account_project"].startswith(project)
    assert errors["account_region"].startswith(region)
    both = errors["account_project_or_region"].lower()
    assert both.startswith(region.lower())
    assert project.lower() in both


def raised(*modules: str) -> set[str]:
    """Return the rules that modules of the package name as errors."""
    source = "".join(
        (PACKAGE / "flows" / f"{module}.py").read_text("utf-8") for module in modules
    )
    rules = re.findall(r'FormError\(\s*\w+,\s*"(\w+)"', source)
    rules += re.findall(r'_error\(\s*"(\w+)"', source)
    rules += re.findall(r'rule="(\w+)"', source)
    return set(rules)


def test_every_error_has_its_text() -> None:
    """Every error that a form can show is translated, and nothing else."""
    numbers = {f"number_{problem}" for problem in NumberProblem}
    numbers |= raised("recipient_flow")
    addresses = {f"address_{problem}" for problem in AddressProblem}
    names = raised("forms")
    assert names == {"name_empty", "name_taken"}
    templates = raised("template_form", "template_picking", "variables_form")
    templates |= {f"variable_{policy}" for policy in Policy if policy != Policy.REFUSE}
    subentries = ENGLISH["config_subentries"]
    assert set(subentries["recipient"]["error"]) == numbers | names
    assert set(subentries["template"]["error"]) == templates | names
    assert set(ENGLISH["options"]["error"]) == addresses - {"address_path"}
    # nothing can be taken already in a flow that only begins
    assert set(ENGLISH["config"]["error"]) == (
        (set(Verdict) - {Verdict.VALID, Verdict.ACCEPTED})
        | addresses
        | raised("connection_form", "push_keys_form")
        | templates
        | (numbers - {"number_taken"})
        | {"name_empty"}
        | ACCOUNT_ERRORS
    )
