"""Event entities: delivery reports and replies."""

from abc import abstractmethod
from datetime import UTC, datetime
from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .application import SmsConfigEntry
from .const import CONF_KIND, CONF_NUMBER, SUBENTRY_RECIPIENT, Kind
from .entity import SmsEntity
from .explain import explain
from .ledger.models import Answer, Message, Shown, State

PARALLEL_UPDATES = 0

_RECEIVED = "received"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of an application and of its recipients."""
    kinds: list[type[_ShownEvent]] = [DeliveryReportEvent]
    if entry.data[CONF_KIND] == Kind.MAINLAND:
        kinds.append(ReplyEvent)
    else:
        _remove_replies(hass, entry)
    async_add_entities([kind(hass, entry, None) for kind in kinds])
    for recipient in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
        async_add_entities(
            [kind(hass, entry, recipient) for kind in kinds],
            config_subentry_id=recipient.subentry_id,
        )


def _remove_replies(hass: HomeAssistant, entry: SmsConfigEntry) -> None:
    """Remove what is left of replies when an application became international."""
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if entity.translation_key == ReplyEvent.key:
            registry.async_remove(entity.entity_id)


class _ShownEvent(SmsEntity, EventEntity):
    """An event entity that shows what the running application tells.

    Those of recipients are disabled at first: an automation on an area or a label
    would run twice, once for the application's entity and once for theirs.
    """

    key: str

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        recipient: ConfigSubentry | None,
    ) -> None:
        """Initialize the entity of an application or of one recipient."""
        super().__init__(hass, entry, recipient, self.key)
        self._attr_entity_registry_enabled_default = recipient is None

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the application."""
        self.async_on_remove(self._entry.runtime_data.async_listen(self._async_show))

    @callback
    @abstractmethod
    def _async_show(self, shown: Shown) -> None:
        """Write an event if what is shown is this entity's."""

    @callback
    def _async_write(
        self, event_type: str, attributes: dict[str, object], context: Context
    ) -> None:
        """Write an event in the context of what caused it."""
        self._trigger_event(event_type, attributes)
        self.async_set_context(context)
        self.async_write_ha_state()


class DeliveryReportEvent(_ShownEvent):
    """Says how a message stands, once per change."""

    key = "delivery_report"
    _unrecorded_attributes = frozenset({"number"})
    _attr_event_types = [
        State.ACCEPTED,
        State.REFUSED,
        State.UNCONFIRMED,
        State.DELIVERED,
        State.FAILED,
        State.NO_REPORT,
        State.EXPIRED_UNSENT,
    ]

    @override
    @callback
    def _async_show(self, shown: Shown) -> None:
        """Write an event if a message of this application or recipient changed."""
        message = shown.subject
        if not isinstance(message, Message):
            return
        recipient = self._entry.subentries.get(message.recipient_id or "")
        if self._recipient is not None and recipient is not self._recipient:
            return
        code = explain(message.state, message.code)
        language = self.hass.config.language
        since = message.sent_at and round(message.changed_at - message.sent_at, 1)
        origin = message.origin
        self._async_write(
            message.state,
            {
                "reference": message.reference,
                "message_id": message.message_id,
                "recipient": recipient.title if recipient else None,
                "number": message.number,
                "parts": message.parts,
                "planned_parts": message.planned_parts,
                "parts_as_planned": message.as_planned,
                "parts_done": message.parts_done,
                "code": message.code,
                "meaning": code.meaning(language) if code else None,
                "remedy": code.remedy(language) if code else None,
                "seconds": since,
                "late": shown.late,
                "recorded": shown.recorded,
            },
            Context(
                id=origin.context_id,
                user_id=origin.user_id,
                parent_id=origin.parent_id,
            )
            if origin
            else Context(),
        )


class ReplyEvent(_ShownEvent):
    """Says what a person replied."""

    key = "reply"
    _unrecorded_attributes = frozenset({"sender", "text"})
    _attr_event_types = [_RECEIVED]

    @override
    @callback
    def _async_show(self, shown: Shown) -> None:
        """Write an event if a reply came to this application or from its recipient."""
        answer = shown.subject
        if not isinstance(answer, Answer):
            return
        recipient = self._sender(answer.sender)
        if self._recipient is not None and recipient is not self._recipient:
            return
        self._async_write(
            _RECEIVED,
            {
                "sender": answer.sender,
                "recipient": recipient.title if recipient else None,
                "text": answer.text,
                "channel_number": answer.channel_number,
                "time": _iso(answer.created_at or answer.received_at),
                "message_id": answer.message_id,
                "reference": answer.reference,
                "late": shown.late,
                "recorded": shown.recorded,
            },
            Context(),
        )

    def _sender(self, number: str) -> ConfigSubentry | None:
        """Return the recipient with a number."""
        for subentry in self._entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
            if subentry.data[CONF_NUMBER] == number:
                return subentry
        return None


def _iso(timestamp: float) -> str:
    """Return a time in the person's time zone."""
    return dt_util.as_local(datetime.fromtimestamp(timestamp, UTC)).isoformat()
