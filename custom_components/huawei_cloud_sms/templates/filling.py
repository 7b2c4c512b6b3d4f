"""Fills a template's variables with what a call or a notification gives."""

from collections.abc import Mapping, Sequence

from jinja2 import TemplateError as UnreadableTemplate, meta

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, TemplateError
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.template import (
    Template,
    TemplateEnvironment,
    is_template_string,
)

from ..const import DOMAIN
from .template import SmsTemplate
from .variables import MAX_VARIABLES, Variable

# The names that a plain notification fills.
MESSAGE = "message"
TITLE = "title"


def names(hass: HomeAssistant, template: SmsTemplate) -> tuple[str, ...]:
    """Return the names by which a template is filled, its variables' own first."""
    _, provided = _environment(hass)
    variables = template.variables or ()
    own = [variable.name for variable in variables]
    free = {name for it in variables for name in _free_names(hass, it)} - provided
    return tuple(dict.fromkeys([*own, *sorted(free)]))


def missing_names(
    hass: HomeAssistant, template: SmsTemplate, given: Mapping[str, object]
) -> tuple[str, ...]:
    """Return the names without which a template cannot be filled."""
    _, provided = _environment(hass)
    missing: list[str] = []
    for variable in template.variables or ():
        if _given(template, variable, given) is not None:
            continue
        if variable.default is None:
            missing.append(variable.name)
        else:
            free = _free_names(hass, variable) - provided - set(given)
            missing += sorted(free)
    return tuple(dict.fromkeys(missing))


def fill(
    hass: HomeAssistant,
    template: SmsTemplate,
    values: Sequence[object] | Mapping[str, object],
) -> tuple[str, ...]:
    """Return the variables' texts in order, from a list of them or by name.

    A value that is None counts as not given. Raises ServiceValidationError when the
    values do not fit the template.
    """
    variables = template.variables
    if variables is None:
        return _fill_unknown(template, values)
    if isinstance(values, Mapping):
        given = {name: it for name, it in values.items() if it is not None}
        _check_names(hass, template, given)
    else:
        _check_count(template, values)
        own = [variable.name for variable in variables]
        pairs = zip(own, values, strict=True)
        given = {name: it for name, it in pairs if it is not None}
    found = [_given(template, variable, given) for variable in variables]
    if missing := [
        variable.name
        for variable, value in zip(variables, found, strict=True)
        if value is None and variable.default is None
    ]:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_missing",
            translation_placeholders={
                "template": template.name,
                "missing": ", ".join(missing),
                "names": ", ".join(names(hass, template)),
            },
        )
    return tuple(
        _render(hass, template, variable, given)
        if value is None
        else str(value).strip()
        for variable, value in zip(variables, found, strict=True)
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


def _given(
    template: SmsTemplate, variable: Variable, given: Mapping[str, object]
) -> object | None:
    """Return the value that is given for a variable, None if there is none.

    A plain text fills a template's only variable whatever that is called, unless the
    variable's default says itself what is made of the text.
    """
    if variable.name in given:
        return given[variable.name]
    if len(template.variables or ()) == 1 and not is_template_string(
        variable.default or ""
    ):
        return given.get(MESSAGE)
    return None


def _fill_unknown(
    template: SmsTemplate, values: Sequence[object] | Mapping[str, object]
) -> tuple[str, ...]:
    """Return the texts for a template of which nothing but the ID is known."""
    if isinstance(values, Mapping):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_need_list",
            translation_placeholders={"template": template.name},
        )
    if len(values) > MAX_VARIABLES:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_too_many",
            translation_placeholders={
                "template": template.name,
                "given": str(len(values)),
                "limit": str(MAX_VARIABLES),
            },
        )
    return tuple("" if value is None else str(value).strip() for value in values)


def _check_count(template: SmsTemplate, values: Sequence[object]) -> None:
    """Refuse a list that is not as long as the template asks for."""
    if len(values) != len(template.variables or ()):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variables_count",
            translation_placeholders={
                "template": template.name,
                "expected": str(len(template.variables or ())),
                "given": str(len(values)),
            },
        )


def _check_names(
    hass: HomeAssistant, template: SmsTemplate, given: Mapping[str, object]
) -> None:
    """Refuse names that the template does not use; a plain text is always allowed."""
    variables = template.variables or ()
    # with those that Home Assistant has too: a variable may be called so
    free = {name for it in variables for name in _free_names(hass, it)}
    own = {variable.name for variable in variables}
    if unknown := set(given) - own - free - {MESSAGE, TITLE}:
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
    variable: Variable,
    given: Mapping[str, object],
) -> str:
    """Return what a variable's default makes of the values that are given.

    A code keeps its leading zero: the result is never read as a number.
    """
    try:
        return str(
            Template(variable.default or "", hass).async_render(
                dict(given), parse_result=False, strict=True
            )
        ).strip()
    except TemplateError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variable_not_rendered",
            translation_placeholders={
                "template": template.name,
                "variable": variable.name,
                "names": ", ".join(names(hass, template)),
            },
        ) from err


def _free_names(hass: HomeAssistant, variable: Variable) -> set[str]:
    """Return the names that a default uses: with those that Home Assistant has too.

    There are none in what cannot be read, such as a filter of an earlier release.
    """
    environment, _ = _environment(hass)
    try:
        return meta.find_undeclared_variables(environment.parse(variable.default or ""))
    except UnreadableTemplate:
        return set()


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
