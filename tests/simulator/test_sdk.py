"""Huawei's own SDK, unchanged, against the simulator."""

import asyncio

from huaweicloudsdksmsapi.v1.model.batch_send_diff_sms_request import (
    BatchSendDiffSmsRequest,
)
from huaweicloudsdksmsapi.v1.model.batch_send_diff_sms_request_body import (
    BatchSendDiffSmsRequestBody,
)
from huaweicloudsdksmsapi.v1.model.batch_send_sms_request import BatchSendSmsRequest
from huaweicloudsdksmsapi.v1.model.batch_send_sms_request_body import (
    BatchSendSmsRequestBody,
)
from huaweicloudsdksmsapi.v1.model.sms_content import SmsContent
import pytest

from simulator.server import Server

from .caller import CHANNEL, KEY, NOTICE, SECRET, TWO_VARIABLES
from .oracle import call_sdk
from .receiver import Receiver


def _request(callback: str | None = None) -> BatchSendSmsRequest:
    """Return a request whose values need care in encoding."""
    return BatchSendSmsRequest(
        body=BatchSendSmsRequestBody(
            _from=CHANNEL,
            to="+8613700000001,13700000002",
            template_id=NOTICE,
            template_paras='["人民公园 正门 100% a&b=c+d \\"q\\" \\\\"]',
            status_callback=callback,
            extend="order-7",
        )
    )


async def test_templated(server: Server, receiver: Receiver) -> None:
    """One template to two numbers: accepted, composed and reported."""
    answer = await asyncio.to_thread(
        call_sdk,
        server.url,
        KEY,
        SECRET,
        "batch_send_sms",
        _request(receiver.url()),
    )
    assert answer["http_status"] == 200
    assert answer["code"] == "000000"
    results = answer["result"]
    assert isinstance(results, list)
    assert [result["originTo"] for result in results] == [
        "+8613700000001",
        "13700000002",
    ]
    messages = server.platform.state.records.messages()
    assert [message.number for message in messages] == [
        "+8613700000001",
        "+8613700000002",
    ]
    text = '【晨光家园】家中提醒：人民公园 正门 100% a&b=c+d "q" \\'
    assert {message.text for message in messages} == {text}
    pushes = await receiver.wait(2)
    assert {push.fields["smsMsgId"] for push in pushes} == {
        result["smsMsgId"] for result in results
    }


async def test_different(server: Server) -> None:
    """Two templates in one request are accepted."""
    request = BatchSendDiffSmsRequest(
        body=BatchSendDiffSmsRequestBody(
            _from=CHANNEL,
            sms_content=[
                SmsContent(
                    to=["+8613700000001"], template_id=NOTICE, template_paras=["一"]
                ),
                SmsContent(
                    to=["+8613700000002"],
                    template_id=TWO_VARIABLES,
                    template_paras=["3", "东门"],
                ),
            ],
        )
    )
    answer = await asyncio.to_thread(
        call_sdk, server.url, KEY, SECRET, "batch_send_diff_sms", request
    )
    assert answer["code"] == "000000"
    assert [message.text for message in server.platform.state.records.messages()] == [
        "【晨光家园】家中提醒：一",
        "【晨光家园】您有3件包裹，请到东门领取。",
    ]


@pytest.mark.parametrize(
    ("key", "secret", "http_status", "code"),
    [
        ("AnotherKey", SECRET, 401, "E000102"),
        (KEY, "AnotherSecret", 400, "E000045"),
    ],
)
async def test_wrong_credentials(
    server: Server, key: str, secret: str, http_status: int, code: str
) -> None:
    """A wrong key or secret is refused and nothing is sent."""
    answer = await asyncio.to_thread(
        call_sdk, server.url, key, secret, "batch_send_sms", _request()
    )
    assert answer["http_status"] == http_status
    assert answer["code"] == code
    assert server.platform.state.records.accepted_count == 0


async def test_unsigned_payload_refused(server: Server) -> None:
    """The form of the SDK is refused where its unhashed body is not honoured."""
    server.platform.state.set_options({"unsigned_payload": False})
    answer = await asyncio.to_thread(
        call_sdk, server.url, KEY, SECRET, "batch_send_sms", _request()
    )
    assert answer["code"] == "E000045"
