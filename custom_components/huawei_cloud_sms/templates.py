"""What a template asks of its variables; fills and checks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import re

from jinja2 import meta

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, TemplateError
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.template import Template, TemplateEnvironment

from .const import (
    CONF_CHANNEL_NUMBER,
    CONF_DEFAULT,
    CONF_KIND,
    CONF_SIGNATURE,
    CONF_TEMPLATE_ID,
    CONF_TEMPLATE_TYPE,
    CONF_TEXT,
    CONF_VARIABLES,
    DOMAIN,
    SUBENTRY_TEMPLATE,
    Kind,
)

MAX_VARIABLES = 20

# What a template ID looks like; a mistyped name should not be taken for one.
_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9_-]{16,32}")

# No variable of a mainland template may hold one of these, whatever its attribute.
_FORBIDDEN_SIGNS = "'{}"

# The names that a plain notification fills.
MESSAGE = "message"
TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsTemplate:
    """An approved template as it was entered, or one that is known by its ID only."""

    name: str
    template_id: str
    channel_number: str | None = None
    signature: str | None = field(default=None, repr=False)
    type: str | None = None
    variables: tuple[str, ...] | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)


def names(hass: HomeAssistant, template: SmsTemplate) -> tuple[str, ...]:
    """Return the names that a template's variables are filled by."""
    _, provided = _environment(hass)
    return tuple(sorted(_free_names(hass, template) - provided))


def _free_names(hass: HomeAssistant, template: SmsTemplate) -> set[str]:
    """Return the names that may be filled: with those that Home Assistant has too."""
    environment, _ = _environment(hass)
    found: set[str] = set()
    for text in template.variables or ():
        found |= meta.find_undeclared_variables(environment.parse(text))
    return found


@singleton(f"{DOMAIN}_template_environment")
@callback
def _environment(hass: HomeAssistant) -> tuple[TemplateEnvironment, frozenset[str]]:
    """Return an environment that reads templates, and what Home Assistant provides.

    It knows nothing of that itself: a variable may go by the same name.
    """
    environment = TemplateEnvironment(hass, limited=False, strict=False, log_fn=None)
    provided = frozenset(environment.globals)
    environment.globals.clear()
    return environment, provided


def from_subentry(subentry: ConfigSubentry) -> SmsTemplate:
    """Return the template that a subentry describes."""
    return SmsTemplate(
        name=subentry.title,
        template_id=subentry.data[CONF_TEMPLATE_ID],
        channel_number=subentry.data.get(CONF_CHANNEL_NUMBER),
        signature=subentry.data.get(CONF_SIGNATURE),
        type=subentry.data.get(CONF_TEMPLATE_TYPE),
        variables=tuple(subentry.data[CONF_VARIABLES]),
        text=subentry.data.get(CONF_TEXT),
    )


def by_subentry_id(entry: ConfigEntry, subentry_id: str) -> SmsTemplate | None:
    """Return the template of a subentry, or None when it was deleted."""
    subentry = entry.subentries.get(subentry_id)
    return None if subentry is None else from_subentry(subentry)


def by_name_or_id(entry: ConfigEntry, wanted: str) -> SmsTemplate:
    """Return the template with a name or ID; one that is not set up by its ID alone.

    Raises ServiceValidationError when several go by it, or none can.
    """
    known = _all(entry)
    name = wanted.casefold()
    # the front end lets people rename without asking whether the name is taken
    for fitting in (
        [template for template in known if template.name.casefold() == name],
        [template for template in known if template.template_id == wanted],
    ):
        if len(fitting) > 1:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="template_ambiguous",
                translation_placeholders={
                    "template": wanted,
                    "names": _names(fitting),
                },
            )
        if fitting:
            return fitting[0]
    if not _ID.fullmatch(wanted):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="template_unknown",
            translation_placeholders={"template": wanted, "names": _names(known)},
        )
    return SmsTemplate(name=wanted, template_id=wanted)


def default_template(entry: ConfigEntry) -> SmsTemplate:
    """Return the only template, or the one that is marked as the default.

    Raises ServiceValidationError with the names to choose from.
    """
    subentries = list(entry.get_subentries_of_type(SUBENTRY_TEMPLATE))
    marked = [it for it in subentries if it.data.get(CONF_DEFAULT)]
    for choice in (subentries, marked):
        if len(choice) == 1:
            return from_subentry(choice[0])
    if not subentries:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_templates"
        )
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="template_missing",
        translation_placeholders={"names": _names(_all(entry))},
    )


def fill(
    hass: HomeAssistant,
    template: SmsTemplate,
    values: Sequence[object] | Mapping[str, object],
) -> tuple[str, ...]:
    """Return the variables' texts in order, from a list of them or by name.

    Raises ServiceValidationError when the values do not fit the template.
    """
    if not isinstance(values, Mapping):
        if template.variables is not None and len(values) != len(template.variables):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="variables_count",
                translation_placeholders={
                    "template": template.name,
                    "expected": str(len(template.variables)),
                    "given": str(len(values)),
                },
            )
        return tuple("" if value is None else str(value).strip() for value in values)
    if template.variables is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_need_list",
            translation_placeholders={"template": template.name},
        )
    _check_names(hass, template, values)
    return tuple(
        _render(hass, template, place, text, values)
        for place, text in enumerate(template.variables, start=1)
    )


def read_values(
    value: object,
) -> Sequence[object] | Mapping[str, object] | None:
    """Return the values of an action as a list, or by name, None if there are none.

    A single text stands for a list of one. Raises ServiceValidationError for lists
    within lists and the like.
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        inner = list(value.values())
    else:
        value = list(value) if isinstance(value, list | tuple) else [value]
        inner = value
    if any(isinstance(item, Mapping | list | tuple | set) for item in inner):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="variables_form"
        )
    return (
        {str(name): it for name, it in value.items()}
        if isinstance(value, Mapping)
        else value
    )


def check(entry: ConfigEntry, template: SmsTemplate, variables: Sequence[str]) -> None:
    """Refuse values that the platform refuses in every template.

    Raises ServiceValidationError that names the variable, the rule and the remedy
    (sections 2.1 and 8.2 of the platform's reference).
    """
    if len(variables) > MAX_VARIABLES:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_too_many",
            translation_placeholders={
                "template": template.name,
                "given": str(len(variables)),
                "limit": str(MAX_VARIABLES),
            },
        )
    forbidden = _FORBIDDEN_SIGNS if entry.data[CONF_KIND] == Kind.MAINLAND else ""
    for place, value in enumerate(variables, start=1):
        if not value.strip():
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="variable_empty",
                translation_placeholders={
                    "template": template.name,
                    "variable": str(place),
                },
            )
        for sign in forbidden:
            if sign in value:
                raise ServiceValidationError(
                    translation_domain=DOMAIN,
                    translation_key="variable_sign",
                    translation_placeholders={
                        "template": template.name,
                        "variable": str(place),
                        "sign": sign,
                    },
                )


def _check_names(
    hass: HomeAssistant, template: SmsTemplate, values: Mapping[str, object]
) -> None:
    """Refuse names that the template does not use; a plain text is always allowed."""
    if unknown := set(values) - _free_names(hass, template) - {MESSAGE, TITLE}:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_unknown",
            translation_placeholders={
                "template": template.name,
                "unknown": ", ".join(sorted(unknown)),
                "names": ", ".join(names(hass, template)) or "-",
            },
        )


def _render(
    hass: HomeAssistant,
    template: SmsTemplate,
    place: int,
    text: str,
    values: Mapping[str, object],
) -> str:
    """Return one variable's text.

    A code keeps its leading zero: the result is never read as a number.
    """
    try:
        return str(
            Template(text, hass).async_render(
                dict(values), parse_result=False, strict=True
            )
        ).strip()
    except TemplateError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variable_not_rendered",
            translation_placeholders={
                "template": template.name,
                "variable": str(place),
                "names": ", ".join(names(hass, template)) or "-",
            },
        ) from err


def _all(entry: ConfigEntry) -> list[SmsTemplate]:
    """Return the templates that are set up for an application."""
    return [
        from_subentry(subentry)
        for subentry in entry.get_subentries_of_type(SUBENTRY_TEMPLATE)
    ]


def _names(templates: Sequence[SmsTemplate]) -> str:
    """Return the names to choose from."""
    return ", ".join(template.name for template in templates) or "-"
