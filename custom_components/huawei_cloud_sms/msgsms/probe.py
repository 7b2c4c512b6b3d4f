"""Checking credentials without sending an SMS (section 10).

The platform has no dry run. The probe is a well-formed request that is refused after its
credentials were judged; what it finds is an indication, and the platform lists one failed
message in its console.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .errors import (
    MsgSmsError,
    NotSentError,
    NotSentReason,
    RefusedError,
    UnconfirmedError,
    UnconfirmedReason,
)
from .models import Authentication, SendResponse, TemplatedSms
from .wire import ACCEPTED

# Two guards, each enough: no template has this id, and nobody has this number. Mobile
# numbers of mainland China start with 13 to 19; 10 is an area code, after which no number
# starts with 0 or has nine digits.
PROBE = TemplatedSms(
    numbers=("+8610000000000",),
    template_id="0" * 32,
    channel_number="csms000000000",
)


class Verdict(StrEnum):
    """What a probe found; each has a plain message of its own."""

    VALID = "valid"
    WRONG_KEY = "wrong_key"
    WRONG_SECRET = "wrong_secret"
    CREDENTIALS = "credentials"
    CLOCK = "clock"
    ACCOUNT = "account"
    IP_NOT_ALLOWED = "ip_not_allowed"
    INCONCLUSIVE = "inconclusive"
    CLIENT_FAULT = "client_fault"
    ACCEPTED = "accepted"
    WRONG_ADDRESS = "wrong_address"
    TLS = "tls"
    TIMEOUT = "timeout"
    CANNOT_CONNECT = "cannot_connect"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """A verdict, the platform's code and its time (aware, UTC), where there are any."""

    verdict: Verdict
    code: str | None
    server_time: datetime | None


_CODES = {
    "E000040": Verdict.CLIENT_FAULT,
    "E000041": Verdict.CLIENT_FAULT,
    "E000042": Verdict.CLIENT_FAULT,
    "E000043": Verdict.CLIENT_FAULT,
    "E000044": Verdict.CLOCK,
    "E000045": Verdict.WRONG_SECRET,
    "E000101": Verdict.CREDENTIALS,
    "E000102": Verdict.WRONG_KEY,
    "E000103": Verdict.ACCOUNT,
    "E000104": Verdict.WRONG_SECRET,
    "E000105": Verdict.WRONG_SECRET,
    "E000106": Verdict.ACCOUNT,
    "E000109": Verdict.ACCOUNT,
    "E000110": Verdict.CLOCK,
    "E000111": Verdict.CREDENTIALS,
    "E000112": Verdict.ACCOUNT,
    "E000503": Verdict.VALID,
    "E000620": Verdict.IP_NOT_ALLOWED,
    "E000623": Verdict.VALID,
    "E000630": Verdict.VALID,
    # The headers of X-WSSE and its Authorization, missing or incomplete.
    **{f"E00000{last}": Verdict.CLIENT_FAULT for last in range(1, 9)},
    **{f"E00002{last}": Verdict.CLIENT_FAULT for last in range(7)},
}
_NOT_SENT = {
    NotSentReason.DNS: Verdict.CANNOT_CONNECT,
    NotSentReason.CONNECT: Verdict.CANNOT_CONNECT,
    NotSentReason.TIMEOUT: Verdict.TIMEOUT,
    NotSentReason.TLS: Verdict.TLS,
}
_UNCONFIRMED = {
    UnconfirmedReason.TIMEOUT: Verdict.TIMEOUT,
    UnconfirmedReason.CONNECTION: Verdict.CANNOT_CONNECT,
    UnconfirmedReason.UNREADABLE: Verdict.INCONCLUSIVE,
}


def judge_response(response: SendResponse) -> ProbeResult:
    """Return the verdict on an answer that speaks of the number.

    It was refused as intended, after the credentials were found good, or accepted after
    all.
    """
    statuses = {result.status for result in response.results}
    if ACCEPTED in (statuses or {response.code}):
        verdict = Verdict.ACCEPTED
    elif statuses:
        verdict = Verdict.VALID
    else:
        verdict = Verdict.INCONCLUSIVE
    return ProbeResult(verdict, response.code, response.server_time)


def judge_error(err: MsgSmsError, authentication: Authentication) -> ProbeResult:
    """Return the verdict on a request that failed as a whole."""
    match err:
        case RefusedError():
            verdict = _judge_refusal(err, authentication)
            return ProbeResult(verdict, err.code, err.server_time)
        case NotSentError():
            return ProbeResult(_NOT_SENT[err.reason], None, None)
        case UnconfirmedError():
            return ProbeResult(_UNCONFIRMED[err.reason], None, None)
        case _:
            return ProbeResult(Verdict.CLIENT_FAULT, None, None)


def _judge_refusal(err: RefusedError, authentication: Authentication) -> Verdict:
    """Return the verdict on a code, or on an HTTP status without one that is known."""
    # With X-WSSE the platform answers this to a wrong secret as well.
    if err.code == "E000001" and authentication is Authentication.WSSE:
        return Verdict.CREDENTIALS
    if err.code in _CODES:
        return _CODES[err.code]
    if err.http_status in (404, 405, 410) or err.http_status < 400:
        return Verdict.WRONG_ADDRESS
    return Verdict.INCONCLUSIVE
