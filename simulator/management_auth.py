"""Checks who calls the management API: a token of IAM, or a signature by IAM keys."""

from .authentication import Call, check_signature, read_signed_form
from .config import Account
from .errors import RefusedRequestError
from .management_errors import ManagementRefusal
from .signing import ALGORITHM
from .state import State
from .tokens import Tokens

_NOT_AUTHENTIC = "APIGW.0301"
_NO_PROJECT = "APIGW.0310"
_NOT_ALLOWED = "APIGW.0302"


def way_of(call: Call) -> str | None:
    """Return by which way a call claims to be authentic."""
    if "X-Auth-Token" in call.headers:
        return "token"
    signed = call.headers.get("Authorization", "").startswith(ALGORITHM)
    return "ak_sk" if signed else None


def authenticate(call: Call, project_id: str, state: State, tokens: Tokens) -> None:
    """Check who calls and whether they may.

    Raises:
        ManagementRefusal: the call is refused by the gateway.
    """
    account = state.console.account
    way = way_of(call)
    if account is None or way is None:
        raise ManagementRefusal(_NOT_AUTHENTIC, "x-auth-token not found")
    if way == "token":
        if not tokens.knows(call.headers["X-Auth-Token"], state.now()):
            raise ManagementRefusal(_NOT_AUTHENTIC, "decrypt token fail")
    else:
        _check_signed(call, account, state)
    named = call.headers.get("X-Project-Id", account.project_id)
    if {named, project_id} != {account.project_id}:
        raise ManagementRefusal(_NO_PROJECT)
    if not account.allowed:
        raise ManagementRefusal(_NOT_ALLOWED)


def _check_signed(call: Call, account: Account, state: State) -> None:
    """Check the signature of a call."""
    try:
        form = read_signed_form(call)
        if form.access_key != account.access_key:
            detail = f"Get secretKey failed,ak:{form.access_key},err:ak not exist"
            raise ManagementRefusal(_NOT_AUTHENTIC, detail)
        secret = account.secret_key
        check_signature(call, form, secret, state.options, state.now())
    except RefusedRequestError:
        # The gateway tells what it would have signed.
        detail = f"verify aksk signature fail, canonicalRequest:{_quoted(call)}"
        raise ManagementRefusal(_NOT_AUTHENTIC, detail) from None


def _quoted(call: Call) -> str:
    """Return the call as the gateway's refusal quotes it."""
    names = sorted({"host", "x-project-id", "x-sdk-date"})
    lines = [f"{name}:{call.headers.get(name, '')}" for name in names]
    return "|".join((call.method, f"{call.path}/", call.query, *lines))
