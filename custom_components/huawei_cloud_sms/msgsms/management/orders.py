"""Bodies of the writing calls of the management API (section 9).

A field that is None is left out. Updating replaces the whole record, so an order for
it holds every field that is to stay.
"""

from dataclasses import asdict, dataclass, field
from typing import Self

from .errors import UnavailableError, UnavailableReason
from .models import Application


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationUpdate:
    """The whole record of an application that exists.

    Attributes:
        region: See `AppRegion`.
        up_link_addr: Where replies are pushed; mainland only.
        create_sign_and_template: Make a test signature and template; mainland only.
    """

    app_name: str | None = None
    region: str | None = None
    up_link_addr: str | None = field(default=None, repr=False)
    create_sign_and_template: bool | None = None
    enterprise_project_id: str | None = field(default=None, repr=False)
    enterprise_project_name: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, application: Application) -> Self:
        """Return the record as it was read, to be changed with `dataclasses.replace`.

        All that the call takes goes back; the other fields of an application cannot be
        written. Raises UnavailableError if one that would have to go back could not be
        read: without it, it would be lost.
        """
        if not application.unread.isdisjoint(cls.__dataclass_fields__):
            raise UnavailableError(UnavailableReason.UNREADABLE)
        return cls(
            app_name=application.app_name,
            region=application.region,
            up_link_addr=application.up_link_addr,
            enterprise_project_id=application.enterprise_project_id,
            enterprise_project_name=application.enterprise_project_name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplication(ApplicationUpdate):
    """An application to be created.

    Attributes:
        show_secret: Have the application's secret in the answer.
    """

    show_secret: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOrder:
    """A signature to be created, or the whole record of one that exists.

    Attributes:
        app_id: Primary key (`id`) of the application.
        signature_name: 2 to 16 characters.
        signature_type: See `ContentType`.
        signature_source: 0 to 5, what the name is the name of.
        is_involved_third: `Yes` or `No`.
        qualification_id: Reviews fail without it, though the call does not.
    """

    app_id: str
    signature_name: str
    signature_type: str
    signature_source: int | None = None
    apply_desc: str | None = field(default=None, repr=False)
    file_id: str | None = None
    is_involved_third: str | None = None
    power_attorney_fileid: str | None = None
    source_title_content: str | None = field(default=None, repr=False)
    qualification_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableOrder:
    """The attribute of a variable.

    Attributes:
        variable_index: Its place, from 1.
        variable_type: See `VariableType`.
        variable_desc: What it is for; needed for TEXT.
    """

    variable_index: int
    variable_type: str
    variable_desc: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateOrder:
    """A template to be created, or the whole record of one that exists.

    Attributes:
        app_id: Primary key (`id`) of the application.
        region: See `AppRegion`.
        sign_id: Primary key (`id`) of the signature; mainland only.
        template_type: See `ContentType`; mainland only.
        brackets: `CN` or `GB`.
        universal_template: 1 for a general template, 0 otherwise.
        send_country: Countries' ids; international only.
        flow_status: See `FlowStatus`: pending, reviewing or disabled.
    """

    app_id: str
    region: str
    template_name: str
    template_content: str = field(repr=False)
    sign_id: str | None = None
    template_type: str | None = None
    template_desc: str | None = field(default=None, repr=False)
    brackets: str | None = None
    universal_template: int | None = None
    send_country: tuple[int, ...] | None = None
    variable_attributes: tuple[VariableOrder, ...] | None = None
    flow_status: str | None = None


type Order = ApplicationUpdate | SignatureOrder | TemplateOrder


def order_fields(order: Order) -> dict[str, object]:
    """Return the fields of a body, without those that are None."""
    return {
        name: _value(value)
        for name, value in asdict(order).items()
        if value is not None
    }


def _value(value: object) -> object:
    """Return a field's value; those within a list lose what is None as well."""
    if not isinstance(value, tuple):
        return value
    return [
        {name: item for name, item in entry.items() if item is not None}
        if isinstance(entry, dict)
        else entry
        for entry in value
    ]
