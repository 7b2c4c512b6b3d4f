"""What happens to a request or to a number instead of plain delivery."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .typed import InvalidValueError, as_mapping, changed

_MAX_SCENARIOS = 1000
_MAX_COPIES = 1000


class Answer(StrEnum):
    """How a request is answered."""

    NORMAL = "normal"
    NEVER = "never"
    BROKEN = "broken"
    HTML = "html"
    EMPTY = "empty"


class Order(StrEnum):
    """In which order the reports of a long message are pushed."""

    ASCENDING = "ascending"
    DESCENDING = "descending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A deviation from plain delivery; times are seconds.

    The first group is about the request as a whole, the second about a number.

    Attributes:
        answer: How the request is answered.
        accepted: Whether the messages are taken in at all.
        http_status: HTTP status of an HTML or empty answer.
        delay: How long the answer takes.
        code: The whole request is refused with this code.
        status: The number is refused with this status.
        report: Status of the reports; none are made without.
        parts: Another status, or no report, for single parts (counted from 1).
        made_by_platform: Source 1 and no `updateTime`.
        before_response: The reports are pushed before the response is sent.
        copies: How often the reports are pushed.
        order: Order of the parts.
        report_delay: From acceptance to the report; the option's value without.
    """

    answer: Answer = Answer.NORMAL
    accepted: bool = True
    http_status: int = 200
    delay: float = 0
    code: str | None = None

    status: str | None = None
    report: str | None = "DELIVRD"
    parts: dict[int, str | None] = field(default_factory=dict)
    made_by_platform: bool = False
    before_response: bool = False
    copies: int = 1
    order: Order = Order.ASCENDING
    report_delay: float | None = None

    @property
    def concerns_request(self) -> bool:
        """Whether it changes more than the fate of one number."""
        return (
            self.answer is not Answer.NORMAL
            or not self.accepted
            or self.delay > 0
            or self.code is not None
        )


PRESETS: dict[str, Scenario] = {
    "delivered": Scenario(),
    "failed": Scenario(report="UNDELIV"),
    "expired": Scenario(report="EXPIRED", made_by_platform=True),
    "no_report": Scenario(report=None),
    "report_first": Scenario(before_response=True),
    "duplicated": Scenario(copies=2),
    "reordered": Scenario(order=Order.DESCENDING),
    "slow": Scenario(delay=3),
    "timeout_accepted": Scenario(answer=Answer.NEVER),
    "timeout": Scenario(answer=Answer.NEVER, accepted=False),
    "broken_accepted": Scenario(answer=Answer.BROKEN),
    "broken": Scenario(answer=Answer.BROKEN, accepted=False),
    "server_error": Scenario(answer=Answer.EMPTY, accepted=False, http_status=503),
    "proxy_error": Scenario(answer=Answer.HTML, accepted=False, http_status=502),
    "html": Scenario(answer=Answer.HTML, accepted=False),
    "html_accepted": Scenario(answer=Answer.HTML),
    "empty_accepted": Scenario(answer=Answer.EMPTY),
    "system_error": Scenario(code="E000000", accepted=False),
    "refused": Scenario(status="E200028"),
}
DELIVERED = PRESETS["delivered"]


def read_scenario(value: object, where: str = "scenario") -> Scenario:
    """Read a preset's name, or an object of fields with an optional `preset`.

    Raises:
        InvalidValueError: there is no such preset, or a field does not fit.
    """
    if isinstance(value, str):
        value = {"preset": value}
    items = dict(as_mapping(value, where))
    name = items.pop("preset", "delivered")
    if not isinstance(name, str) or name not in PRESETS:
        raise InvalidValueError(f"{where}.preset must be one of {', '.join(PRESETS)}")
    scenario = changed(PRESETS[name], items, where)
    if not 1 <= scenario.copies <= _MAX_COPIES:
        raise InvalidValueError(f"{where}.copies must be from 1 to {_MAX_COPIES}")
    return scenario


class Scenarios:
    """Chooses a scenario: next requests first, then the number, then its ending."""

    def __init__(self, endings: Mapping[str, Scenario]) -> None:
        """Take the table of endings of numbers."""
        self._endings = dict(endings)
        self._numbers: dict[str, Scenario] = {}
        self._requests: deque[Scenario] = deque()

    def for_next_requests(self, scenario: Scenario, times: int) -> None:
        """Apply a scenario to the next requests, after those already waiting."""
        if not 1 <= times <= _MAX_SCENARIOS - len(self._requests):
            raise InvalidValueError(f"times must be from 1 to {_MAX_SCENARIOS}")
        self._requests.extend([scenario] * times)

    def for_number(self, number: str, scenario: Scenario) -> None:
        """Apply a scenario to a number (with its plus sign) from now on."""
        if len(self._numbers) >= _MAX_SCENARIOS and number not in self._numbers:
            raise InvalidValueError("too many numbers have a scenario")
        self._numbers[number] = scenario

    def clear(self) -> None:
        """Forget all but the endings."""
        self._numbers.clear()
        self._requests.clear()

    def next_request(self) -> Scenario | None:
        """Return the scenario of the request that has just arrived."""
        return self._requests.popleft() if self._requests else None

    def of_number(self, number: str) -> Scenario:
        """Return the scenario of a number."""
        if number in self._numbers:
            return self._numbers[number]
        return self._endings.get(number[-4:], DELIVERED)

    @property
    def waiting(self) -> int:
        """How many requests still get a scenario of their own."""
        return len(self._requests)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numbers that have a scenario of their own."""
        return tuple(self._numbers)
