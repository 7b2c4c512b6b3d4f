"""What the control API does with the management API."""

import pytest

from simulator.config import Account
from simulator.server import Server
from simulator.tokens import Tokens

from .caller import NOTICE, Caller

PROJECT = "0123456789abcdef0123456789abcdef"
_USER = {
    "domain": {"name": "chenguang-home"},
    "name": "home-assistant",
    "password": "Example-Iam-Passw0rd",
}


def _order(project_id: str = PROJECT, **changes: object) -> dict[str, object]:
    """Return a request for a token."""
    user = {**_USER, **changes}
    identity = {"methods": ["password"], "password": {"user": user}}
    project = {"project": {"id": project_id}}
    return {"auth": {"identity": identity, "scope": project}}


async def _token(caller: Caller, order: object) -> tuple[int, str | None]:
    """Ask IAM for a token."""
    async with caller.session.post(
        f"{caller.url}/v3/auth/tokens", json=order, max_field_size=65536
    ) as response:
        return response.status, response.headers.get("X-Subject-Token")


async def _apps(caller: Caller, token: str) -> int:
    """Call with a token and return the HTTP status."""
    async with caller.session.get(
        f"{caller.url}/v2/{PROJECT}/msgsms/apps",
        headers={"X-Auth-Token": token, "Content-Type": "application/json"},
    ) as response:
        return response.status


async def test_tokens(caller: Caller) -> None:
    """A token is good for its life, and until all are revoked."""
    await caller.options(token_life=3600.0, token_length=100)
    status, token = await _token(caller, _order())
    assert status == 201
    assert token is not None
    assert len(token) == 100
    assert await _apps(caller, token) == 200
    await caller.options(clock_offset=3601.0)
    assert await _apps(caller, token) == 401
    await caller.options(clock_offset=0.0)
    await caller.control("DELETE", "tokens")
    assert await _apps(caller, token) == 401
    assert (await caller.control("GET", "management"))["tokens"] == 1


@pytest.mark.parametrize(
    ("order", "status"),
    [
        (_order(password="another"), 401),
        (_order(name="another"), 401),
        (_order(domain={"name": "another"}), 401),
        (_order(domain="chenguang-home"), 400),
        ([], 400),
        (_order("another"), 404),
    ],
)
async def test_no_token(caller: Caller, order: object, status: int) -> None:
    """A wrong user or project gets none."""
    assert await _token(caller, order) == (status, None)


async def test_faults(caller: Caller) -> None:
    """Faults hit the next calls, in order, and are forgotten when told."""
    await caller.options(token_length=50)
    _, token = await _token(caller, _order())
    assert token is not None
    for fault in (
        {"code": "APIGW.0301"},
        {"http_status": 403},
        {"http_status": 502, "body": "html"},
        {"delay": 0.01},
        {"code": "APIGW.0308", "retry_after": "7"},
    ):
        await caller.control("POST", "management-faults", {"fault": fault})
    assert [await _apps(caller, token) for _ in range(6)] == [
        401,
        403,
        502,
        200,
        429,
        200,
    ]
    await caller.control(
        "POST",
        "management-faults",
        {"fault": {"http_status": 500}, "place": "iam", "times": 9},
    )
    assert await _token(caller, _order()) == (500, None)
    await caller.control("DELETE", "management-faults")
    assert (await _token(caller, _order()))[0] == 201
    calls = (await caller.control("GET", "management"))["calls"]
    assert isinstance(calls, list)
    assert calls[1] == {
        "at": calls[1]["at"],
        "method": "GET",
        "path": f"/v2/{PROJECT}/msgsms/apps",
        "authentication": "token",
        "http_status": 401,
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "template", {"template_id": "none"}),
        ("PATCH", "template", {"template_id": NOTICE, "flow_status": "Good"}),
        ("PATCH", "signature", {"name": "none"}),
        ("PATCH", "signature", {}),
        ("PATCH", "account", {"colour": "red"}),
        ("POST", "management-faults", {}),
        ("POST", "management-faults", {"fault": {}, "place": "moon"}),
        ("POST", "management-faults", {"fault": {"http_status": "x"}}),
        ("POST", "management-faults", {"fault": {}, "times": 0}),
    ],
)
async def test_refused(
    caller: Caller, method: str, path: str, body: dict[str, object]
) -> None:
    """What does not fit is answered with 400."""
    status, _ = await caller.try_control(method, path, body)
    assert status == 400


async def test_bounds(server: Server, caller: Caller) -> None:
    """Faults and tokens are not collected without end."""
    order = {"fault": {}, "times": 1000}
    await caller.control("POST", "management-faults", order)
    status, _ = await caller.try_control("POST", "management-faults", order)
    assert status == 400
    tokens, now = Tokens(), server.platform.state.now()
    first = tokens.issue(20, now.replace(year=2100))
    for _ in range(1000):
        tokens.issue(20, now.replace(year=2100))
    assert not tokens.knows(first, now)


async def test_no_account(server: Server, caller: Caller) -> None:
    """Without an account there is nobody who could manage."""
    server.platform.state.console.account = None
    assert await _token(caller, _order()) == (401, None)
    assert await _apps(caller, "x") == 401
    status, _ = await caller.try_control("PATCH", "account", {"allowed": False})
    assert status == 400


async def test_reset(server: Server, caller: Caller) -> None:
    """Everything is forgotten on a reset, and the account is as at the start."""
    await caller.control("PATCH", "account", {"password": "another"})
    await caller.control(
        "PATCH", "template", {"template_id": NOTICE, "flow_status": "Reject"}
    )
    assert (await _token(caller, _order()))[0] == 401
    await caller.control("POST", "reset")
    account = server.platform.state.console.account
    assert isinstance(account, Account)
    assert (await _token(caller, _order()))[0] == 201
    assert (await caller.send()).statuses == ["000000"]
