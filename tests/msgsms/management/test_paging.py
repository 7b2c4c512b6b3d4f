"""Lists of many pages."""

import asyncio
from dataclasses import replace
import json

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.errors import (
    UnavailableError,
    UnavailableReason,
)
from simulator.config import Config, Template, Variable
from simulator.platform import Platform
from tests.msgsms.conftest import KEY

from .answering import Answering, Said

_MANY = 2_005


@pytest.fixture
def config(config: Config) -> Config:
    """Return a configuration with more templates than an application may have."""
    return replace(
        config,
        templates=tuple(
            Template(
                id=f"{number:032x}",
                name=f"Notice {number}",
                text="通知：${1}",
                variables=(Variable(),),
                general=True,
            )
            for number in range(_MANY)
        ),
    )


@pytest.mark.parametrize(("page_limit", "calls"), [(100, 21), (70, 29)])
async def test_many_templates(
    client: ManagementClient, console: Platform, page_limit: int, calls: int
) -> None:
    """All 2,005 come, each once and in order, whatever the platform makes of pages."""
    console.state.set_options({"page_limit": page_limit})
    found = [one async for one in client.templates(app_key=KEY)]
    assert [one.template_id for one in found] == [
        f"{number:032x}" for number in range(_MANY)
    ]
    listed = [one for one in console.calls.last if one.path.endswith("/templates")]
    assert len(listed) == calls


async def test_stops_when_asked_no_more(
    client: ManagementClient, console: Platform
) -> None:
    """Who has found what they looked for has no further page fetched."""
    async for template in client.templates():
        assert template.template_name == "Notice 0"
        break
    listed = [one for one in console.calls.last if one.path.endswith("/templates")]
    assert len(listed) == 1


def _page(*ids: object, **more: object) -> Said:
    """Return a page of signatures."""
    results = [{"id": one, "signature_name": f"name {one}"} for one in ids]
    return Said(body=json.dumps({"results": results, **more}).encode())


async def _ids(session: aiohttp.ClientSession, platform: Answering) -> list[str]:
    """Return the ids of all signatures."""
    client = ManagementClient(session, platform.keys)
    return [one.id async for one in client.signatures()]


@pytest.mark.parametrize(
    ("pages", "ids", "calls"),
    [
        ([_page(1, 2), _page()], ["1", "2"], 2),
        ([_page(1, 2), Said(body=b'{"results": null}')], ["1", "2"], 2),
        ([_page(1, 2, total="2")], ["1", "2"], 1),
        ([_page(1, 2, total=3), _page("3", total=3)], ["1", "2", "3"], 2),
        ([_page(1, 2, total=None), _page(2, 3), _page(3)], ["1", "2", "3"], 3),
        # It knows no offset and says so of no total.
        ([_page(1, 2)], ["1", "2"], 2),
        ([_page(total=7)], [], 1),
        ([_page(None, "", [], 4, total=4)], ["4"], 1),
        ([Said(body=b'{"results": ["x", 7, {"id": 1}], "total": 3}')], ["1"], 1),
    ],
)
async def test_ends(
    session: aiohttp.ClientSession,
    platform: Answering,
    pages: list[Said],
    ids: list[str],
    calls: int,
) -> None:
    """A list ends with its last page, even if the platform does not say so."""
    platform.says(*pages)
    assert await _ids(session, platform) == ids
    assert len(platform.received) == calls


async def test_next_page_begins_after_the_last(
    session: aiohttp.ClientSession, platform: Answering
) -> None:
    """The offset counts what has come, not what was asked for."""
    platform.says(_page(1, 2, 3, total=4), _page(4, total=4))
    assert await _ids(session, platform) == ["1", "2", "3", "4"]
    paths = [path for _, path, _, _ in platform.received]
    assert paths == [
        "/v2/project-1/msgsms/signatures?limit=100&offset=0",
        "/v2/project-1/msgsms/signatures?limit=100&offset=3",
    ]


async def test_never_without_end(
    session: aiohttp.ClientSession, platform: Answering
) -> None:
    """A platform that makes up entries for ever is not listened to for ever."""
    pages = [_page(number) for number in range(600)]
    platform.says(*pages)
    assert len(await _ids(session, platform)) == 500


@pytest.mark.parametrize("body", [b"[]", b'{"results": {}}', b"<html>", b"", b"7"])
async def test_unreadable(
    session: aiohttp.ClientSession, platform: Answering, body: bytes
) -> None:
    """What is no list is no empty list."""
    platform.says(Said(body=body))
    with pytest.raises(UnavailableError) as caught:
        await _ids(session, platform)
    assert caught.value.reason is UnavailableReason.UNREADABLE


async def test_long_page(session: aiohttp.ClientSession, platform: Answering) -> None:
    """Others have their turn while a page is read that is far longer than asked for."""
    platform.says(_page(*range(1000), total=1000))
    turns = 0

    async def others() -> None:
        """Count the turns."""
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    client = ManagementClient(session, platform.keys)
    seen = [turns async for _ in client.signatures()]
    task.cancel()
    assert len(seen) == 1000
    assert seen[-1] - seen[0] >= 9


async def test_absurd_values(
    session: aiohttp.ClientSession, platform: Answering
) -> None:
    """What is no value of its field is none, however deep or long it is."""
    nested = f"{'[' * 5000}{']' * 5000}"
    platform.says(
        Said(body=f'{{"results":[{{"id":{nested}}},{{"id":1}}]}}'.encode()),
        Said(body=b'{"results":[]}'),
    )
    assert await _ids(session, platform) == ["1"]
    platform.says(
        Said(
            body=f"""{{"total":1,"results":[{{"id":1,"universal_template":{"9" * 4000},
            "send_country1":-{"9" * 30},"is_support_multiomp":{nested}}}]}}""".encode()
        )
    )
    client = ManagementClient(session, platform.keys)
    (template,) = [one async for one in client.templates()]
    assert template.universal_template is None
    assert template.send_country1 is None
    assert template.is_support_multiomp is None
