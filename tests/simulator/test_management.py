"""Both APIs of the simulator know the same applications, signatures and templates."""

from json import dumps
from typing import cast
from urllib.parse import urlsplit

import pytest

from simulator.config import Account
from simulator.server import Server

from .caller import CHANNEL, KEY, NO_VARIABLES, NOTICE, SECRET, Answer, Caller
from .oracle import signed_headers
from .receiver import Receiver

JSON = "application/json"


@pytest.fixture
def account(server: Server) -> Account:
    """Return the account of the configuration."""
    found = server.platform.state.console.account
    assert found is not None
    return found


class Manager:
    """Calls the management API, signed by Huawei's own signer."""

    def __init__(self, caller: Caller, account: Account) -> None:
        """Take the session and the keys of the caller and of the account."""
        self.caller = caller
        self.key = account.access_key
        self.secret = account.secret_key
        self.project_id = account.project_id

    async def call(
        self, method: str, path: str, body: bytes = b"", content_type: str = JSON
    ) -> Answer:
        """Call an operation."""
        url = f"{self.caller.url}/v2/{self.project_id}/msgsms/{path}"
        headers = signed_headers(
            url,
            body,
            {"Content-Type": content_type, "X-Project-Id": self.project_id},
            key=self.key,
            secret=self.secret,
            method=method,
        )
        async with self.caller.session.request(
            method, url, data=body or None, headers=headers
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def error(
        self, method: str, path: str, body: bytes = b"", content_type: str = JSON
    ) -> tuple[int, object]:
        """Call and return HTTP status and code."""
        answer = await self.call(method, path, body, content_type)
        return answer.http_status, answer.json["error_code"]

    async def results(self, path: str) -> list[dict[str, object]]:
        """Return the entries of a list."""
        return cast(
            "list[dict[str, object]]", (await self.call("GET", path)).json["results"]
        )


@pytest.fixture
def manager(caller: Caller, account: Account) -> Manager:
    """Return a caller of the management API."""
    return Manager(caller, account)


async def test_template_decides_about_sending(caller: Caller, manager: Manager) -> None:
    """A template that loses its approval does not send until it has it again."""
    for status, sent in (
        ("Reject", "E200030"),
        ("Reviewing", "E200030"),
        ("Adopted", "000000"),
        ("Disable", "E200030"),
    ):
        changed = await caller.control(
            "PATCH",
            "template",
            {"template_id": NOTICE, "flow_status": status, "review_desc": "内容不符"},
        )
        assert changed == {"template_id": NOTICE, "flow_status": status}
        assert (await caller.send()).statuses == [sent]
        (found,) = await manager.results(f"templates?template_id={NOTICE}")
        assert (found["flow_status"], found["review_desc"]) == (status, "内容不符")


async def test_disabled_by_the_api(caller: Caller, manager: Manager) -> None:
    """A template that is deleted or switched off by the API does not send either."""
    (found,) = await manager.results(f"templates?template_id={NO_VARIABLES}")
    order = (
        f'{{"app_id":"1001","region":"cn","sign_id":"{found["sign_id"]}",'
        '"template_name":"Bell","template_type":"NOTIFY_TYPE",'
        '"template_content":"家中门铃响了。","flow_status":"Disable"}'
    )
    path = f"templates/{found['id']}"
    assert (await manager.call("PUT", path, order.encode())).http_status == 200
    sent = await caller.send(template=NO_VARIABLES, values=None)
    assert sent.statuses == ["E200030"]
    assert (await manager.call("DELETE", path)).http_status == 204
    sent = await caller.send(template=NO_VARIABLES, values=None)
    assert sent.statuses == ["E200033"]


async def test_signature_decides_about_sending(
    caller: Caller, manager: Manager
) -> None:
    """A signature that waits for activation has no channel until it is activated."""
    await caller.control(
        "PATCH", "signature", {"name": "晨光家园", "status": "TO_BE_ACTIVATED"}
    )
    assert (await caller.send()).statuses == ["E200018"]
    (found,) = await manager.results("signatures?status=TO_BE_ACTIVATED")
    assert found["channel_num"] == CHANNEL
    answer = await manager.call("PUT", f"signatures/{found['id']}/active")
    assert answer.http_status == 200
    assert (await caller.send()).statuses == ["000000"]
    assert await manager.error("PUT", f"signatures/{found['id']}/active") == (
        400,
        "MSGSMS.0130",
    )


async def test_approved_signature_gets_a_channel(
    caller: Caller, manager: Manager
) -> None:
    """A new signature has a channel number once it is approved."""
    order = (
        '{"app_id":"1001","signature_name":"晨光小店","signature_type":"NOTIFY_TYPE"}'
    )
    created = (await manager.call("POST", "signatures", order.encode())).json
    path = f"signatures/{created['id']}"
    assert (await manager.call("GET", path)).json["channel_num"] is None
    await caller.control(
        "PATCH",
        "signature",
        {"record_id": created["id"], "status": "REVIEW_PASSED"},
    )
    assert (await manager.call("GET", path)).json["channel_num"]


async def test_suspended(caller: Caller, manager: Manager) -> None:
    """An application that is suspended does not send, and says so in the list."""
    await caller.control("PATCH", "application", {"status": "SUSPENDED"})
    assert (await caller.send()).code == (401, "E000103")
    assert [one["id"] for one in await manager.results("apps?status=SUSPENDED")] == [
        "1001"
    ]
    await caller.control("PATCH", "application", {"status": "LAUNCHED"})
    assert (await caller.send()).code == (200, "000000")


async def test_replies_go_where_the_api_says(
    caller: Caller, manager: Manager, receiver: Receiver
) -> None:
    """Replies are pushed to the address that UpdateApp wrote."""
    await caller.send()
    order = '{"app_name":"Home","region":"cn","up_link_addr":"' + receiver.url() + '"}'
    assert (await manager.call("PUT", "apps/1001", order.encode())).http_status == 200
    await caller.control("POST", "reply", {"number": "+8613700000001", "text": "好的"})
    (push,) = await receiver.wait(1)
    assert push.fields["body"] == "好的"
    order = '{"app_name":"Home","region":"cn"}'
    await manager.call("PUT", "apps/1001", order.encode())
    answer = await caller.control(
        "POST", "reply", {"number": "+8613700000001", "text": "好的"}
    )
    assert answer == {"push": None}


async def test_new_application_sends(caller: Caller, manager: Manager) -> None:
    """An application that was created by the API can be used at once."""
    order = '{"app_name":"Second","region":"cn","show_secret":true}'
    created = (await manager.call("POST", "apps", order.encode())).json
    body = b"from=8824110600001&to=13700000001&templateId=" + NO_VARIABLES.encode()
    headers = caller.sign(
        "/sms/batchSendSms/v1",
        body,
        key=str(created["app_key"]),
        secret=str(created["app_secret"]),
    )
    answer = await caller.post("/sms/batchSendSms/v1", body, headers)
    assert answer.code == (200, "000000")


async def test_keys_of_each_api(
    caller: Caller, manager: Manager, account: Account
) -> None:
    """Keys of one API do not open the other."""
    body = b"from=8824110600001&to=13700000001&templateId=" + NO_VARIABLES.encode()
    headers = caller.sign(
        "/sms/batchSendSms/v1",
        body,
        key=account.access_key,
        secret=account.secret_key,
    )
    answer = await caller.post("/sms/batchSendSms/v1", body, headers)
    assert answer.code == (401, "E000102")
    manager.key, manager.secret = KEY, SECRET
    assert await manager.error("GET", "apps") == (401, "APIGW.0301")


async def test_who_calls(caller: Caller, manager: Manager, account: Account) -> None:
    """The gateway refuses wrong signatures, projects and users."""
    path = f"{caller.url}/v2/{account.project_id}/msgsms/apps"
    async with caller.session.get(path) as response:
        assert response.status == 401
    headers = {"X-Auth-Token": "unknown", "Content-Type": JSON}
    async with caller.session.get(path, headers=headers) as response:
        assert (await response.json())["error_code"] == "APIGW.0301"
    manager.project_id = "f" * 32
    assert await manager.error("GET", "apps") == (403, "APIGW.0310")
    manager.project_id = account.project_id
    changed = await caller.control("PATCH", "account", {"allowed": False})
    assert changed == {"allowed": False}
    assert await manager.error("GET", "apps") == (403, "APIGW.0302")
    await caller.control("PATCH", "account", {"allowed": True})
    manager.secret = "another"
    answer = await manager.call("GET", "apps?limit=1")
    assert answer.http_status == 401
    # It quotes the request, which is why nobody may log what it says.
    quoted = str(answer.json["error_msg"])
    assert urlsplit(path).path in quoted
    assert account.project_id in quoted


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "apps?limit=x", "", 400, "MSGSMS.0002"),
        ("GET", "apps?sort_key=nothing", "", 400, "MSGSMS.0002"),
        ("GET", "apps/77", "", 404, "MSGSMS.0076"),
        ("GET", "apps-count?region=eu", "", 400, "MSGSMS.0002"),
        ("PUT", "apps/1001", "{", 400, "MSGSMS.0002"),
        ("PUT", "apps/1001", "[]", 400, "MSGSMS.0002"),
        ("PUT", "apps/1001", '{"region":"cn"}', 400, "MSGSMS.0002"),
        ("PUT", "apps/1001", '{"region":"cn","app_name":""}', 400, "MSGSMS.0002"),
        ("PUT", "apps/1001", '{"region":"intl","app_name":"a"}', 400, "MSGSMS.0002"),
        (
            "PUT",
            "apps/1001",
            '{"region":"cn","app_name":"a","up_link_addr":"home"}',
            400,
            "MSGSMS.0002",
        ),
        ("POST", "apps", '{"region":"eu","app_name":"a"}', 400, "MSGSMS.0002"),
        ("GET", "signatures/77", "", 404, "MSGSMS.0005"),
        ("POST", "signatures", '{"app_id":"77"}', 404, "MSGSMS.0076"),
        (
            "POST",
            "signatures",
            '{"app_id":"1001","signature_name":"x"}',
            400,
            "MSGSMS.0002",
        ),
        (
            "POST",
            "signatures",
            '{"app_id":"1001","signature_name":"xy","signature_type":"OTHER"}',
            400,
            "MSGSMS.0002",
        ),
        ("PUT", "signatures/1003", "{}", 400, "MSGSMS.0007"),
        ("GET", "upload-files?file_id=1", "", 400, "MSGSMS.0002"),
        ("GET", "templates/77", "", 404, "MSGSMS.0009"),
        ("GET", "templates?app_key=123", "", 404, "MSGSMS.0076"),
        ("POST", "templates", '{"app_id":"77"}', 404, "MSGSMS.0076"),
    ],
)
async def test_refused(
    manager: Manager, method: str, path: str, body: str, status: int, code: str
) -> None:
    """What does not fit is refused with the code for it."""
    assert await manager.error(method, path, body.encode()) == (status, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"template_name": "Notice without variables"}, "MSGSMS.0008"),
        ({"sign_id": "77"}, "MSGSMS.0005"),
        ({"region": "intl"}, "MSGSMS.0002"),
        ({"flow_status": "Adopted"}, "MSGSMS.0002"),
        ({"template_content": "【${1}】"}, "MSGSMS.0002"),
        ({"template_content": "${2}"}, "MSGSMS.0002"),
        ({"variable_attributes": "TEXT"}, "MSGSMS.0002"),
        ({"variable_attributes": [1]}, "MSGSMS.0002"),
        (
            {"variable_attributes": [{"variable_index": 1, "variable_type": "TEXT"}]},
            "MSGSMS.0002",
        ),
        ({"universal_template": "1"}, "MSGSMS.0002"),
    ],
)
async def test_new_template(
    manager: Manager, changes: dict[str, object], code: str | None
) -> None:
    """A template is checked before it is reviewed."""
    order: dict[str, object] = {
        "app_id": "1001",
        "region": "cn",
        "sign_id": "1003",
        "template_name": "Parcel",
        "template_type": "NOTIFY_TYPE",
        "template_content": "取件码${1}",
        "variable_attributes": [{"variable_index": 1, "variable_type": "CHARDIGIT"}],
        **changes,
    }
    answer = await manager.call("POST", "templates", dumps(order).encode())
    assert answer.json.get("error_code") == code


async def test_content_type(manager: Manager) -> None:
    """Every call says that it is JSON, but for uploads, which are forms."""
    refused = await manager.error("GET", "apps", content_type="text/plain")
    assert refused == (400, "MSGSMS.0002")
    refused = await manager.error("POST", "upload-files", b"{}")
    assert refused == (400, "MSGSMS.0002")
    form = "multipart/form-data; boundary=x"
    refused = await manager.error("POST", "upload-files", b"--x--", form)
    assert refused == (400, "MSGSMS.0002")
