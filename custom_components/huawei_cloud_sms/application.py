"""The running application: sends, writes down what becomes of it, tells listeners."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
import secrets
from uuid import uuid4

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util

from . import reactions
from .answers import Result, read_error, read_response
from .const import CONF_PUBLIC_ADDRESS, DOMAIN
from .explain import explain
from .ledger.ledger import Ledger
from .ledger.models import (
    Changes,
    LedgerBusyError,
    Message,
    NewMessage,
    NewRequest,
    Origin,
    Shown,
    State,
)
from .msgsms.client import SmsClient
from .msgsms.errors import InvalidRequestError, MsgSmsError, RefusedError
from .msgsms.models import TemplatedSms
from .orders import Order, Sent, Target
from .public_address import NoPublicAddressError, async_reply_address
from .templates import check

type SmsConfigEntry = ConfigEntry[Application]
type ShownListener = Callable[[Shown], None]

# Requests of one application that are under way at the same time; of those with many
# numbers only one: the platform advises at most 500 numbers a second in all.
_REQUESTS_AT_ONCE = 8
_MANY = 50

# The platform took the message, whatever became of it since.
_TAKEN = frozenset({State.ACCEPTED, State.DELIVERED, State.FAILED})

# What is written down of a message that is not to leave any more.
_REMOVED = Result(state=State.EXPIRED_UNSENT, code="not_sent_removed")
_GIVEN_UP = Result(state=State.EXPIRED_UNSENT, code="not_sent_interrupted")

# What is written down if not even a failure is known.
_INTERRUPTED = Result(state=State.UNCONFIRMED, code="unconfirmed_interrupted")


class Application:
    """An application that is set up and running."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        client: SmsClient,
        ledger: Ledger,
    ) -> None:
        """Initialize the application of a config entry."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._ledger = ledger
        self._listeners: list[ShownListener] = []
        self._slots = asyncio.Semaphore(_REQUESTS_AT_ONCE)
        self._large_slot = asyncio.Semaphore(1)

    @callback
    def async_listen(self, listener: ShownListener) -> CALLBACK_TYPE:
        """Call a listener for each change that is shown, until it is taken back."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_go_live(self) -> None:
        """Show what happened meanwhile, and from now on what happens."""
        await self._ledger.go_live(self._entry.entry_id, self._tell, _now())

    async def async_retire(self) -> None:
        """Show nothing any more; what happens is kept for the next time."""
        await self._ledger.retire(self._entry.entry_id)

    def check(self, orders: Sequence[Order]) -> None:
        """Raise ServiceValidationError if an order breaks a rule; nothing is done."""
        for order in orders:
            self._prepare(order)

    async def async_send(
        self, orders: Sequence[Order], context: Context | None
    ) -> list[Sent]:
        """Send and return what became of each message.

        The requests end by themselves even if the caller is cancelled. Raises
        ServiceValidationError before anything has left when a rule is broken, and
        HomeAssistantError when the ledger takes no more.
        """
        requests = [
            (request, order) for order in orders for request in self._prepare(order)
        ]
        task = self._hass.async_create_task(
            self._send_all(requests, context), f"{DOMAIN} send"
        )
        return await asyncio.shield(task)

    async def async_reply_address(self) -> str | None:
        """Return the address for reports and replies; without one, an issue says so."""
        try:
            address = await async_reply_address(
                self._hass,
                self._entry.data[CONF_WEBHOOK_ID],
                self._entry.options.get(CONF_PUBLIC_ADDRESS),
            )
        except NoPublicAddressError as err:
            if err.passing and (hook := self._known_hook()) is not None:
                # by the time a report comes the cloud may be there again
                return hook
            reactions.raise_issue(self._hass, self._entry, reactions.NO_PUBLIC_ADDRESS)
            return None
        reactions.clear_issue(self._hass, self._entry, reactions.NO_PUBLIC_ADDRESS)
        return address

    def _known_hook(self) -> str | None:
        """Return the cloud hook that was handed out before."""
        own = webhook.async_generate_path(self._entry.data[CONF_WEBHOOK_ID])
        known = self._ledger.addresses(self._entry.entry_id, _now())
        return next((url for url in known if not url.endswith(own)), None)

    async def async_keep_reply_address(self) -> None:
        """Remember the present address: pushes may come by it from now on."""
        if (address := await self.async_reply_address()) is not None:
            await self._ledger.keep_address(self._entry.entry_id, address, _now())

    def _prepare(self, order: Order) -> tuple[TemplatedSms, ...]:
        """Check an order and cut it into requests, before anything happens."""
        template = order.template
        check(self._entry, template, order.variables)
        if template.channel_number is None and template.signature is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="channel_number_missing",
                translation_placeholders={"template": template.name},
            )
        try:
            return self._client.prepare(
                TemplatedSms(
                    numbers=tuple(target.number for target in order.targets),
                    template_id=template.template_id,
                    variables=order.variables,
                    channel_number=template.channel_number,
                    signature=template.signature,
                )
            )
        except InvalidRequestError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key=f"invalid_{err.field}"
            ) from err

    async def _send_all(
        self,
        requests: Sequence[tuple[TemplatedSms, Order]],
        context: Context | None,
    ) -> list[Sent]:
        """Write all requests down, then send them side by side."""
        address = await self.async_reply_address()
        origin = (
            Origin(context.id, context.user_id, context.parent_id) if context else None
        )
        written = []
        for request, order in requests:
            targets = {target.number: target for target in order.targets}
            wanted = tuple(targets[number] for number in request.numbers)
            new = NewRequest(
                entry_id=self._entry.entry_id,
                # unguessable: whoever knows it could settle a message by a report
                extend=secrets.token_hex(16),
                template_id=request.template_id,
                channel_number=request.channel_number,
                origin=origin,
                messages=tuple(
                    NewMessage(
                        reference=uuid4().hex,
                        number=target.number,
                        recipient_id=target.recipient_id,
                    )
                    for target in wanted
                ),
            )
            written.append((request, new, wanted))
        try:
            await self._ledger.create_all(
                [new for _, new, _ in written], address, _now()
            )
        except LedgerBusyError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="ledger_busy"
            ) from err
        sent = await asyncio.gather(
            *(
                self._send_one(request, new, wanted, address)
                for request, new, wanted in written
            )
        )
        messages = [message for some in sent for message in some]
        self._react(messages)
        return messages

    async def _send_one(
        self,
        request: TemplatedSms,
        new: NewRequest,
        targets: Sequence[Target],
        address: str | None,
    ) -> list[Sent]:
        """Send one request and write down how it ended."""
        results = [_INTERRUPTED] * len(targets)
        async with self._large_slot if len(targets) > _MANY else self._slots:
            if self._is_gone:
                # whoever takes it away wants no more SMS
                results = [_REMOVED] * len(targets)
            elif not await self._ledger.mark_sending(new.extend, _now()):
                results = [_GIVEN_UP] * len(targets)
            else:
                try:
                    results = await self._exchange(request, new.extend, address)
                except BaseException:
                    # cut off, or a fault of ours: it may have left all the same
                    await self._settle(new, results)
                    raise
        settled = await self._settle(new, results)
        final = {message.reference: message for message in settled.current}
        return [
            _sent(target, message.reference, result, final.get(message.reference))
            for target, message, result in zip(
                targets, new.messages, results, strict=True
            )
        ]

    async def _settle(self, new: NewRequest, results: Sequence[Result]) -> Changes:
        """Write down how a request ended."""
        return await self._ledger.settle(
            new.entry_id,
            [
                result.outcome(message.reference)
                for result, message in zip(results, new.messages, strict=True)
            ],
            _now(),
        )

    async def _exchange(
        self, request: TemplatedSms, extend: str, address: str | None
    ) -> list[Result]:
        """Talk to the platform; return what it said of each number, in order."""
        request = replace(request, extend=extend, status_callback=address)
        try:
            response = await self._client.send(request)
        except MsgSmsError as err:
            if isinstance(err, RefusedError):
                self._check_clock(err.server_time)
            return [read_error(err)] * len(request.numbers)
        self._check_clock(response.server_time)
        return read_response(request, response)

    @property
    def _is_gone(self) -> bool:
        """Return whether the application was removed or disabled."""
        entry = self._hass.config_entries.async_get_entry(self._entry.entry_id)
        return entry is None or entry.disabled_by is not None

    @callback
    def _check_clock(self, server_time: datetime | None) -> None:
        """Compare the clocks, while there is anybody to tell."""
        if not self._is_gone:
            reactions.check_clock(self._hass, self._entry, server_time)

    @callback
    def _react(self, sent: Sequence[Sent]) -> None:
        """Do what the answers to a call ask for, besides telling the caller."""
        if self._is_gone:
            # nobody could mend anything of an application that went meanwhile
            return
        if any(message.state in _TAKEN for message in sent):
            reactions.all_is_well(self._hass, self._entry)
        for code in {message.code for message in sent if message.code}:
            reactions.react(self._hass, self._entry, code)

    @callback
    def _tell(self, shown: Shown) -> None:
        """Pass a change on to the entities; react to what a report says of it."""
        message = shown.subject
        if (
            isinstance(message, Message)
            and message.state is State.FAILED
            # what is said of others' messages may be invented
            and message.request_id is not None
            and (code := explain(message.state, message.code)) is not None
        ):
            reactions.react(self._hass, self._entry, code)
        for listener in list(self._listeners):
            listener(shown)


def _sent(
    target: Target, reference: str, result: Result, settled: Message | None
) -> Sent:
    """Join what the answer said with what the ledger knows, and reports before it."""
    # the ledger knows nothing if the application was removed while it was sending
    known = settled or result
    return Sent(
        target=target,
        reference=reference,
        state=known.state,
        code=explain(known.state, known.code),
        message_id=known.message_id,
        parts=known.parts,
    )


def _now() -> float:
    """Return the time as the ledger writes it."""
    return dt_util.utcnow().timestamp()
