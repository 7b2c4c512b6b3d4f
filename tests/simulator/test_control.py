"""The control API and the page."""

import asyncio
from dataclasses import replace
import json
import re

import aiohttp
from aiohttp.test_utils import TestClient, TestServer
import pytest

from simulator.app import create_app
from simulator.config import Config
from simulator.keys import PLATFORM

from .caller import CHANNEL, KEY, NOTICE, NUMBER, SECRET, Caller
from .receiver import Receiver


async def test_state(caller: Caller) -> None:
    """The state tells settings and counts, and no secret."""
    await caller.send()
    await caller.send("13700009228")
    await caller.control("GET", "idle")
    await caller.control(
        "PATCH", "application", {"push_ak": "push-ak-1", "push_sk": "push-sk-1"}
    )
    state = await caller.control("GET", "state")
    assert (state["requests"], state["accepted"], state["pending"]) == (2, 1, 0)
    assert state["applications"] == [
        {
            "app_key": "Exam…",
            "record_id": record_id,
            "name": f"Application {record_id}",
            "status": "LAUNCHED",
            "kind": kind,
            "channel_number": "isms000000001",
            "uplink_url": None,
            "batch_url": None,
            "signed_pushes": signed,
            "allowed_ips": [],
            "account_code": None,
        }
        for record_id, kind, signed in (
            ("1001", "mainland", True),
            ("1002", "international", False),
        )
    ]
    templates = state["templates"]
    assert isinstance(templates, list)
    assert {template["id"]: template for template in templates}[NOTICE] == {
        "id": NOTICE,
        "record_id": "1007",
        "name": "Notice with one variable (long values allowed)",
        "kind": "mainland",
        "type": "notification",
        "text": "家中提醒：${1}",
        "variables": ["TEXT"],
        "signature": "晨光家园",
        "general": False,
        "active": True,
        "flow_status": "Adopted",
        "review_desc": "",
    }
    text = json.dumps(state)
    for secret in (KEY, SECRET, "push-ak-1", "push-sk-1"):
        assert secret not in text


async def test_requests(caller: Caller) -> None:
    """Each call is counted and described, whatever became of it."""
    await caller.send(f"{NUMBER},13700000002", extend="a", statusCallback="http://a/b")
    await caller.post_signed("/sms/batchSendDiffSms/v1", b"{", "application/json")
    answer = await caller.control("GET", "requests")
    assert answer["count"] == 2
    requests = answer["requests"]
    assert isinstance(requests, list)
    first, second = requests
    assert first.pop("at").endswith("Z")
    assert first.pop("body_size") > 100
    assert first == {
        "path": "/sms/batchSendSms/v1",
        "authentication": "ak_sk",
        "content_type": "application/x-www-form-urlencoded",
        "host": caller.url[7:],
        "code": "000000",
        "http_status": 200,
        "numbers": [NUMBER, "13700000002"],
        "template_ids": [NOTICE],
        "extend": "a",
        "status_callback": "http://a/b",
        "accepted": 2,
    }
    assert (second["code"], second["http_status"]) == ("E000000", 400)
    assert second["numbers"] == []
    last = await caller.control("GET", "requests?last=1")
    assert last == {"count": 2, "requests": [{**second}]}


async def test_messages(caller: Caller) -> None:
    """Messages can be looked at for one number."""
    await caller.send(f"{NUMBER},13700000002")
    assert (await caller.control("GET", "messages"))["count"] == 2
    answer = await caller.control("GET", "messages?number=%2B8613700000002")
    assert answer["count"] == 1
    messages = answer["messages"]
    assert isinstance(messages, list)
    assert messages[0]["origin_to"] == "13700000002"
    assert messages[0]["text"] == "【晨光家园】家中提醒：您好"


async def test_reset(caller: Caller, receiver: Receiver) -> None:
    """After a reset all is as it was at the start, and nothing is pushed any more."""
    await caller.options(report_delay=0.05, volume_limit=1)
    await caller.control("PATCH", "application", {"account_code": "E000112"})
    await caller.control("PATCH", "application", {"account_code": None})
    await caller.control("POST", "scenarios", {"scenario": "failed", "times": 9})
    await caller.control("POST", "scenarios", {"scenario": "failed", "number": NUMBER})
    await caller.send(statusCallback=receiver.url())
    await caller.control("POST", "reset")
    state = await caller.control("GET", "state")
    assert (state["requests"], state["accepted"], state["pending"]) == (0, 0, 0)
    assert state["scenarios"] == {"next_requests": 0, "numbers": []}
    options = state["options"]
    assert isinstance(options, dict)
    assert (options["report_delay"], options["volume_limit"]) == (0.01, None)
    await asyncio.sleep(0.1)
    assert receiver.pushes == []


async def test_more_reports(caller: Caller, receiver: Receiver) -> None:
    """Any report on a message can be pushed, by its id or as the last to a number."""
    answer = await caller.send("13700009003", statusCallback=receiver.url())
    pushed = await caller.control(
        "POST",
        "report",
        {"message_id": answer.ids[0], "status": "MK:1004", "part": 2},
    )
    assert isinstance(pushed["push"], dict)
    assert pushed["push"]["http_status"] == 200
    await caller.control(
        "POST", "report", {"number": "+8613700009003", "made_by_platform": True}
    )
    first, second = (push.fields for push in receiver.pushes)
    assert (first["status"], first["sequence"], first["source"]) == (
        "MK:1004",
        "2",
        "2",
    )
    assert (second["status"], second["sequence"]) == ("DELIVRD", "1")
    assert second["source"] == "1"
    assert first["smsMsgId"] == second["smsMsgId"] == answer.ids[0]


async def test_any_push(caller: Caller, receiver: Receiver) -> None:
    """Anything can be pushed: a form, a batch, raw bytes, to any address."""
    address = receiver.url("/any")
    await caller.control(
        "POST", "push", {"address": address, "fields": {"smsMsgId": "甲", "total": 2}}
    )
    await caller.control(
        "POST", "push", {"address": address, "reports": [{"total": 2, "to": None}]}
    )
    await caller.control("POST", "push", {"address": address, "body": "{"})
    await caller.control(
        "PATCH",
        "application",
        {"uplink_url": receiver.url("/up"), "batch_url": receiver.url("/batch")},
    )
    await caller.control("POST", "push", {"fields": {}})
    await caller.control("POST", "push", {"reports": []})
    await caller.control("POST", "push", {"body": "a", "content_type": "text/plain"})
    form, batch, raw, *others = receiver.pushes
    assert form.fields == {"smsMsgId": "甲", "total": "2"}
    assert json.loads(batch.body) == {"statusReportList": [{"total": 2, "to": None}]}
    assert (raw.body, raw.headers["Content-Type"]) == (b"{", "application/octet-stream")
    assert [push.path for push in others] == ["/up", "/batch", "/up"]
    assert others[2].headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("PATCH", "options", {"colour": 1}, "colour is unknown"),
        ("PATCH", "options", {"frequency": "x"}, "frequency must be one of off"),
        ("PATCH", "options", [], "the body must be an object"),
        ("PATCH", "application", {"app_key": "x"}, "app_key is unknown"),
        ("PATCH", "application", {"kind": 1}, "kind must be one of mainland"),
        ("POST", "report", {"message_id": "x"}, "there is no such message"),
        ("POST", "report", {"number": "x"}, "there is no such message"),
        ("POST", "report", {}, "number is missing"),
        ("POST", "push", {"fields": {}}, "address is missing"),
        ("POST", "push", {"address": "x", "fields": {}}, "address is missing"),
        ("POST", "push", {"address": "http://a"}, "body is missing"),
        ("POST", "push", {"address": "http://a", "reports": 1}, "reports must be a"),
        ("POST", "push", {"address": "http://a", "reports": [1]}, "reports must be a"),
        ("POST", "pause", {"seconds": 601}, "seconds must be from 0 to 600"),
        ("GET", "idle?timeout=x", None, "timeout must be a number"),
        ("GET", "pushes?last=x", None, "last must be a number"),
    ],
)
async def test_bad_control(
    caller: Caller, method: str, path: str, body: object, problem: str
) -> None:
    """What does not fit is refused with its place."""
    status, answer = await caller.try_control(method, path, body)
    assert status == 400
    assert str(answer["error"]).startswith(problem)


async def test_only_json_changes_anything(caller: Caller) -> None:
    """A form of another site's page changes nothing, nor does malformed JSON."""
    for headers, data in (
        ({"Content-Type": "text/plain"}, b"{}"),
        ({"Content-Type": "application/json"}, b"{"),
    ):
        async with caller.session.post(
            f"{caller.url}/sim/pause", data=data, headers=headers
        ) as response:
            assert response.status == 400


async def test_idle_gives_up(caller: Caller) -> None:
    """Waiting for the end of all pushes has an end itself."""
    await caller.options(report_delay=5)
    await caller.send()
    assert await caller.control("GET", "idle?timeout=0.05") == {"idle": False}


async def test_second_application(caller: Caller, abroad: Caller) -> None:
    """An application is chosen by its key."""
    await caller.control(
        "PATCH", "application", {"app_key": abroad.key, "account_code": "E000112"}
    )
    assert (await abroad.send()).code == (401, "E000112")
    assert (await caller.send()).code == (200, "000000")


async def test_without_a_listener(config: Config) -> None:
    """Inside another server everything works but pausing."""
    app = create_app(config)
    async with TestClient(TestServer(app)) as client:
        caller = Caller(client.session, str(client.make_url("")).rstrip("/"))
        assert (await caller.send()).code == (200, "000000")
        (message,) = app[PLATFORM].state.records.messages()
        assert message.channel_number == CHANNEL
        status, answer = await caller.try_control("POST", "pause", {})
        assert (status, answer["error"]) == (
            400,
            "this simulator does not own its listener",
        )


async def test_no_application(config: Config) -> None:
    """Without applications there is nobody to change."""
    app = create_app(replace(config, applications=()))
    async with TestClient(TestServer(app)) as client:
        response = await client.patch("/sim/application", json={"kind": "mainland"})
        assert response.status == 400


async def test_page(caller: Caller) -> None:
    """The page loads with all that it names, and nothing from elsewhere."""
    async with caller.session.get(caller.url) as response:
        assert response.status == 200
        page = await response.text()
    names = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert names == ["/page/style.css", "/page/script.js"]
    texts = {}
    for name in [*names, "/page/texts.js"]:
        async with caller.session.get(caller.url + name) as response:
            assert response.status == 200
            texts[name] = await response.text()
    everything = page + "".join(texts.values())
    assert "http://" not in everything
    assert "https://" not in everything


async def test_page_texts(caller: Caller) -> None:
    """Both languages have the same texts, and all that the page asks for."""
    async with caller.session.get(caller.url) as response:
        page = await response.text()
    files = {}
    for name in ("texts", "script"):
        async with caller.session.get(f"{caller.url}/page/{name}.js") as response:
            files[name] = await response.text()
    english, chinese = (
        set(re.findall(r"^    (\w+):", block, re.MULTILINE))
        for block in files["texts"].split("  zh: {")
    )
    assert english == chinese
    asked = set(re.findall(r'data-text="(\w+)"', page))
    asked |= set(re.findall(r'\btext\("(\w+)"', files["script"]))
    assert asked <= english


async def test_events(caller: Caller) -> None:
    """Whoever watches is told of each change."""
    async with caller.session.get(f"{caller.url}/sim/events") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        first = await response.content.readuntil(b"\n\n")
        await caller.send()
        second = await response.content.readuntil(b"\n\n")
    assert first.startswith(b"data: ")
    assert int(second[6:]) > int(first[6:])


async def test_too_many_watchers(caller: Caller) -> None:
    """Only so many may watch at a time; who leaves makes room."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0)
    ) as session:
        url = f"{caller.url}/sim/events"
        watching = [await session.get(url) for _ in range(50)]
        async with session.get(url) as refused:
            assert refused.status == 503
        for response in watching:
            response.close()
        async with asyncio.timeout(5):
            status = 503
            while status == 503:
                await caller.options(report_delay=0)
                async with session.get(url) as response:
                    status = response.status
