"""By what lists of the management API can be narrowed (section 9).

Times are `yyyy-MM-dd HH:mm:ss`.
"""

from typing import Literal, TypedDict


class _ListFilter(TypedDict, total=False):
    """What all lists know."""

    app_name: str
    start_time: str
    end_time: str
    sort_dir: Literal["asc", "desc"]
    sort_key: str


class ApplicationFilter(_ListFilter, total=False):
    """For applications; see `AppRegion` and `AppStatus`."""

    region: str
    status: str


class SignatureFilter(_ListFilter, total=False):
    """For signatures; see `ContentType` and `SignatureStatus`."""

    signature_id: str
    signature_name: str
    signature_type: str
    site: str
    status: str


class TemplateFilter(_ListFilter, total=False):
    """For templates; see `FlowStatus`, `AppRegion` and `ContentType`."""

    app_key: str
    flow_status: str
    has_variable: str
    region: str
    sign_name: str
    template_id: str
    template_name: str
    template_type: str


class CountryFilter(TypedDict, total=False):
    """For countries."""

    country_name_en: str
    country_name_zh: str
