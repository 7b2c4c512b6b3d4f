"""Signatures of management calls: equal to those of Huawei's own signer."""

from urllib.parse import parse_qsl

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.account import AccessKey
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.http import Request
from custom_components.huawei_cloud_sms.msgsms.management.iam import KeyProver
from custom_components.huawei_cloud_sms.msgsms.management.orders import NewApplication
from tests.msgsms.oracle import signed

from .answering import Answering, Said

_JSON = {
    "Host": "msgsms.cn-north-4.myhuaweicloud.com",
    "Content-Type": "application/json",
}
_PATH = "/v2/0123456789abcdef0123456789abcdef/msgsms/templates"


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "content_type"),
    [
        ("GET", _PATH, (), b"", "application/json"),
        (
            "GET",
            _PATH,
            (("limit", "10"), ("app_name", "测试 app"), ("offset", "0")),
            b"",
            "application/json",
        ),
        ("GET", _PATH, (("a", "~-_.!*'()+ /&=%"), ("a", "")), b"", "application/json"),
        ("PUT", f"{_PATH}/1001", (), '{"a":"中"}'.encode(), "application/json"),
        ("DELETE", f"{_PATH}/1001", (), b"", "application/json"),
        ("POST", _PATH, (("file_desc", "a b"),), b"--x\r\n", "multipart/form-data"),
    ],
)
async def test_equal(
    method: str,
    path: str,
    query: tuple[tuple[str, str], ...],
    body: bytes,
    content_type: str,
) -> None:
    """Huawei's signer makes the same of the same call, X-Project-Id signed too."""
    headers = {**_JSON, "Content-Type": content_type}
    prover = KeyProver(AccessKey("ExampleIamAk0000000", "ExampleIamSk"), "p1")
    ours = await prover.prove(Request(method, path, query, headers, body))
    theirs = signed(
        method,
        path,
        query,
        {
            **headers,
            "X-Project-Id": ours["X-Project-Id"],
            "X-Sdk-Date": ours["X-Sdk-Date"],
        },
        body,
        "ExampleIamAk0000000",
        "ExampleIamSk",
    )
    assert ours["Authorization"] == theirs["Authorization"]
    assert ours["X-Project-Id"] == "p1"
    assert "content-type;host;x-project-id;x-sdk-date" in ours["Authorization"]


async def test_what_leaves_is_what_was_signed(
    session: aiohttp.ClientSession, platform: Answering
) -> None:
    """Address, headers and body on the wire are those that the signature is of."""
    platform.says(Said(body=b'{"id": "1", "total": 0}'))
    client = ManagementClient(session, platform.keys)
    [
        one
        async for one in client.templates(
            app_name="测试 app", sort_key="~-_.!*'()+ /&=%"
        )
    ]
    await client.create_application(NewApplication(app_name="名", region="cn"))
    await client.delete_template("7")
    for method, target, headers, body in platform.received:
        path, _, query = target.partition("?")
        theirs = signed(
            method,
            path,
            parse_qsl(query, strict_parsing=bool(query)),
            {
                name: headers[name]
                for name in ("Host", "Content-Type", "X-Project-Id", "X-Sdk-Date")
            },
            body,
            "ak",
            "sk",
        )
        assert headers["Authorization"] == theirs["Authorization"]
    assert len(platform.received) == 3
