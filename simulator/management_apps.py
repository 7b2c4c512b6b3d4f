"""Applications in the management API."""

from dataclasses import replace
import secrets
from urllib.parse import urlsplit

from .config import Application, Kind
from .management_call import ManagementCall, Operation
from .management_errors import ManagementRefusal
from .management_lists import INVALID, listed
from .management_orders import Fields, filled, one_of, read_body, text
from .management_views import REGIONS, application_view
from .records import Json

_MISSING = "MSGSMS.0076"
_FAILED = "MSGSMS.0029"
_FILTERS = ("app_name", "region", "status")
_MAX_APPLICATIONS = 100
_QUOTAS = {Kind.MAINLAND: 2, Kind.INTERNATIONAL: 2}
_KINDS = {region: kind for kind, region in REGIONS.items()}


def _view(call: ManagementCall, application: Application) -> Json:
    """Return an application as it is shown."""
    return application_view(application, call.address, call.options.integer_ids)


def _found(call: ManagementCall) -> Application:
    """Return the application that is called for."""
    application = call.console.application_of(call.record_id)
    if application is None:
        raise ManagementRefusal(_MISSING, f"id={call.record_id}")
    return application


def _list(call: ManagementCall) -> Json:
    """Answer ListAppDetails."""
    views = [_view(call, one) for one in call.console.applications.values()]
    return listed(views, call.query, _FILTERS, call.options.page_limit)


def _show(call: ManagementCall) -> Json:
    """Answer ShowApp."""
    return _view(call, _found(call))


def _count(call: ManagementCall) -> Json:
    """Answer ShowAppCount."""
    region = call.query.get("region")
    if region and region not in _KINDS:
        raise ManagementRefusal(INVALID, "region")
    kinds = [_KINDS[region]] if region else list(Kind)
    used = [one for one in call.console.applications.values() if one.kind in kinds]
    return {"total": sum(_QUOTAS[kind] for kind in kinds), "used": len(used)}


def _create(call: ManagementCall) -> Json:
    """Answer CreateApp."""
    fields = read_body(call.body)
    if len(call.console.applications) >= _MAX_APPLICATIONS:
        raise ManagementRefusal(_FAILED)
    kind = _KINDS[one_of(fields, "region", _KINDS)]
    created = Application(
        record_id=call.console.new_id(),
        create_time=call.now,
        app_key=secrets.token_hex(14),
        app_secret=secrets.token_hex(14),
        kind=kind,
    )
    application = _written(call, created, fields)
    answer = _answer(application)
    if fields.get("show_secret") is True:
        answer["app_secret"] = application.app_secret
    return answer


def _update(call: ManagementCall) -> Json:
    """Answer UpdateApp: what the body leaves out is as in a new record."""
    application = _found(call)
    fields = read_body(call.body)
    one_of(fields, "region", (REGIONS[application.kind],))
    return _answer(_written(call, application, fields))


def _written(
    call: ManagementCall, application: Application, fields: Fields
) -> Application:
    """Write the whole record and return it."""
    address = text(fields, "up_link_addr", "")
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise ManagementRefusal(INVALID, "up_link_addr")
    mainland = application.kind is Kind.MAINLAND
    written = replace(
        application,
        name=filled(fields, "app_name"),
        uplink_url=(address or None) if mainland else None,
        enterprise_project_id=text(fields, "enterprise_project_id", "0"),
        enterprise_project_name=text(fields, "enterprise_project_name", "default"),
        update_time=call.now,
    )
    call.console.applications[written.app_key] = written
    return written


def _answer(application: Application) -> Json:
    """Return what a written application is answered with."""
    return {
        "id": application.record_id,
        "app_key": application.app_key,
        "app_name": application.name,
    }


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", "apps"): _list,
    ("POST", "apps"): _create,
    ("GET", "apps-count"): _count,
    ("GET", "apps/{id}"): _show,
    ("PUT", "apps/{id}"): _update,
}
