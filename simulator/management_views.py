"""Applications, signatures and templates as the management API shows them."""

from .config import Application, Kind, MessageType, Signature, Template
from .console import Console, flow_status
from .records import Json, JsonValue
from .templates import variable_names

REGIONS = {Kind.MAINLAND: "cn", Kind.INTERNATIONAL: "intl"}
TYPES = {
    MessageType.VERIFICATION: "VERIFY_CODE_TYPE",
    MessageType.NOTIFICATION: "NOTIFY_TYPE",
    MessageType.PROMOTION: "PROMOTION_TYPE",
}

_CUSTOMER = "00000000000000000000000000000001"
_TENANT: Json = {
    "customer_id": _CUSTOMER,
    "customer_name": "chenguang",
    "enterprise_name": "Chenguang Home",
}
_LENGTHS = {"PHONE": 15}
_DEFAULT_LENGTH = 20


def application_view(application: Application, address: str, integer: bool) -> Json:
    """Return an application; `address` is where it sends."""
    mainland = application.kind is Kind.MAINLAND
    return {
        "id": _key(application.record_id, integer),
        "create_time": application.create_time,
        "update_time": application.update_time,
        "customer_id": _CUSTOMER,
        "resource_id": f"resource-{application.record_id}",
        "developer_account": "chenguang",
        "app_name": application.name,
        "omp_app_name": None,
        "app_key": application.app_key,
        "up_link_addr": application.uplink_url if mainland else None,
        "status": application.status,
        "industry": 1,
        "region": REGIONS[application.kind],
        "intl_channel_num": None if mainland else application.channel_number,
        "enterprise_project_id": application.enterprise_project_id,
        "enterprise_project_name": application.enterprise_project_name,
        "ip_white_list": ",".join(application.allowed_ips),
        "app_access_addr": address,
        "protocol": "HTTPS",
        "platform": "SMS",
        "is_support_multiomp": False,
        "tenant": _TENANT,
    }


def signature_view(signature: Signature, console: Console, integer: bool) -> Json:
    """Return a signature."""
    owner = console.owner_of(signature)
    return {
        "id": _key(signature.record_id, integer),
        "create_time": signature.create_time,
        "update_time": signature.update_time,
        "customer_id": _CUSTOMER,
        "tenant": _TENANT,
        "signature_name": signature.name,
        "signature_id": f"signature-{signature.record_id}",
        "signature_type": TYPES[signature.type],
        "app_name": owner.name if owner else None,
        "app_key": owner.app_key if owner else None,
        "apply_desc": signature.apply_desc,
        "channel_num": signature.channel_number or None,
        "review_desc": signature.review_desc or None,
        "file_id": None,
        "status": signature.status,
        "site": "cn",
        "signature_source": signature.source,
        "is_involved_third": "No",
        "power_attorney_file_id": None,
        "urge_status": None,
        "urge_time": None,
        "urge_desc": None,
        "source_title_content": None,
        "signature_usage": None,
        "qualification_id": None,
        "qualification_name": None,
    }


def template_view(template: Template, console: Console, integer: bool) -> Json:
    """Return a template."""
    owner = console.owner_of(template)
    signature = console.signature_named(template.signature)
    mainland = template.kind is Kind.MAINLAND
    first = (*template.countries, None, None, None)
    names = {country.id: country.name_en for country in console.countries}
    return {
        "id": _key(template.record_id, integer),
        "create_time": template.create_time,
        "update_time": template.update_time,
        "customer_id": _CUSTOMER,
        "tenant": _TENANT,
        "template_name": template.name,
        "template_id": template.id,
        "template_type": TYPES[template.type] if mainland else None,
        "app_name": owner.name if owner else None,
        "app_key": owner.app_key if owner else None,
        "sign_id": signature.record_id if signature else None,
        "template_content": template.text,
        "has_variable": "true" if variable_names(template) else "false",
        "template_desc": template.description,
        "review_desc": template.review_desc or None,
        "review_order": None,
        "flow_status": flow_status(template),
        "universal_template": int(template.general),
        "status": "1",
        "region": REGIONS[template.kind],
        "brackets": "CN" if mainland else None,
        "site": "cn",
        "urge_status": None,
        "urge_time": None,
        "urge_desc": None,
        "send_country1": first[0],
        "send_country2": first[1],
        "send_country3": first[2],
        "is_support_multiomp": False,
        "country_name": "~".join(names.get(one, "") for one in template.countries)
        or None,
    }


def variable_views(template: Template) -> list[JsonValue]:
    """Return the variables of a template."""
    views: list[JsonValue] = []
    for index, name in enumerate(variable_names(template)):
        attribute, _, written = name.partition("_")
        length = _LENGTHS.get(attribute, _DEFAULT_LENGTH)
        if index < len(template.variables):
            length = template.variables[index].length or length
        elif written.isdecimal():
            length = int(written)
        views.append(
            {
                "id": int(template.record_id) * 100 + index + 1
                if template.record_id.isdecimal()
                else index + 1,
                "user_name": "chenguang",
                "temp_name": template.name,
                "variable_index": index + 1,
                "variable_type": attribute,
                "variable_length": length,
                "variable_desc": None,
            }
        )
    return views


def _key(record_id: str, integer: bool) -> str | int:
    """Return a primary key in the form that is wanted."""
    return int(record_id) if integer and record_id.isdecimal() else record_id
