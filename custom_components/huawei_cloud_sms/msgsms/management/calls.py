"""One call of the management API, proven and read; and lists of many pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from itertools import batched
import json
from urllib.parse import quote

import aiohttp
from yarl import URL

from ..reading import as_text
from .account import AccessKey, Account
from .address import read_origin
from .http import Answer, Request, fetch
from .iam import KeyProver, Prover, TokenProver
from .orders import Order, order_fields
from .reading import Record, as_whole, find_record, read_json, read_list, unreadable
from .refusals import refusal

JSON = "application/json"
_UNRESERVED = "~"
_PAGE = 100
_MAX_PAGES = 500

type Query = Mapping[str, object]


class Calls:
    """Makes the calls of one account."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        account: Account,
        timeout: aiohttp.ClientTimeout,
    ) -> None:
        """Keep who calls and where; raises InvalidRequestError."""
        account.check()
        region, project_id = account.region, account.project_id
        self._session = session
        self._origin, self._host = read_origin(region.management, "management")
        self._prefix = f"/v2/{project_id}/msgsms/"
        self._timeout = timeout
        self._prover: Prover
        if isinstance(account.credentials, AccessKey):
            self._prover = KeyProver(account.credentials, project_id)
        else:
            self._prover = TokenProver(
                session, region.iam, account.credentials, project_id, timeout
            )

    async def read(self, path: str, query: Query | None = None) -> object:
        """Return the JSON of a GET; None in the query is left out."""
        return read_json(await self._call("GET", path, query or {}))

    async def write(self, method: str, path: str, order: Order | None = None) -> object:
        """Make a call that changes something, and return its JSON."""
        body = json.dumps(order_fields(order)).encode() if order is not None else b""
        return read_json(await self._call(method, path, {}, body))

    async def upload(
        self, path: str, query: Query, content_type: str, body: bytes
    ) -> object:
        """Post a body that is no JSON, and return the JSON of the answer."""
        return read_json(await self._call("POST", path, query, body, content_type))

    async def pages[T: Record](
        self, kind: type[T], path: str, query: Query
    ) -> AsyncIterator[T]:
        """Return all records of a list, page after page.

        It ends where the platform says that there are no more, at an empty page, and at
        one that holds nothing new.
        """
        seen: set[str | None] = set()
        offset = 0
        for _ in range(_MAX_PAGES):
            page = {**query, "limit": _PAGE, "offset": offset}
            answer = await self.read(path, page)
            if not isinstance(answer, dict):
                raise unreadable()
            entries = read_list(answer.get("results"))
            known = len(seen)
            for some in batched(entries, _PAGE, strict=False):
                # others have their turn too, should a page hold more than was asked for
                await asyncio.sleep(0)
                for entry in some:
                    record = find_record(kind, entry)
                    key = as_text(entry.get("id")) if isinstance(entry, dict) else None
                    if record is not None and key not in seen:
                        seen.add(key)
                        yield record
            offset += len(entries)
            total = as_whole(answer.get("total"))
            if len(seen) == known or (total is not None and offset >= total):
                return

    async def _call(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes = b"",
        content_type: str = JSON,
    ) -> Answer:
        """Make a call; once more with another token if the first was refused."""
        pairs = tuple(
            (name, str(value)) for name, value in query.items() if value is not None
        )
        headers = {"Host": self._host, "Content-Type": content_type}
        request = Request(method, self._prefix + path, pairs, headers, body)
        proof = await self._prover.prove(request)
        answer = await self._send(request, proof)
        if answer.http_status == 401 and self._prover.renews(proof):
            answer = await self._send(request, await self._prover.prove(request))
        if not 200 <= answer.http_status < 300:
            raise refusal(answer)
        return answer

    async def _send(self, request: Request, proof: Mapping[str, str]) -> Answer:
        """Send a request as it was signed."""
        query = "&".join(
            f"{name}={quote(value, safe=_UNRESERVED)}" for name, value in request.query
        )
        target = f"{request.path}?{query}" if query else request.path
        url = self._origin.join(URL(target, encoded=True))
        return await fetch(self._session, url, request, proof, self._timeout)
