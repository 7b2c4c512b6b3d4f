"""What the platform knows: applications, signatures, templates and switches."""

from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from pathlib import Path

import yaml

from .options import Options
from .scenarios import Scenario, read_scenario
from .typed import InvalidValueError, as_mapping, read

# States in which a signature may be sent with.
USABLE = frozenset({"REVIEW_PASSED", "REVIEW_PROCESSING_COMPLETED"})


class Kind(StrEnum):
    """Kind of an application and of its templates."""

    MAINLAND = "mainland"
    INTERNATIONAL = "international"


class MessageType(StrEnum):
    """Type of a signature and of a template; mainland only."""

    VERIFICATION = "verification"
    NOTIFICATION = "notification"
    PROMOTION = "promotion"


class Attribute(StrEnum):
    """What a variable of a mainland template takes."""

    PHONE = "PHONE"
    CHARDIGIT = "CHARDIGIT"
    DATETIME = "DATETIME"
    MONEY = "MONEY"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The customer's account, for the management API.

    Attributes:
        domain: Name of the account; `user` is one of its IAM users.
        access_key: Key of that user, with `secret_key`.
        project_id: The only project.
        allowed: Whether the user may manage SMS.
    """

    domain: str
    user: str
    password: str = field(repr=False)
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    project_id: str
    allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country that international templates may be for."""

    id: int
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What applications, signatures and templates have in common.

    Attributes:
        record_id: Primary key in the management API; found if it is empty.
    """

    record_id: str = ""
    create_time: str = "2024-11-01 10:00:00"
    update_time: str = "2024-11-01 10:00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Record):
    """An application and the settings of its console page.

    Attributes:
        name: What people call it; made of the record's number if it is empty.
        status: CREATED, LAUNCHED, PROCESSING, or SUSPENDED: may not send.
        channel_number: The `from` of an international application.
        uplink_url: Where replies are pushed.
        batch_url: Where reports are pushed when the request named no address.
        push_ak: Key of signed pushes; they are signed if it and `push_sk` are set.
        push_sk: Secret of signed pushes.
        allowed_ips: Addresses that may call; all without.
        account_code: A 401 code that every authentic request is refused with.
    """

    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    name: str = ""
    status: str = "LAUNCHED"
    kind: Kind = Kind.MAINLAND
    channel_number: str = "isms000000001"
    uplink_url: str | None = field(default=None, repr=False)
    batch_url: str | None = field(default=None, repr=False)
    push_ak: str | None = field(default=None, repr=False)
    push_sk: str | None = field(default=None, repr=False)
    allowed_ips: tuple[str, ...] = ()
    account_code: str | None = None
    enterprise_project_id: str = "0"
    enterprise_project_name: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature(Record):
    """A signature with its channel number.

    Attributes:
        status: Those of `USABLE` send; see the reference for the others.
        review_desc: Why it was not approved.
        app_key: The application it belongs to; the first of the mainland without.
    """

    name: str
    type: MessageType
    channel_number: str = ""
    status: str = "REVIEW_PASSED"
    review_desc: str = ""
    apply_desc: str = ""
    source: int = 0
    app_key: str | None = field(default=None, repr=False)

    @property
    def usable(self) -> bool:
        """Whether messages may bear it."""
        return self.status in USABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A numbered variable; `length` only if it was extended."""

    attribute: Attribute = Attribute.TEXT
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Record):
    """A template; usable by all applications of its kind unless some are named.

    Attributes:
        text: With `${1}`, `${TEXT}` (mainland) or `${TXT_20}` (international).
        variables: Attributes of `${1}`, `${2}`, …
        signature: Name of the signature it belongs to; none if it is general.
        general: The request names the signature.
        active: Approved and not switched off.
        flow_status: Adopted, Reviewing, Reject, Pending or Disable; by `active` without.
        review_desc: Why it was not approved.
    """

    id: str
    name: str
    text: str
    kind: Kind = Kind.MAINLAND
    type: MessageType = MessageType.NOTIFICATION
    variables: tuple[Variable, ...] = ()
    signature: str | None = None
    general: bool = False
    active: bool = True
    flow_status: str | None = None
    review_desc: str = ""
    description: str = ""
    countries: tuple[int, ...] = ()
    app_keys: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that a simulator starts with.

    Attributes:
        endings: Scenarios by the last four digits of a number.
        callback_base: Scheme, host and port that every push really goes to.
    """

    applications: tuple[Application, ...] = ()
    signatures: tuple[Signature, ...] = ()
    templates: tuple[Template, ...] = ()
    account: Account | None = None
    countries: tuple[Country, ...] = ()
    endings: dict[str, Scenario] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    callback_base: str | None = field(default=None, repr=False)


def parse_config(text: str) -> Config:
    """Read a configuration from YAML.

    Raises:
        InvalidValueError: it is no YAML, or something in it does not fit.
    """
    try:
        raw: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidValueError("the configuration is not valid YAML") from error
    items = dict(as_mapping(raw, "configuration"))
    endings = as_mapping(items.pop("endings", {}), "endings")
    items["endings"] = {
        ending: read_scenario(value, f"endings.{ending}")
        for ending, value in endings.items()
    }
    return read(Config, items)


def default_config() -> Config:
    """Return the configuration that comes with the simulator; no application in it."""
    return parse_config(
        resources.files(__package__).joinpath("default.yaml").read_text("utf-8")
    )


def load_config(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        InvalidValueError: it cannot be read, or something in it does not fit.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValueError("the configuration file cannot be read") from error
    return parse_config(text)
