"""Who calls the management API: a signature of each call, or a token (section 9)."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
import re
from typing import Protocol, override

import aiohttp
from yarl import URL

from ..signing import ALGORITHM, canonical_request, hash_payload, sign
from .account import AccessKey, IamUser
from .address import read_origin
from .errors import UnavailableError, UnavailableReason
from .http import Answer, Request, fetch
from .refusals import refusal

TOKEN_PATH = "/v3/auth/tokens"

# Nothing else can be sent back in a header.
_TOKEN = re.compile(r"[!-~]+")

_LONGEST = timedelta(hours=24)
# For an answer that does not say how long its token lives.
_ASSUMED = timedelta(hours=1)
_MARGIN = timedelta(minutes=10)


class Prover(Protocol):
    """Proves who calls."""

    async def prove(self, request: Request) -> dict[str, str]:
        """Return the headers that prove it."""

    def renews(self, proof: dict[str, str]) -> bool:
        """Tell whether a proof that was refused (401) is replaced by another."""


class KeyProver(Prover):
    """Signs each call with an access key, the ordinary way (section 4.1)."""

    def __init__(self, credentials: AccessKey, project_id: str) -> None:
        """Keep the keys."""
        self._credentials = credentials
        self._project_id = project_id

    @override
    async def prove(self, request: Request) -> dict[str, str]:
        """Return the project's header and the signature's."""
        date = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        added = {"X-Project-Id": self._project_id, "X-Sdk-Date": date}
        headers = {
            name.lower(): value
            for name, value in (*request.headers.items(), *added.items())
        }
        names = sorted(headers)
        canonical = canonical_request(
            request.method,
            request.path,
            request.query,
            headers,
            names,
            hash_payload(request.body),
        )
        signature = sign(self._credentials.secret_key, date, canonical)
        return {
            **added,
            "Authorization": f"{ALGORITHM} Access={self._credentials.access_key}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}",
        }

    @override
    def renews(self, proof: dict[str, str]) -> bool:
        """Tell that the next signature would be refused as well."""
        return False


@dataclass(frozen=True, slots=True)
class _Token:
    """A token, and until when it is used on the loop's clock."""

    value: str = field(repr=False)
    until: float


class TokenProver(Prover):
    """Shows a token of IAM, which is fetched when needed and kept for its life.

    All that need one at the same time wait for the same fetch.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        iam: str,
        credentials: IamUser,
        project_id: str,
        timeout: aiohttp.ClientTimeout,
    ) -> None:
        """Keep the user; raises InvalidRequestError for `iam` (url)."""
        self._session = session
        self._origin, self._host = read_origin(iam, "iam")
        self._credentials = credentials
        self._project_id = project_id
        self._timeout = timeout
        self._token: _Token | None = None
        self._fetching: asyncio.Task[_Token] | None = None

    @override
    async def prove(self, request: Request) -> dict[str, str]:
        """Return the token's header.

        Raises WrongCredentialsError, ForbiddenError, WrongProjectOrRegionError and the
        like for what IAM says to the user.
        """
        token = self._token
        if token is None or asyncio.get_running_loop().time() >= token.until:
            if self._fetching is None:
                self._fetching = asyncio.create_task(self._fetch())
                self._fetching.add_done_callback(self._fetched)
            fetching = self._fetching
            # One who gives up must not take it from the others.
            await asyncio.wait({fetching})
            token = fetching.result()
        return {"X-Auth-Token": token.value}

    @override
    def renews(self, proof: dict[str, str]) -> bool:
        """Forget the token that was refused, if it has not been replaced yet."""
        if self._token is not None and proof["X-Auth-Token"] == self._token.value:
            self._token = None
        return True

    def _fetched(self, task: asyncio.Task[_Token]) -> None:
        """Keep what was fetched."""
        self._fetching = None
        if not task.cancelled() and task.exception() is None:
            self._token = task.result()

    async def _fetch(self) -> _Token:
        """Ask IAM for a token of the project."""
        headers = {"Host": self._host, "Content-Type": "application/json"}
        request = Request("POST", TOKEN_PATH, (), headers, self._order())
        url: URL = self._origin.with_path(TOKEN_PATH)
        asked_at = asyncio.get_running_loop().time()
        answer = await fetch(self._session, url, request, {}, self._timeout)
        if not 200 <= answer.http_status < 300:
            raise refusal(answer)
        value = answer.headers.get("X-Subject-Token", "")
        if not _TOKEN.fullmatch(value):
            raise UnavailableError(
                UnavailableReason.UNREADABLE, None, answer.http_status
            )
        life = _life(answer)
        life -= min(_MARGIN, life / 10)
        return _Token(value, asked_at + life.total_seconds())

    def _order(self) -> bytes:
        """Return the body that asks for a token of one project."""
        user = {
            "domain": {"name": self._credentials.domain},
            "name": self._credentials.name,
            "password": self._credentials.password,
        }
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"id": self._project_id}}
        return json.dumps({"auth": {"identity": identity, "scope": scope}}).encode()


def _life(answer: Answer) -> timedelta:
    """Return how long a token lives by its own two times, whatever our clock says."""
    try:
        token = json.loads(answer.body)["token"]
        begin = datetime.fromisoformat(token["issued_at"])
        life = datetime.fromisoformat(token["expires_at"]) - begin
    except ValueError, TypeError, KeyError, RecursionError:
        return _ASSUMED
    return min(max(life, timedelta()), _LONGEST)
