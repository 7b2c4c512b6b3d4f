"""The form that shows what a template's SMS looks like, filled with sample values."""

from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import Kind
from ..markup import escape, quote
from ..templates.drafting import draft
from ..templates.parts import Encoding, estimate
from ..templates.problems import problem_texts
from ..templates.rules import longest
from ..templates.template import SmsTemplate
from ..templates.variables import Attribute, Variable
from .forms import read_text
from .words import async_words

# Unlike the other fields it is not called after a variable: no variable has a hyphen.
CONF_NEXT = "what-next"
SAVE, CHANGE = "save", "change"

# Each keeps the rules of its attribute, the further ones in fewer characters; the
# others hold any text.
_SAMPLES = {
    Attribute.PHONE: ("010-12345678", "01012345", "95001", "9500"),
    Attribute.CHARDIGIT: ("A1024", "A"),
    Attribute.DATETIME: ("18:30", "8点30", "8点5"),
    Attribute.MONEY: ("12.50", "5"),
    Attribute.NUM: ("1024", "5"),
    Attribute.DATE: ("2026-05-01", "20260501"),
    Attribute.TIME: ("18:30", "8点30", "8点5"),
}

_ENCODINGS = {Encoding.GSM_7: "GSM-7", Encoding.UCS_2: "UCS-2"}


async def async_samples(
    hass: HomeAssistant, variables: Sequence[Variable]
) -> dict[str, str]:
    """Return a value for each variable, by name, that breaks no rule."""
    text = (await async_words(hass, "common"))["sample_text"]
    return {variable.name: _sample(variable, text) for variable in variables}


def _sample(variable: Variable, text: str) -> str:
    """Return a value for a variable, which is a part of the text if it holds any."""
    most = longest(variable)
    for sample in _SAMPLES.get(variable.attribute, ()):
        if most is None or len(sample) <= most:
            return sample
    return text[:most]


def samples_schema(variables: Sequence[Variable]) -> vol.Schema:
    """Return a field for each variable, and what is to happen next."""
    fields: dict[vol.Marker, object] = {
        vol.Optional(variable.name): TextSelector() for variable in variables
    }
    fields[vol.Required(CONF_NEXT, default=SAVE)] = SelectSelector(
        SelectSelectorConfig(
            options=[SAVE, CHANGE],
            mode=SelectSelectorMode.LIST,
            translation_key="what_next",
        )
    )
    return vol.Schema(fields)


def read_samples(
    user_input: Mapping[str, Any], variables: Sequence[Variable]
) -> dict[str, str]:
    """Return the values that were typed, by name."""
    return {it.name: read_text(user_input, it.name) for it in variables}


async def async_describe_sample(
    hass: HomeAssistant,
    kind: Kind,
    template: SmsTemplate,
    samples: Mapping[str, str],
    price: float | None,
) -> dict[str, str]:
    """Return what a form says of the SMS that samples make: placeholders of its text.

    What is remarked of it is in Home Assistant's language. `price` is that of a part.
    """
    texts = await async_words(hass, "common")
    # of an integration that is only being set up they may not be there
    await async_words(hass, "exceptions")
    sms = draft(template, tuple(samples.values()), kind)
    text = sms.text or ""
    likely = estimate(text, kind)
    remarks = problem_texts(hass, sms.problems) or [texts["sample_fine"]]
    if price is not None:
        remarks.append(
            texts["sample_cost"].format(
                cost=f"{likely.cost(price):g}", currency=hass.config.currency
            )
        )
    if kind is Kind.MAINLAND and template.signature is None:
        remarks.append(texts["sample_signature"])
    return {
        "text": quote(text),
        "characters": str(likely.characters),
        "encoding": _ENCODINGS[likely.encoding],
        "parts": str(likely.parts),
        "remarks": "\n".join(f"- {escape(remark)}" for remark in remarks),
    }


async def async_no_text(hass: HomeAssistant) -> str:
    """Return what a form shows in place of a text that is not known."""
    return (await async_words(hass, "common"))["text_unknown"]
