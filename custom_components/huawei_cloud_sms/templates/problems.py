"""Says in the person's language what is wrong."""

from collections.abc import Sequence

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util.json import JsonObjectType

from ..const import DOMAIN
from .drafting import Problem


@callback
def problem_texts(hass: HomeAssistant, problems: Sequence[Problem]) -> list[str]:
    """Return a sentence for each problem, in Home Assistant's language.

    The translations must have been loaded. No value is told, only the one character
    that must not be there.
    """
    return [
        _text(hass, f"rule_{problem.rule}").format(
            variable=problem.variable,
            name=problem.name,
            sign=_readable(problem.offending),
            position=problem.position,
            count=problem.count,
            limit=problem.limit,
        )
        for problem in problems
    ]


@callback
def error_text(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return what an error of ours says, in Home Assistant's language."""
    text = _text(hass, str(err.translation_key))
    return text.format(**(err.translation_placeholders or {}))


def as_response(problem: Problem, text: str) -> JsonObjectType:
    """Return a problem and its sentence as an action's response."""
    return {
        "rule": problem.rule.value,
        "variable": problem.variable,
        "name": problem.name,
        "sign": problem.offending,
        "position": problem.position,
        "count": problem.count,
        "limit": problem.limit,
        "message": text,
    }


def _text(hass: HomeAssistant, key: str) -> str:
    """Return the text of an error, with what it leaves open."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "exceptions", DOMAIN
    )
    return texts[f"component.{DOMAIN}.exceptions.{key}.message"]


def _readable(sign: str | None) -> str:
    """Return a character, or what it is called where nobody could see it."""
    if sign is None or (sign.isprintable() and sign != " "):
        return sign or ""
    return f"U+{ord(sign):04X}"
