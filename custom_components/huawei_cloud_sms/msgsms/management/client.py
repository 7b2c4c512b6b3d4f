"""The management API: applications, signatures, templates, countries (section 9).

Every method raises InvalidRequestError before anything is sent for an argument that
cannot be, and the errors of `management_errors`. A write is never sent again, but for
one that was refused because its token had ended (401); after UnavailableError it may
have been taken all the same.

Records are addressed by their `id`, the primary key. It is not the `template_id` or
`signature_id` that sending and the console speak of.
"""

from collections.abc import AsyncIterator
import re
from typing import Unpack

import aiohttp

from ..errors import InvalidRequestError
from .account import Account
from .calls import Calls
from .filters import ApplicationFilter, CountryFilter, SignatureFilter, TemplateFilter
from .models import (
    AppCount,
    Application,
    Country,
    Signature,
    SignatureFile,
    Template,
    TemplateVariable,
    WrittenApplication,
    WrittenSignature,
    WrittenTemplate,
)
from .orders import ApplicationUpdate, NewApplication, SignatureOrder, TemplateOrder
from .reading import find_record, read_list, read_record
from .upload import multipart_body

_ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")


class ManagementClient:
    """Looks after the applications of one account."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        account: Account,
        *,
        connect_timeout: float = 10,
        total_timeout: float = 30,
    ) -> None:
        """Keep who calls and where; times are in seconds.

        Raises InvalidRequestError for `access_key`, `secret_key`, `domain`, `name`,
        `password`, `project_id` (empty, characters), `management` or `iam` (url).
        """
        timeout = aiohttp.ClientTimeout(total=total_timeout, connect=connect_timeout)
        self._calls = Calls(session, account, timeout)

    def applications(
        self, **filters: Unpack[ApplicationFilter]
    ) -> AsyncIterator[Application]:
        """Return all applications (ListAppDetails)."""
        return self._calls.pages(Application, "apps", {**filters})

    async def application(self, record_id: str) -> Application:
        """Return an application (ShowApp)."""
        return read_record(
            Application, await self._calls.read(_path("apps", record_id))
        )

    async def application_count(self, region: str | None = None) -> AppCount:
        """Return how many applications there are and may be (ShowAppCount)."""
        answer = await self._calls.read("apps-count", {"region": region})
        return read_record(AppCount, answer)

    async def create_application(self, order: NewApplication) -> WrittenApplication:
        """Create an application (CreateApp)."""
        answer = await self._calls.write("POST", "apps", order)
        return read_record(WrittenApplication, answer)

    async def update_application(
        self, record_id: str, order: ApplicationUpdate
    ) -> WrittenApplication:
        """Replace the whole record of an application (UpdateApp).

        Start from `ApplicationUpdate.of` of what was read, or what is left out is lost.
        """
        answer = await self._calls.write("PUT", _path("apps", record_id), order)
        return read_record(WrittenApplication, answer)

    def signatures(
        self, **filters: Unpack[SignatureFilter]
    ) -> AsyncIterator[Signature]:
        """Return all signatures (ListSignatureDetails)."""
        return self._calls.pages(Signature, "signatures", {**filters})

    async def signature(self, record_id: str) -> Signature:
        """Return a signature (ShowSignature)."""
        return read_record(
            Signature, await self._calls.read(_path("signatures", record_id))
        )

    async def create_signature(self, order: SignatureOrder) -> WrittenSignature:
        """Create a signature, which is then reviewed (CreateSignature)."""
        answer = await self._calls.write("POST", "signatures", order)
        return read_record(WrittenSignature, answer)

    async def update_signature(
        self, record_id: str, order: SignatureOrder
    ) -> WrittenSignature:
        """Replace the record of a signature that was rejected (UpdateSignature)."""
        answer = await self._calls.write("PUT", _path("signatures", record_id), order)
        return read_record(WrittenSignature, answer)

    async def delete_signature(self, record_id: str) -> None:
        """Delete a signature (DeleteSignature)."""
        await self._calls.write("DELETE", _path("signatures", record_id))

    async def enable_signature(self, record_id: str) -> None:
        """Activate a signature that waits for it (EnableSignature).

        Raises RejectedError with `MSGSMS.0130` if it does not.
        """
        await self._calls.write("PUT", f"{_path('signatures', record_id)}/active")

    async def upload_signature_file(
        self, file_name: str, content: bytes, description: str | None = None
    ) -> str:
        """Upload a file for reviews and return its `file_id` (UploadSignatureFile).

        At most 12 MB. Raises RejectedError with `MSGSMS.0132` for a bad name.
        """
        content_type, body = multipart_body(file_name, content)
        query = {"file_desc": description}
        answer = await self._calls.upload("upload-files", query, content_type, body)
        return read_record(SignatureFile, answer).file_id

    async def signature_file(self, file_id: str) -> SignatureFile:
        """Return what is known of an uploaded file (ShowSignatureFile)."""
        answer = await self._calls.read("upload-files", {"file_id": file_id})
        return read_record(SignatureFile, answer)

    def templates(self, **filters: Unpack[TemplateFilter]) -> AsyncIterator[Template]:
        """Return all templates (ListTemplateDetails)."""
        return self._calls.pages(Template, "templates", {**filters})

    async def template(self, record_id: str) -> Template:
        """Return a template (ShowTemplate)."""
        return read_record(
            Template, await self._calls.read(_path("templates", record_id))
        )

    async def template_variables(self, record_id: str) -> tuple[TemplateVariable, ...]:
        """Return a template's variables in order (ListTemplateVarilableDetails)."""
        # The platform spells it so.
        path = f"{_path('templates', record_id)}/varilable"
        answer = await self._calls.read(path)
        entries = read_list(
            answer.get("results") if isinstance(answer, dict) else answer
        )
        found = (find_record(TemplateVariable, entry) for entry in entries)
        return tuple(
            sorted(
                filter(None, found), key=lambda variable: variable.variable_index or 0
            )
        )

    async def create_template(self, order: TemplateOrder) -> WrittenTemplate:
        """Create a template, which is then reviewed (CreateTemplate)."""
        answer = await self._calls.write("POST", "templates", order)
        return read_record(WrittenTemplate, answer)

    async def update_template(
        self, record_id: str, order: TemplateOrder
    ) -> WrittenTemplate:
        """Replace the whole record of a template (UpdateTemplate)."""
        answer = await self._calls.write("PUT", _path("templates", record_id), order)
        return read_record(WrittenTemplate, answer)

    async def delete_template(self, record_id: str) -> None:
        """Delete a template (DeleteTemplate)."""
        await self._calls.write("DELETE", _path("templates", record_id))

    async def countries(self, **filters: Unpack[CountryFilter]) -> tuple[Country, ...]:
        """Return where international SMS can go (ListSendCountryDetails)."""
        entries = read_list(await self._calls.read("country", {**filters}))
        return tuple(filter(None, (find_record(Country, entry) for entry in entries)))


def _path(kind: str, record_id: str) -> str:
    """Return the path of a record; raises InvalidRequestError."""
    if not _ID.fullmatch(record_id):
        raise InvalidRequestError("record_id", "characters")
    return f"{kind}/{record_id}"
