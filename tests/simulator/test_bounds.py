"""Whatever is remembered has an end."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.config import MessageType
from simulator.frequency import FrequencyLimits
from simulator.options import Frequency, Options
from simulator.records import Message, PushRecord, Records, RequestRecord
from simulator.scenarios import DELIVERED, Scenarios
from simulator.typed import InvalidValueError
from simulator.wsse import NonceMemory, WsseToken

_NOW = datetime(2024, 11, 1, tzinfo=UTC)


def _message(number: int) -> Message:
    """Return a message with an id of its own."""
    return Message(
        message_id=str(number),
        app_key="k",
        number="+8613700000001",
        origin_to="+8613700000001",
        channel_number="1",
        template_id="t",
        text="text",
        parts=1,
        at=_NOW,
    )


def test_tables() -> None:
    """The oldest messages, calls and pushes are forgotten, but still counted."""
    records = Records()
    for number in range(10_001):
        records.add_message(_message(number))
        records.add_push(
            PushRecord(kind="report", address="a", body="b", signed=False, at=_NOW)
        )
    for _ in range(2_001):
        records.add_request(
            RequestRecord(
                at=_NOW, path="/", authentication=None, content_type=None, host=None
            )
        )
    assert records.accepted_count == records.push_count == 10_001
    assert records.request_count == 2_001
    assert len(records.messages()) == len(records.pushes) == 10_000
    assert len(records.requests) == 2_000
    assert records.message("0") is None
    assert records.message("10000") is not None


def test_reports_of_a_message() -> None:
    """Of one message only so many reports are kept; the first of a part counts."""
    message = _message(1)
    message.add_report(1, "UNDELIV")
    for _ in range(2_000):
        message.add_report(1, "DELIVRD")
    assert len(message.reports) == 1_000
    assert message.state == "UNDELIV"


def test_scenarios() -> None:
    """Only so many requests and numbers may have a scenario."""
    scenarios = Scenarios({})
    scenarios.for_next_requests(DELIVERED, 1000)
    with pytest.raises(InvalidValueError, match="times"):
        scenarios.for_next_requests(DELIVERED, 1)
    for number in range(1000):
        scenarios.for_number(str(number), DELIVERED)
    scenarios.for_number("0", DELIVERED)
    with pytest.raises(InvalidValueError, match="too many"):
        scenarios.for_number("1000", DELIVERED)


def test_nonces() -> None:
    """The oldest nonces are forgotten."""
    memory = NonceMemory()
    options = Options(reuse_nonce=False)
    for number in [*range(10_001), 0]:
        memory.remember(WsseToken("k", "d", str(number), "", _NOW), options)


def test_frequencies() -> None:
    """The numbers used longest ago are forgotten, and so is what is a day old."""
    limits = FrequencyLimits()

    def send(number: int, now: datetime = _NOW) -> bool:
        """Send a verification code."""
        return limits.allows(
            str(number), MessageType.VERIFICATION, "text", Frequency.CURRENT, now
        )

    assert [send(-1) for _ in range(3)] == [True, True, False]
    for number in range(10_000):
        send(number)
    assert send(-1)
    for minute in range(60):
        send(9_999, _NOW + timedelta(minutes=minute))
    assert not send(9_999, _NOW + timedelta(hours=2))
    assert send(9_999, _NOW + timedelta(hours=24, minutes=2))
