"""The running application: takes orders, tells listeners, knows its own address."""

import asyncio
from collections.abc import Callable, Sequence

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback

from . import clock
from .account.access import AccountAccess
from .account.approvals import Approvals
from .const import CONF_PRICE_PER_PART, CONF_PUBLIC_ADDRESS
from .explain import explain
from .ledger.ledger import Ledger
from .ledger.models import Message, Shown, State
from .msgsms.client import SmsClient
from .picture import Picture
from .public_address import NoPublicAddressError, async_reply_address, has_reply_address
from .sending import reactions
from .sending.exchange import Exchange, as_sent
from .sending.orders import USUAL_TERMS, Order, Sent, Terms
from .sending.outbox import Outbox
from .sending.preparing import PreparedRequest, draft_order, prepare
from .sending.sender import Sender
from .templates.drafting import Draft

type SmsConfigEntry = ConfigEntry[Application]
type ShownListener = Callable[[Shown], None]


class Application:
    """An application that is set up and running."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        client: SmsClient,
        ledger: Ledger,
        stopping: asyncio.Event,
        account: AccountAccess | None,
    ) -> None:
        """Initialize the application of a config entry.

        `stopping` is set when Home Assistant is about to stop; `account` is None for an
        application whose account is not known.
        """
        self._hass = hass
        self._entry = entry
        self._client = client
        self._ledger = ledger
        exchange = Exchange(hass, entry, client, ledger)
        self._sender = Sender(
            hass, entry, ledger, exchange, self.async_reply_address, stopping
        )
        self._outbox = Outbox(
            hass,
            entry,
            ledger,
            exchange,
            self.async_reply_address,
            self._sender.trying,
        )
        self._sender.on_waiting = self._async_wake_present
        self._outbox.on_left = exchange.on_reached = self._async_wake_present
        self._listeners: list[ShownListener] = []
        self.account = account
        self.approvals: Approvals | None = None
        self.picture = Picture(hass, entry.entry_id, ledger)

    @property
    def has_reply_address(self) -> bool:
        """Return whether a send would hand out an address for reports."""
        return has_reply_address(
            self._hass,
            self._entry.data[CONF_WEBHOOK_ID],
            self._entry.options.get(CONF_PUBLIC_ADDRESS),
        )

    @callback
    def async_listen(self, listener: ShownListener) -> CALLBACK_TYPE:
        """Call a listener for each change that is shown, until it is taken back."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_go_live(self) -> None:
        """Show what happened meanwhile, and from now on what happens."""
        await self._ledger.go_live(self._entry.entry_id, self._tell, clock.now())

    @callback
    def async_start_outbox(self) -> None:
        """Send what waits from now on, until the application is unloaded."""
        self._outbox.async_start()

    @callback
    def async_wake_outbox(self) -> None:
        """Try at once to send what waits."""
        self._outbox.async_wake()

    @callback
    def _async_wake_present(self) -> None:
        """Wake the outbox that runs by now: what a reload does not cut off ends late."""
        present: Application = getattr(self._entry, "runtime_data", self)
        present.async_wake_outbox()

    @callback
    def async_hand_over(self) -> None:
        """Leave what waits to the next run; what is just being sent ends by itself."""
        self._sender.async_hand_over()
        self._outbox.async_stop()

    async def async_retire(self) -> None:
        """Show nothing any more; what happens is kept for the next time."""
        await self._ledger.retire(self._entry.entry_id)

    @property
    def price_per_part(self) -> float | None:
        """Return what a part costs in Home Assistant's currency, None if not told."""
        price: float | None = self._entry.options.get(CONF_PRICE_PER_PART)
        return price

    @callback
    def draft(self, order: Order) -> Draft:
        """Return what an order makes, and which rules that breaks."""
        return draft_order(self._entry, order)

    def prepare(self, orders: Sequence[Order]) -> list[PreparedRequest]:
        """Return the requests that orders make; nothing is done.

        Raises ServiceValidationError if an order breaks a rule.
        """
        return prepare(self._hass, self._entry, self._client, orders)

    async def async_send(
        self,
        orders: Sequence[Order],
        context: Context | None,
        terms: Terms = USUAL_TERMS,
    ) -> list[Sent]:
        """Send and return what became of each message.

        The requests end by themselves even if the caller is cancelled. Raises
        ServiceValidationError before anything has left when a rule is broken, and
        HomeAssistantError when the ledger takes no more.
        """
        return await self.async_send_prepared(self.prepare(orders), context, terms)

    async def async_send_prepared(
        self,
        requests: Sequence[PreparedRequest],
        context: Context | None,
        terms: Terms,
    ) -> list[Sent]:
        """Send and return what became of each message, as `async_send` does."""
        return await self._sender.async_send(requests, terms, context)

    async def async_wait(self, sent: Sequence[Sent], until: float) -> list[Sent]:
        """Return what became of messages when all have ended or the time is up.

        The time is that of the event loop. The wait survives a reload, and its end means
        nothing to the messages.
        """
        known = await self._ledger.wait_final(
            [it.reference for it in sent], until - self._hass.loop.time()
        )
        return [
            as_sent(it.target, it.reference, known[it.reference], it.plan)
            if it.reference in known
            else it
            for it in sent
        ]

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
        known = self._ledger.addresses(self._entry.entry_id, clock.now())
        return next((url for url in known if not url.endswith(own)), None)

    async def async_keep_reply_address(self) -> None:
        """Remember the present address: pushes may come by it from now on."""
        if (address := await self.async_reply_address()) is not None:
            await self._ledger.keep_address(self._entry.entry_id, address, clock.now())

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
