"""What may happen to a request or a number instead of plain delivery."""

import asyncio
import time

import aiohttp
import pytest

from simulator.server import Server

from .caller import NUMBER, Caller
from .receiver import Receiver

_LONG = ("字" * 150,)


async def _statuses(receiver: Receiver, count: int) -> list[tuple[str, str, str]]:
    """Return part, status and source of each report."""
    return [
        (
            push.fields["sequence"],
            push.fields["status"],
            push.fields["source"],
        )
        for push in await receiver.wait(count)
    ]


@pytest.mark.parametrize(
    ("ending", "reports"),
    [
        ("9000", [("1", "DELIVRD", "2")]),
        ("9001", [("1", "UNDELIV", "2")]),
        ("9002", [("1", "EXPIRED", "1")]),
        ("9005", [("1", "DELIVRD", "2")] * 2),
        ("9101", [("1", "REJECTD", "2")]),
        ("9102", [("1", "BLACK", "2")]),
        ("9103", [("1", "KEYWORD", "2")]),
        ("9104", [("1", "MK:1004", "2")]),
        ("9105", [("1", "SC:0003", "3")]),
        ("9106", [("1", "E200038", "3")]),
        ("9107", [("1", "UNKNOWN", "2")]),
        ("9108", [("1", "ZZ:4711", "2")]),
    ],
)
async def test_reports_by_number(
    caller: Caller,
    receiver: Receiver,
    ending: str,
    reports: list[tuple[str, str, str]],
) -> None:
    """The end of a number decides what is reported."""
    answer = await caller.send(f"1370000{ending}", statusCallback=receiver.url())
    assert answer.code == (200, "000000")
    assert await _statuses(receiver, len(reports)) == reports
    await caller.control("GET", "idle")
    assert len(receiver.pushes) == len(reports)
    with_time = ["updateTime" in push.fields for push in receiver.pushes]
    assert with_time == [source != "1" for _, _, source in reports]
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["state"] == reports[0][1]


async def test_no_report(caller: Caller, receiver: Receiver) -> None:
    """Some messages are never reported on."""
    await caller.send("13700009003", statusCallback=receiver.url())
    await caller.control("GET", "idle")
    assert receiver.pushes == []
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["state"] == "accepted"


async def test_report_before_response(caller: Caller, receiver: Receiver) -> None:
    """A report may overtake the response of its own request."""
    answer = await caller.send("13700009004", statusCallback=receiver.url())
    assert [push.fields["smsMsgId"] for push in receiver.pushes] == answer.ids


async def test_reordered_and_duplicated(caller: Caller, receiver: Receiver) -> None:
    """Parts may be reported backwards, and each of them twice."""
    await caller.send("13700009006", values=_LONG, statusCallback=receiver.url())
    assert [part for part, _, _ in await _statuses(receiver, 3)] == ["3", "2", "1"]
    await caller.control(
        "POST", "scenarios", {"scenario": {"copies": 2, "order": "descending"}}
    )
    await caller.send(values=_LONG, statusCallback=receiver.url())
    parts = [part for part, _, _ in await _statuses(receiver, 9)]
    assert parts[3:] == ["3", "2", "1"] * 2


async def test_parts_of_their_own(caller: Caller, receiver: Receiver) -> None:
    """Single parts may fail or stay without report."""
    await caller.control(
        "POST", "scenarios", {"scenario": {"parts": {"1": None, "2": "UNDELIV"}}}
    )
    await caller.send(values=_LONG, statusCallback=receiver.url())
    assert await _statuses(receiver, 2) == [
        ("2", "UNDELIV", "2"),
        ("3", "DELIVRD", "2"),
    ]


@pytest.mark.parametrize("code", ["15", "28", "29", "30", "31", "33", "48"])
async def test_refused_by_number(caller: Caller, code: str) -> None:
    """The end of a number can have it refused, and only it."""
    answer = await caller.send(f"137000092{code},{NUMBER}")
    assert answer.statuses == [f"E2000{code}", "000000"]
    assert await caller.count() == 1


async def test_slow(caller: Caller, server: Server) -> None:
    """A slow answer is right when it comes."""
    await caller.control(
        "POST", "scenarios", {"scenario": {"preset": "slow", "delay": 0.2}}
    )
    start = time.monotonic()
    assert (await caller.send()).code == (200, "000000")
    assert time.monotonic() - start >= 0.2
    assert server.platform.scenarios.of_number("+8613700009007").delay == 3


@pytest.mark.parametrize(
    ("ending", "preset", "accepted"),
    [
        ("9008", "timeout_accepted", 1),
        ("9011", "timeout", 0),
    ],
)
@pytest.mark.parametrize("by_number", [True, False])
async def test_time_out(
    caller: Caller,
    receiver: Receiver,
    ending: str,
    preset: str,
    accepted: int,
    by_number: bool,
) -> None:
    """The answer never comes, whether the message was taken in or not."""
    number = f"1370000{ending}" if by_number else NUMBER
    if not by_number:
        await caller.control("POST", "scenarios", {"scenario": preset})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await caller.send(number, statusCallback=receiver.url())
    await caller.control("GET", "idle")
    assert (await caller.control("GET", "messages"))["count"] == accepted
    assert len(receiver.pushes) == accepted
    assert await caller.count() == 1
    requests = (await caller.control("GET", "requests"))["requests"]
    assert isinstance(requests, list)
    assert requests[0]["http_status"] is None
    assert requests[0]["accepted"] == accepted


@pytest.mark.parametrize(("ending", "accepted"), [("9009", 1), ("9010", 0)])
async def test_broken_connection(caller: Caller, ending: str, accepted: int) -> None:
    """The connection breaks, whether the message was taken in or not."""
    with pytest.raises(aiohttp.ClientError):
        await caller.send(f"1370000{ending}")
    assert (await caller.control("GET", "messages"))["count"] == accepted
    assert await caller.count() == 1


@pytest.mark.parametrize(
    ("ending", "http_status", "html", "accepted"),
    [
        ("9012", 502, True, 0),
        ("9013", 503, False, 0),
        ("9014", 200, True, 0),
        ("9016", 200, True, 1),
        ("9017", 200, False, 1),
    ],
)
async def test_other_bodies(
    caller: Caller, ending: str, http_status: int, html: bool, accepted: int
) -> None:
    """Proxies answer with HTML or with nothing, with all kinds of HTTP status."""
    answer = await caller.send(f"1370000{ending}")
    assert answer.http_status == http_status
    assert answer.body.startswith(b"<!DOCTYPE html>") is html
    assert (answer.body == b"") is not html
    assert answer.headers["Content-Type"] == "text/html"
    assert (await caller.control("GET", "messages"))["count"] == accepted


async def test_refused_as_a_whole(caller: Caller) -> None:
    """The whole request may be refused with any code."""
    answer = await caller.send("13700009018")
    assert answer.json == {"code": "E000000", "description": "System error."}
    await caller.control("POST", "scenarios", {"scenario": {"code": "E000999"}})
    answer = await caller.send()
    assert answer.code == (400, "E000999")
    assert "result" not in answer.json
    assert (await caller.control("GET", "messages"))["count"] == 0


async def test_next_requests(caller: Caller) -> None:
    """A scenario holds for so many requests, one after the other, and no more."""
    await caller.control(
        "POST", "scenarios", {"scenario": {"status": "E200015"}, "times": 2}
    )
    await caller.control("POST", "scenarios", {"scenario": {"code": "E000000"}})
    assert (await caller.control("GET", "state"))["scenarios"] == {
        "next_requests": 3,
        "numbers": [],
    }
    assert (await caller.send()).statuses == ["E200015"]
    assert (await caller.send()).statuses == ["E200015"]
    assert (await caller.send()).code == (400, "E000000")
    assert (await caller.send()).code == (200, "000000")


async def test_number(caller: Caller) -> None:
    """A number keeps its scenario until it is cleared; the next request wins."""
    await caller.control(
        "POST", "scenarios", {"scenario": "refused", "number": "+8613700009001"}
    )
    assert (await caller.send("13700009001")).statuses == ["E200028"]
    await caller.control("POST", "scenarios", {"scenario": "delivered"})
    assert (await caller.send("13700009001")).statuses == ["000000"]
    assert (await caller.send("13700009001")).statuses == ["E200028"]
    await caller.control("DELETE", "scenarios")
    assert (await caller.send("13700009001")).statuses == ["000000"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "scenario must be an object"),
        ({"scenario": "nothing"}, "scenario.preset must be one of delivered"),
        ({"scenario": {"colour": "red"}}, "scenario.colour is unknown"),
        ({"scenario": {"copies": "x"}}, "scenario.copies must be of type int"),
        ({"scenario": {"copies": 1001}}, "scenario.copies must be from 1 to 1000"),
        ({"scenario": {"answer": "x"}}, "scenario.answer must be one of normal"),
        ({"scenario": {"parts": {"x": "a"}}}, "scenario.parts must be of type int"),
        ({"scenario": "slow", "times": 0}, "times must be from 1 to 1000"),
        ({"scenario": "slow", "times": "2"}, "times must be a number"),
        ({"scenario": "slow", "number": 7}, "number must be text"),
    ],
)
async def test_bad_scenario(
    caller: Caller, body: dict[str, object], problem: str
) -> None:
    """A scenario that does not fit is refused with its place."""
    status, answer = await caller.try_control("POST", "scenarios", body)
    assert status == 400
    assert str(answer["error"]).startswith(problem)


async def _is_sent(caller: Caller) -> bool:
    """Send; return whether that was possible."""
    try:
        answer = await caller.send()
    except aiohttp.ClientConnectorError:
        return False
    return answer.code == (200, "000000")


async def test_connection_refused(caller: Caller) -> None:
    """For a while connections are refused, also where one was open; then all is well."""
    assert (await caller.send()).code == (200, "000000")
    await caller.control("POST", "pause", {"seconds": 2})
    await asyncio.sleep(0.05)
    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.send()
    async with asyncio.timeout(30):
        while not await _is_sent(caller):
            await asyncio.sleep(0.05)
    assert await caller.count() == 2


async def test_paused_again(caller: Caller) -> None:
    """A second pause takes the place of the first."""
    await caller.control("POST", "pause", {"seconds": 600})
    async with aiohttp.ClientSession() as other:
        await asyncio.sleep(0.05)
        with pytest.raises(aiohttp.ClientConnectorError):
            await other.get(caller.url)
