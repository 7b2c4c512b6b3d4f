"""Templates, their variables and countries in the management API."""

from dataclasses import replace
import uuid

from .config import Attribute, Kind, MessageType, Template, Variable
from .management_call import ManagementCall, Operation
from .management_errors import ManagementRefusal
from .management_lists import INVALID, listed
from .management_orders import Fields, entries, filled, number, one_of, read_body, text
from .management_views import REGIONS, TYPES, template_view, variable_views
from .records import Json, JsonValue
from .templates import check_template
from .typed import InvalidValueError

_EXISTS = "MSGSMS.0008"
_MISSING = "MSGSMS.0009"
_FAILED = "MSGSMS.0029"
_NO_SIGNATURE = "MSGSMS.0005"
_NO_APPLICATION = "MSGSMS.0076"
_FILTERS = (
    "app_key",
    "app_name",
    "flow_status",
    "has_variable",
    "region",
    "template_id",
    "template_name",
    "template_type",
)
_MAX_TEMPLATES = 10_000
_STATES = ("Pending", "Reviewing", "Disable")
_KINDS = {region: kind for kind, region in REGIONS.items()}
_TYPES = {written: kind for kind, written in TYPES.items()}


def _view(call: ManagementCall, template: Template) -> Json:
    """Return a template as it is shown."""
    return template_view(template, call.console, call.options.integer_ids)


def _found(call: ManagementCall) -> Template:
    """Return the template that is called for."""
    template = call.console.template_of(call.record_id)
    if template is None:
        raise ManagementRefusal(_MISSING, f"id={call.record_id}")
    return template


def _list(call: ManagementCall) -> Json:
    """Answer ListTemplateDetails."""
    key, signed = call.query.get("app_key"), call.query.get("sign_name")
    if key and key not in call.console.applications:
        raise ManagementRefusal(_NO_APPLICATION, f"appKey={key}")
    views = [
        _view(call, template)
        for template in call.console.templates.values()
        if not signed or template.signature == signed
    ]
    return listed(views, call.query, _FILTERS, call.options.page_limit)


def _show(call: ManagementCall) -> Json:
    """Answer ShowTemplate."""
    return _view(call, _found(call))


def _variables(call: ManagementCall) -> Json:
    """Answer ListTemplateVarilableDetails."""
    views = variable_views(_found(call))
    return {"results": views, "total": len(views)}


def _create(call: ManagementCall) -> Json:
    """Answer CreateTemplate."""
    fields = read_body(call.body)
    if len(call.console.templates) >= _MAX_TEMPLATES:
        raise ManagementRefusal(_FAILED)
    template = _read(call, fields, uuid.uuid4().hex, call.console.new_id())
    return _write(call, replace(template, create_time=call.now))


def _update(call: ManagementCall) -> Json:
    """Answer UpdateTemplate: the whole record is replaced, and reviewed again."""
    template = _found(call)
    fields = read_body(call.body)
    written = _read(call, fields, template.id, template.record_id)
    return _write(call, replace(written, create_time=template.create_time))


def _read(
    call: ManagementCall, fields: Fields, template_id: str, record_id: str
) -> Template:
    """Read a template that is not approved yet."""
    application = call.console.application_of(text(fields, "app_id"))
    if application is None:
        raise ManagementRefusal(_NO_APPLICATION)
    kind = _KINDS[one_of(fields, "region", _KINDS)]
    general = number(fields.get("universal_template") or 0, "universal_template") == 1
    mainland, signature = kind is Kind.MAINLAND, None
    if mainland and not general:
        signature = call.console.signatures.get(text(fields, "sign_id"))
        if signature is None:
            raise ManagementRefusal(_NO_SIGNATURE)
    state = text(fields, "flow_status", "Reviewing")
    if state not in _STATES or application.kind is not kind:
        raise ManagementRefusal(INVALID)
    named = one_of(fields, "template_type", _TYPES) if mainland else "NOTIFY_TYPE"
    template = Template(
        record_id=record_id,
        update_time=call.now,
        id=template_id,
        name=filled(fields, "template_name"),
        text=filled(fields, "template_content"),
        kind=kind,
        type=_TYPES[named] if mainland else MessageType.NOTIFICATION,
        variables=_attributes(fields) if mainland else (),
        signature=signature.name if signature else None,
        general=general,
        active=False,
        flow_status=state,
        description=text(fields, "template_desc", ""),
        countries=tuple(
            number(entry, "send_country") for entry in entries(fields, "send_country")
        ),
        app_keys=(application.app_key,),
    )
    try:
        check_template(template)
    except InvalidValueError:
        raise ManagementRefusal(INVALID, "template_content") from None
    return template


def _attributes(fields: Fields) -> tuple[Variable, ...]:
    """Read the attributes of numbered variables."""
    found: dict[int, Variable] = {}
    for entry in entries(fields, "variable_attributes"):
        if not isinstance(entry, dict):
            raise ManagementRefusal(INVALID, "variable_attributes")
        attribute = Attribute(one_of(entry, "variable_type", list(Attribute)))
        if attribute is Attribute.TEXT and not entry.get("variable_desc"):
            raise ManagementRefusal(INVALID, "variable_desc")
        found[number(entry.get("variable_index"), "variable_index")] = Variable(
            attribute=attribute
        )
    return tuple(variable for _, variable in sorted(found.items()))


def _write(call: ManagementCall, template: Template) -> Json:
    """Write a template."""
    if any(
        one.name == template.name and one.id != template.id
        for one in call.console.templates.values()
    ):
        raise ManagementRefusal(_EXISTS)
    call.console.templates[template.id] = template
    view = _view(call, template)
    return {"id": view["id"], "template_name": template.name}


def _delete(call: ManagementCall) -> None:
    """Answer DeleteTemplate."""
    del call.console.templates[_found(call).id]


def _countries(call: ManagementCall) -> list[JsonValue]:
    """Answer ListSendCountryDetails."""
    wanted = call.query.get("country_name_en"), call.query.get("country_name_zh")
    return [
        {
            "country_id": country.id,
            "country_name_en": country.name_en,
            "country_name_zh": country.name_zh,
        }
        for country in call.console.countries
        if (wanted[0] or country.name_en, wanted[1] or country.name_zh)
        == (country.name_en, country.name_zh)
    ]


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", "templates"): _list,
    ("POST", "templates"): _create,
    ("GET", "templates/{id}"): _show,
    ("PUT", "templates/{id}"): _update,
    ("DELETE", "templates/{id}"): _delete,
    ("GET", "templates/{id}/varilable"): _variables,
    ("GET", "country"): _countries,
}
