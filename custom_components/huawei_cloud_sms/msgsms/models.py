"""What is sent to the platform and what it answers, as plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Authentication(StrEnum):
    """How a request proves whose it is (section 4)."""

    AK_SK = "ak_sk"
    WSSE = "wsse"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Key and secret of one application, and how they are used (section 4).

    Blanks and line ends around both are dropped: secrets get pasted and read from files.
    """

    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    authentication: Authentication = Authentication.AK_SK

    def __post_init__(self) -> None:
        """Drop what surrounds key and secret."""
        object.__setattr__(self, "app_key", self.app_key.strip())
        object.__setattr__(self, "app_secret", self.app_secret.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatedSms:
    """One template, one set of variables, many numbers (section 2.1).

    Numbers are E.164 text with `+`. Variables are in the order of the template's places.
    The signature counts with a general template only; only there may the channel number
    be left out.
    """

    numbers: tuple[str, ...] = field(repr=False)
    template_id: str
    variables: tuple[str, ...] = field(default=(), repr=False)
    channel_number: str | None = None
    signature: str | None = None
    status_callback: str | None = field(default=None, repr=False)
    extend: str | None = field(default=None, repr=False)

    @property
    def contents(self) -> tuple[DiffContent, ...]:
        """Return its only text, as one of several would be."""
        return (
            DiffContent(
                numbers=self.numbers,
                template_id=self.template_id,
                variables=self.variables,
                signature=self.signature,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffContent:
    """One template to its numbers, as an element of a `DiffSms` (section 3)."""

    numbers: tuple[str, ...] = field(repr=False)
    template_id: str
    variables: tuple[str, ...] = field(default=(), repr=False)
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSms:
    """Several templates in one request (section 3)."""

    contents: tuple[DiffContent, ...]
    channel_number: str | None = None
    status_callback: str | None = field(default=None, repr=False)
    extend: str | None = field(default=None, repr=False)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the numbers of all contents, in their order."""
        return tuple(number for content in self.contents for number in content.numbers)


type Sms = TemplatedSms | DiffSms


@dataclass(frozen=True, slots=True)
class NumberResult:
    """What the platform says of one number (section 2.3).

    `number` is as it stood in the request, `status` is `000000` or a code of section 7.2,
    `created_at` is aware and in UTC, `parts` is what the message is cut into.
    """

    number: str = field(repr=False)
    status: str
    message_id: str | None
    channel_number: str | None = field(repr=False)
    created_at: datetime | None
    country: str | None
    parts: int | None


@dataclass(frozen=True, slots=True)
class SendResponse:
    """An answer that speaks of single numbers, or accepts the request (section 2.3).

    `results` may lack numbers of the request: of those nothing is known. `server_time` is
    the response's Date, aware and in UTC.
    """

    http_status: int
    code: str
    description: str = field(repr=False)
    results: tuple[NumberResult, ...]
    server_time: datetime | None
