"""What is pushed: reports, batches and replies."""

import asyncio
import json

import pytest

from simulator.server import Server

from .caller import (
    ABROAD,
    ABROAD_CHANNEL,
    CHANNEL,
    CHANNEL_PROMOTION,
    FORM,
    NUMBER,
    PROMOTION,
    Caller,
)
from .receiver import Receiver


async def test_report(caller: Caller, receiver: Receiver) -> None:
    """A report has the documented fields and headers, and no signature."""
    answer = await caller.send(statusCallback=receiver.url(), extend="order-7 甲&乙")
    (push,) = await receiver.wait()
    fields = push.fields
    assert fields.pop("updateTime").endswith("Z")
    assert fields == {
        "sequence": "1",
        "total": "1",
        "statusDesc": "用户已成功收到短信",
        "source": "2",
        "smsMsgId": answer.ids[0],
        "status": "DELIVRD",
        "extend": "order-7 甲&乙",
        "to": NUMBER,
    }
    assert push.path == "/hw/report"
    assert {name.lower(): value for name, value in push.headers.items()} == {
        "host": receiver.url("")[7:],
        "connection": "close",
        "content-type": FORM,
        "content-length": str(len(push.body)),
    }


async def test_bare_report(caller: Caller, receiver: Receiver) -> None:
    """Without extend there is no number, and the newer fields may be missing."""
    await caller.options(report_time=False, report_description=False)
    answer = await caller.send(statusCallback=receiver.url())
    (push,) = await receiver.wait()
    assert push.fields == {
        "sequence": "1",
        "total": "1",
        "source": "2",
        "smsMsgId": answer.ids[0],
        "status": "DELIVRD",
    }


async def test_extend_without_number(caller: Caller, receiver: Receiver) -> None:
    """A report may have extend without a number, or neither of them."""
    await caller.options(report_number=False)
    await caller.send(statusCallback=receiver.url(), extend="a")
    await receiver.wait()
    await caller.options(report_extend=False)
    await caller.send(statusCallback=receiver.url(), extend="a")
    first, second = await receiver.wait(2)
    assert first.fields["extend"] == "a"
    assert "to" not in first.fields
    assert {"extend", "to"}.isdisjoint(second.fields)


async def test_report_abroad(abroad: Caller, receiver: Receiver) -> None:
    """Reports on international messages name the network element."""
    await abroad.send(
        template=ABROAD, channel=ABROAD_CHANNEL, statusCallback=receiver.url()
    )
    (push,) = await receiver.wait()
    assert push.fields["orgCode"] == "000"


async def test_report_of_each_part(caller: Caller, receiver: Receiver) -> None:
    """A long message is reported part by part under one id."""
    answer = await caller.send(values=["字" * 150], statusCallback=receiver.url())
    assert answer.results[0]["total"] == 3
    pushes = await receiver.wait(3)
    assert [push.fields["sequence"] for push in pushes] == ["1", "2", "3"]
    assert {push.fields["total"] for push in pushes} == {"3"}
    assert {push.fields["smsMsgId"] for push in pushes} == set(answer.ids)


async def test_no_callback(caller: Caller) -> None:
    """Without any address nothing is pushed, though the message is delivered."""
    await caller.send()
    assert await caller.control("GET", "idle") == {"idle": True}
    assert (await caller.control("GET", "pushes"))["count"] == 0
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["state"] == "DELIVRD"


async def test_no_retry(caller: Caller, receiver: Receiver) -> None:
    """A push that is refused is pushed once and no more; the answer is logged."""
    receiver.status = 503
    await caller.send(statusCallback=receiver.url())
    await receiver.wait()
    await caller.control("GET", "idle")
    pushes = (await caller.control("GET", "pushes"))["pushes"]
    assert isinstance(pushes, list)
    assert [push["http_status"] for push in pushes] == [503]
    assert len(receiver.pushes) == 1


async def test_unreachable(caller: Caller) -> None:
    """A push that reaches nobody is logged with its error."""
    await caller.send(statusCallback="http://127.0.0.1:9/hw")
    await caller.control("GET", "idle")
    pushes = (await caller.control("GET", "pushes"))["pushes"]
    assert isinstance(pushes, list)
    assert pushes[0]["http_status"] is None
    assert pushes[0]["error"] == "ClientConnectorError"


async def test_batch(caller: Caller, receiver: Receiver) -> None:
    """Reports without an address of their own come together, 50 at most."""
    await caller.control("PATCH", "application", {"batch_url": receiver.url("/batch")})
    to = ",".join(f"137{n:08}" for n in range(60))
    answer = await caller.send(to, extend="order-7")
    pushes = await receiver.wait(2)
    await caller.control("GET", "idle")
    assert len(pushes) == 2
    lists = [json.loads(push.body)["statusReportList"] for push in pushes]
    assert [len(reports) for reports in lists] == [50, 10]
    assert {push.path for push in pushes} == {"/batch"}
    assert {push.headers["Content-Type"] for push in pushes} == {"application/json"}
    reports = [report for reports in lists for report in reports]
    assert {report["smsMsgId"] for report in reports} == set(answer.ids)
    assert all(
        isinstance(value, str) for report in reports for value in report.values()
    )


async def test_callback_wins_over_batch(caller: Caller, receiver: Receiver) -> None:
    """A request's own address wins over the batch address."""
    await caller.control("PATCH", "application", {"batch_url": receiver.url("/batch")})
    await caller.send(statusCallback=receiver.url("/own"))
    (push,) = await receiver.wait()
    assert push.path == "/own"


async def test_reply(caller: Caller, receiver: Receiver) -> None:
    """A reply goes to the uplink address, from the person to the channel number."""
    await caller.control("PATCH", "application", {"uplink_url": receiver.url("/up")})
    answer = await caller.send()
    await caller.control("POST", "reply", {"number": NUMBER, "text": "退订 & 好+的"})
    (push,) = await receiver.wait()
    fields = push.fields
    assert push.path == "/up"
    assert push.headers["Content-Type"] == FORM
    assert fields.pop("createTime").endswith("Z")
    assert fields.pop("smsMsgId") not in answer.ids
    assert fields == {"from": NUMBER, "to": CHANNEL, "body": "退订 & 好+的"}

    await caller.options(uplink_time=False)
    await caller.control(
        "POST",
        "reply",
        {"number": "+8613900000009", "text": "a", "channel_number": "106912"},
    )
    fields = (await receiver.wait(2))[1].fields
    assert fields["to"] == "106912"
    assert "createTime" not in fields


async def test_reply_without_uplink_address(caller: Caller) -> None:
    """Without an uplink address a reply stays with the phone."""
    await caller.send()
    answer = await caller.control("POST", "reply", {"number": NUMBER, "text": "好"})
    assert answer == {"push": None}
    phones = (await caller.control("GET", "phones"))["phones"]
    assert isinstance(phones, list)
    (phone,) = phones
    assert phone["number"] == NUMBER
    assert [entry["direction"] for entry in phone["conversation"]] == [
        "received",
        "sent",
    ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"number": NUMBER, "text": ""}, "text must have 1 to 160 characters"),
        ({"number": NUMBER, "text": "字" * 161}, "text must have 1 to 160 characters"),
        ({"number": NUMBER}, "text is missing"),
        ({"number": 7, "text": "a"}, "number must be text"),
        ({"number": "+8613900000009", "text": "a"}, "number never got a message"),
    ],
)
async def test_bad_reply(caller: Caller, body: dict[str, object], problem: str) -> None:
    """A reply that cannot be has a reason."""
    await caller.send()
    assert await caller.try_control("POST", "reply", body) == (400, {"error": problem})


async def test_no_reply_abroad(abroad: Caller) -> None:
    """International applications get no replies."""
    await abroad.send(template=ABROAD, channel=ABROAD_CHANNEL)
    status, answer = await abroad.try_control(
        "POST", "reply", {"number": NUMBER, "text": "a"}
    )
    assert (status, answer["error"]) == (
        400,
        "only mainland applications get replies",
    )


async def test_unsubscribing(caller: Caller, receiver: Receiver) -> None:
    """Who answers R gets no more promotion from this channel number, but notices."""
    fields = {
        "template": PROMOTION,
        "channel": CHANNEL_PROMOTION,
        "statusCallback": receiver.url(),
    }
    await caller.send(values=["水果"], **fields)
    await receiver.wait()
    await caller.control("POST", "reply", {"number": NUMBER, "text": " r "})
    await caller.send(values=["蔬菜"], **fields)
    await receiver.wait(2)
    await caller.send(statusCallback=receiver.url())
    pushes = await receiver.wait(3)
    assert [push.fields["status"] for push in pushes] == [
        "DELIVRD",
        "SC:0016",
        "DELIVRD",
    ]
    assert pushes[1].fields["source"] == "3"


async def test_slow_receiver(caller: Caller, server: Server) -> None:
    """A receiver that does not answer in time is given up."""
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(
        lambda _, writer: writers.append(writer), "127.0.0.1", 0
    )
    port = silent.sockets[0].getsockname()[1]
    await caller.options(push_timeout=0.05)
    await caller.send(statusCallback=f"http://127.0.0.1:{port}/hw")
    await caller.control("GET", "idle")
    (push,) = server.platform.state.records.pushes
    assert push.error is not None
    assert "Timeout" in push.error
    for writer in writers:
        writer.close()
    silent.close()
