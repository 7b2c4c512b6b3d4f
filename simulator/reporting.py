"""Makes status reports, batches and replies, and has them pushed."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit
import uuid

from . import reports
from .background import Background
from .config import Application, Kind
from .pushes import Pusher, push_headers
from .records import Message, PushRecord, Reply
from .scenarios import Order, Scenario
from .signing import DATE_FORMAT
from .state import State
from .typed import InvalidValueError

_BATCH_SIZE = 50
_MAX_REPLY = 160
_MAX_UNSUBSCRIBED = 10_000
_UNSUBSCRIBING = frozenset({"R", "T"})


class Reporter:
    """Tells the outside what happened to messages and what people answered."""

    def __init__(self, state: State, background: Background, pusher: Pusher) -> None:
        """Take what it works with."""
        self._state = state
        self._background = background
        self._pusher = pusher
        self._batches: dict[str, list[Mapping[str, str]]] = {}
        self._unsubscribed: set[tuple[str, str]] = set()

    def reset(self) -> None:
        """Forget collected reports and who unsubscribed."""
        self._batches.clear()
        self._unsubscribed.clear()

    def has_unsubscribed(self, number: str, channel_number: str) -> bool:
        """Say whether a person answered R to this channel number."""
        return (channel_number, number) in self._unsubscribed

    def schedule(self, message: Message, scenario: Scenario) -> None:
        """Report on a message after a while."""
        delay = scenario.report_delay
        if delay is None:
            delay = self._state.options.report_delay
        self._background.start(self._report_later(message, scenario, delay))

    async def _report_later(
        self, message: Message, scenario: Scenario, delay: float
    ) -> None:
        """Wait, then report."""
        await asyncio.sleep(delay)
        await self.report(message, scenario)

    async def report(self, message: Message, scenario: Scenario) -> None:
        """Push the reports of a message now, one for each part."""
        parts = list(range(1, message.parts + 1))
        if scenario.order is Order.DESCENDING:
            parts.reverse()
        for part in parts * scenario.copies:
            status = scenario.parts.get(part, scenario.report)
            if status is not None:
                await self.report_part(
                    message, status, part, made_by_platform=scenario.made_by_platform
                )

    async def report_part(
        self,
        message: Message,
        status: str,
        part: int = 1,
        *,
        made_by_platform: bool = False,
    ) -> PushRecord | None:
        """Push a report of one part now; returns none if it is not pushed at once."""
        message.add_report(part, status)
        self._state.touch()
        application = self._state.application(message.app_key)
        fields = reports.report_fields(
            message,
            status,
            part,
            application=application,
            options=self._state.options,
            made_by_platform=made_by_platform,
            now=self._state.now(),
        )
        if message.status_callback is not None:
            return await self.push_form(
                "report", message.status_callback, fields, application
            )
        if application.batch_url is not None:
            self._collect(application.app_key, fields)
        return None

    def _collect(self, app_key: str, fields: Mapping[str, str]) -> None:
        """Put a report into the batch, and start one if there is none."""
        batch = self._batches.setdefault(app_key, [])
        batch.append(fields)
        if len(batch) == 1:
            self._background.start(self._push_collected(app_key))

    async def _push_collected(self, app_key: str) -> None:
        """Push all that was collected after a while, 50 at a time."""
        await asyncio.sleep(self._state.options.batch_interval)
        collected = self._batches.pop(app_key, [])
        for start in range(0, len(collected), _BATCH_SIZE):
            application = self._state.application(app_key)
            if application.batch_url is not None:
                batch = collected[start : start + _BATCH_SIZE]
                await self.push_batch(application.batch_url, batch, application)

    async def reply(
        self, number: str, text: str, channel_number: str | None = None
    ) -> PushRecord | None:
        """Answer from a phone, to the channel number that last wrote to it.

        Returns none if the application has no uplink address.

        Raises:
            InvalidValueError: nobody wrote to the number and no channel number is
                given, the application is international, or the text does not fit.
        """
        if not 1 <= len(text) <= _MAX_REPLY:
            raise InvalidValueError(f"text must have 1 to {_MAX_REPLY} characters")
        messages = self._state.records.messages(number)
        if not channel_number:
            if not messages:
                raise InvalidValueError("number never got a message")
            channel_number = messages[-1].channel_number
        app_key = messages[-1].app_key if messages else None
        application = self._state.application(app_key)
        if application.kind is not Kind.MAINLAND:
            raise InvalidValueError("only mainland applications get replies")
        reply = Reply(
            message_id=str(uuid.uuid4()),
            number=number,
            channel_number=channel_number,
            text=text,
            at=self._state.now(),
        )
        self._state.records.replies.append(reply)
        if text.strip().upper() in _UNSUBSCRIBING:
            if len(self._unsubscribed) < _MAX_UNSUBSCRIBED:
                self._unsubscribed.add((channel_number, number))
        self._state.touch()
        if application.uplink_url is None:
            return None
        fields = reports.reply_fields(reply, self._state.options)
        return await self.push_form(
            "reply", application.uplink_url, fields, application
        )

    async def push_batch(
        self,
        address: str,
        batch: Sequence[Mapping[str, object]],
        application: Application,
    ) -> PushRecord:
        """Push any objects as a batch of reports."""
        body = reports.batch_body(batch)
        return await self.push("batch", address, body, reports.JSON, application)

    async def push_form(
        self,
        kind: str,
        address: str,
        fields: Mapping[str, str],
        application: Application,
    ) -> PushRecord:
        """Push any fields as a form."""
        body = reports.form_body(fields)
        return await self.push(kind, address, body, reports.FORM, application)

    async def push(
        self,
        kind: str,
        address: str,
        body: bytes,
        content_type: str,
        application: Application,
    ) -> PushRecord:
        """Push any bytes once and return what became of it."""
        if not self._state.options.keep_callback_query:
            address = urlunsplit((*urlsplit(address)[:3], "", ""))
        now = self._state.now()
        headers = push_headers(
            address,
            body,
            content_type,
            application=application,
            options=self._state.options,
            date=now.strftime(DATE_FORMAT),
        )
        record = PushRecord(
            kind=kind,
            address=address,
            body=body.decode("utf-8", "replace"),
            signed="Authorization" in headers,
            at=now,
        )
        self._state.records.add_push(record)
        await self._pusher.post(record, body, headers, self._state.options.push_timeout)
        self._state.touch()
        return record
