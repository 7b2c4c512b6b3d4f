"""What the management API tells: applications, signatures, templates (section 9).

States and types that are not known here are kept as they come: compare them with the
enumerations, whose members are text. Times are kept as they come too,
`yyyy-MM-dd HH:mm:ss`: in which time zone they are is not documented.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class AppRegion(StrEnum):
    """Where an application sends to."""

    MAINLAND = "cn"
    INTERNATIONAL = "intl"


class AppStatus(StrEnum):
    """State of an application."""

    CREATED = "CREATED"
    SUSPENDED = "SUSPENDED"
    LAUNCHED = "LAUNCHED"
    PROCESSING = "PROCESSING"


class ContentType(StrEnum):
    """Type of a signature and of a mainland template."""

    VERIFICATION = "VERIFY_CODE_TYPE"
    NOTIFICATION = "NOTIFY_TYPE"
    PROMOTION = "PROMOTION_TYPE"


class SignatureStatus(StrEnum):
    """State of a signature."""

    PENDING_REVIEW = "PENDING_REVIEW"
    PROCESSING = "PROCESSING"
    REVIEW_PASSED = "REVIEW_PASSED"
    REVIEW_NOT_PASS = "REVIEW_NOT_PASS"
    TO_BE_ACTIVATED = "TO_BE_ACTIVATED"
    PENDING_ACTIVATE = "PENDING_ACTIVATE"
    PENDING_QUALIFICATION_REVIEW = "PENDING_QUALIFICATION_REVIEW"
    REAL_NAME_REGISTRATING = "REAL_NAME_REGISTRATING"
    PASSED_QUALIFICATION_PROCESSING = "REVIEW_PASSED_QUALIFICATION_PROCESSING"
    PASSED_REAL_NAME_REGISTRATING = "REVIEW_PASSED_REAL_NAME_REGISTRATING"
    PASSED_REAL_NAME_FAILED = "REVIEW_PASSED_REAL_NAME_REGISTRATE_FAIL"
    PROCESSING_COMPLETED = "REVIEW_PROCESSING_COMPLETED"


class FlowStatus(StrEnum):
    """State of a template; the last two are only asked for."""

    ADOPTED = "Adopted"
    REVIEWING = "Reviewing"
    REJECTED = "Reject"
    PENDING = "Pending"
    DISABLED = "Disable"


class VariableType(StrEnum):
    """Attribute of a variable of a mainland template (section 8.2)."""

    PHONE = "PHONE"
    CHARDIGIT = "CHARDIGIT"
    DATETIME = "DATETIME"
    MONEY = "MONEY"
    TEXT = "TEXT"
    NEWTEXT = "NEWTEXT"
    LONGTEXT = "LONGTEXT"


GENERAL_TEMPLATE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """The customer that a record belongs to."""

    customer_id: str | None = field(default=None, repr=False)
    customer_name: str | None = field(default=None, repr=False)
    enterprise_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application.

    Attributes:
        id: Primary key of the record, used in paths.
        app_access_addr: Address of the sending API.
        intl_channel_num: `from` of an international application.
        up_link_addr: Where replies are pushed; mainland only.
        status: See `AppStatus`.
        region: See `AppRegion`.
        unread: Names of the fields that are None because they came as something else
            than a text or the like.
    """

    id: str
    create_time: str | None = None
    update_time: str | None = None
    customer_id: str | None = field(default=None, repr=False)
    resource_id: str | None = field(default=None, repr=False)
    developer_account: str | None = field(default=None, repr=False)
    app_name: str | None = None
    omp_app_name: str | None = None
    app_key: str | None = field(default=None, repr=False)
    up_link_addr: str | None = field(default=None, repr=False)
    status: str | None = None
    industry: int | None = None
    region: str | None = None
    intl_channel_num: str | None = field(default=None, repr=False)
    enterprise_project_id: str | None = field(default=None, repr=False)
    enterprise_project_name: str | None = field(default=None, repr=False)
    ip_white_list: str | None = field(default=None, repr=False)
    app_access_addr: str | None = field(default=None, repr=False)
    protocol: str | None = None
    platform: str | None = None
    is_support_multiomp: bool | None = None
    tenant: Tenant | None = field(default=None, repr=False)
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature.

    Attributes:
        id: Primary key of the record, used in paths; not `signature_id`.
        channel_num: `from` of mainland messages, once approved and set up.
        review_desc: Why it was not approved.
        status: See `SignatureStatus`.
        signature_type: See `ContentType`.
    """

    id: str
    create_time: str | None = None
    update_time: str | None = None
    customer_id: str | None = field(default=None, repr=False)
    tenant: Tenant | None = field(default=None, repr=False)
    signature_name: str | None = None
    signature_id: str | None = None
    signature_type: str | None = None
    app_name: str | None = None
    app_key: str | None = field(default=None, repr=False)
    apply_desc: str | None = field(default=None, repr=False)
    channel_num: str | None = field(default=None, repr=False)
    review_desc: str | None = field(default=None, repr=False)
    file_id: str | None = None
    status: str | None = None
    site: str | None = None
    signature_source: int | None = None
    is_involved_third: str | None = None
    power_attorney_file_id: str | None = None
    urge_status: str | None = None
    urge_time: str | None = None
    urge_desc: str | None = field(default=None, repr=False)
    source_title_content: str | None = field(default=None, repr=False)
    signature_usage: str | None = None
    qualification_id: str | None = None
    qualification_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template.

    Attributes:
        id: Primary key of the record, used in paths; sending wants `template_id`.
        sign_id: Primary key (`id`) of the signature it belongs to; mainland only.
        flow_status: See `FlowStatus`.
        review_desc: Why it was not approved.
        template_type: See `ContentType`; mainland only.
        universal_template: 1 for a general template, which belongs to no signature.
        country_name: Countries of an international template, joined by `~`.
    """

    id: str
    create_time: str | None = None
    update_time: str | None = None
    customer_id: str | None = field(default=None, repr=False)
    tenant: Tenant | None = field(default=None, repr=False)
    template_name: str | None = None
    template_id: str | None = None
    template_type: str | None = None
    app_name: str | None = None
    app_key: str | None = field(default=None, repr=False)
    sign_id: str | None = None
    template_content: str | None = field(default=None, repr=False)
    has_variable: str | None = None
    template_desc: str | None = field(default=None, repr=False)
    review_desc: str | None = field(default=None, repr=False)
    review_order: str | None = None
    flow_status: str | None = None
    universal_template: int | None = None
    status: str | None = None
    region: str | None = None
    brackets: str | None = None
    site: str | None = None
    urge_status: str | None = None
    urge_time: str | None = None
    urge_desc: str | None = field(default=None, repr=False)
    send_country1: int | None = None
    send_country2: int | None = None
    send_country3: int | None = None
    is_support_multiomp: bool | None = None
    country_name: str | None = None

    @property
    def is_general(self) -> bool:
        """Tell whether a request must name the signature."""
        return self.universal_template == GENERAL_TEMPLATE


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVariable:
    """A variable of a template.

    Attributes:
        variable_index: Its place, from 1.
        variable_type: See `VariableType`.
        variable_length: The most characters a value may have.
    """

    id: str
    user_name: str | None = field(default=None, repr=False)
    temp_name: str | None = None
    variable_index: int | None = None
    variable_type: str | None = None
    variable_length: int | None = None
    variable_desc: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country that international templates may be for."""

    country_id: str
    country_name_en: str | None = None
    country_name_zh: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFile:
    """A file that was uploaded for the review of a signature; the size is in bytes."""

    file_id: str
    file_name: str | None = field(default=None, repr=False)
    file_ref: int | None = None
    file_size: int | None = None
    file_type: int | None = None
    module_type: int | None = None
    operator: str | None = field(default=None, repr=False)
    file_desc: str | None = field(default=None, repr=False)
    update_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCount:
    """How many applications a customer may have, and has."""

    total: int | None = None
    used: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenApplication:
    """What creating or updating an application answers.

    `app_secret` is there only if it was asked for when creating.
    """

    id: str
    app_name: str | None = None
    app_key: str | None = field(default=None, repr=False)
    app_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSignature:
    """What creating or updating a signature answers."""

    id: str
    signature_id: str | None = None
    signature_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTemplate:
    """What creating or updating a template answers."""

    id: str
    template_name: str | None = None
