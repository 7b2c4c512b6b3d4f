"""Nothing of secrets, tokens, keys or addresses in reprs, errors and logs."""

from dataclasses import replace
import logging

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.account import Account
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.errors import ManagementError
from custom_components.huawei_cloud_sms.msgsms.management.http import Answer, Request
from custom_components.huawei_cloud_sms.msgsms.management.orders import (
    ApplicationUpdate,
    NewApplication,
)
from simulator.config import Account as Owner
from simulator.management_faults import Body, Fault, Place
from simulator.platform import Platform
from tests.msgsms.conftest import KEY

_REPLIES = "https://home.example/api/webhook/0123456789abcdef"


async def test_life(
    client: ManagementClient,
    owner: Owner,
    console: Platform,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A whole life, with all that can go wrong, leaves no trace of a secret."""
    caplog.set_level(logging.DEBUG)
    said: list[object] = []
    application = await client.application("1001")
    update = replace(ApplicationUpdate.of(application), up_link_addr=_REPLIES)
    said += [update, await client.update_application("1001", update)]
    order = NewApplication(app_name="Second", region="cn", show_secret=True)
    created = await client.create_application(order)
    said += [order, created, await client.application("1001")]
    said += [one async for one in client.templates()]
    said += [one async for one in client.signatures()]
    console.tokens.revoke()
    for fault in (
        Fault(code="APIGW.0301"),
        Fault(code="APIGW.0302"),
        Fault(code="APIGW.0308", retry_after="9"),
        Fault(code="MSGSMS.0076"),
        Fault(body=Body.BROKEN),
        Fault(body=Body.HTML, http_status=502),
    ):
        console.faults.add(Place.MANAGEMENT, fault, 2)
        with pytest.raises(ManagementError) as caught:
            await client.countries()
        said += [caught.value, caught.value.args, vars(caught.value)]
        console.faults.clear()
    console.state.console.account = replace(owner, password="x", access_key="y")
    console.tokens.revoke()
    with pytest.raises(ManagementError) as caught:
        await client.countries()
    said += [caught.value, caught.value.args]
    text = f"{caplog.text} {said!r} {[str(one) for one in said]}"
    assert created.app_secret is not None
    assert created.app_key is not None
    secrets = [
        owner.secret_key,
        owner.password,
        owner.access_key,
        owner.project_id,
        created.app_secret,
        created.app_key,
        KEY,
        "MII",
        "webhook",
        "8824110600001",
        "家中提醒",
        "Signature=",
    ]
    assert [one for one in secrets if one in text] == []


async def test_reprs(session: aiohttp.ClientSession, user: Account) -> None:
    """What is passed around inside shows nothing either."""
    headers = {"Authorization": "secret-header"}
    request = Request("GET", "/v3/auth/tokens", (), headers, b"secret-body")
    answer = Answer(201, CIMultiDictProxy(CIMultiDict(headers)), b"secret-body")
    client = ManagementClient(session, user)
    for one in (request, answer, client, user, user.credentials):
        assert "secret" not in repr(one)
        assert "Passw0rd" not in repr(one)
