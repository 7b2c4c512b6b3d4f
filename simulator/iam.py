"""IAM over HTTP: hands out tokens for the project of the account."""

from datetime import timedelta
import json

from aiohttp import web

from .config import Account
from .keys import PLATFORM
from .management_answers import faulty
from .management_faults import Place
from .management_records import CallRecord
from .records import Json

TOKEN_PATH = "/v3/auth/tokens"

_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def add_routes(app: web.Application) -> None:
    """Add the address of tokens."""
    app.router.add_post(TOKEN_PATH, _token)


async def _token(request: web.Request) -> web.Response:
    """Answer a request for a token."""
    platform = request.app[PLATFORM]
    record = CallRecord(platform.state.now(), "POST", TOKEN_PATH, "password")
    return await faulty(request, Place.IAM, record, _issue)


async def _issue(request: web.Request) -> web.Response:
    """Check user and project, and hand out a token."""
    platform = request.app[PLATFORM]
    account, options = platform.state.console.account, platform.state.options
    try:
        asked: object = json.loads(await request.text())
        auth = _within(asked, "auth")
        methods = _within(auth, "identity", "methods")
        user = _within(auth, "identity", "password", "user")
        named = (_within(user, "domain", "name"), _within(user, "name"))
        password = _within(user, "password")
        project = _within(auth, "scope", "project", "id")
    except ValueError, RecursionError, KeyError:
        return _refused(400, "The request body is invalid.", "Bad Request")
    if methods != ["password"] or account is None or not _is(account, named, password):
        return _refused(401, "The username or password is wrong.", "Unauthorized")
    if project != account.project_id:
        return _refused(404, f"Could not find project: {project}.", "Not Found")
    now = platform.state.now()
    end = now + timedelta(seconds=options.token_life)
    body: Json = {
        "token": {
            "expires_at": end.strftime(_TIME),
            "issued_at": now.strftime(_TIME),
            "methods": ["password"],
            "project": {"id": account.project_id, "name": "cn-north-4"},
            "user": {"name": account.user, "domain": {"name": account.domain}},
            "roles": [],
            "catalog": [],
        }
    }
    token = platform.tokens.issue(options.token_length, end)
    return web.json_response(body, status=201, headers={"X-Subject-Token": token})


def _within(value: object, *names: str) -> object:
    """Return a value within objects; raises KeyError."""
    for name in names:
        if not isinstance(value, dict):
            raise KeyError(name)
        value = value[name]
    return value


def _is(account: Account, named: tuple[object, object], password: object) -> bool:
    """Say whether names and password are those of the account's user."""
    return (*named, password) == (account.domain, account.user, account.password)


def _refused(status: int, message: str, title: str) -> web.Response:
    """Return a refusal in the form of IAM."""
    body: Json = {"error": {"code": status, "message": message, "title": title}}
    return web.json_response(body, status=status)
