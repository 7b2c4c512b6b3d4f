"""Notify entities: one per recipient."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_platforms,
)

from .application import SmsConfigEntry
from .const import DOMAIN, SUBENTRY_RECIPIENT
from .entity import RecipientEntity
from .recipients import template_of
from .templates.filling import MESSAGE, TITLE, names

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the notify entities of an application's recipients."""
    for recipient in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
        async_add_entities(
            [RecipientNotifyEntity(hass, entry, recipient)],
            config_subentry_id=recipient.subentry_id,
        )


class RecipientNotifyEntity(RecipientEntity, NotifyEntity):
    """Sends a recipient's template, filled with a message."""

    _attr_name = None

    def __init__(
        self, hass: HomeAssistant, entry: SmsConfigEntry, recipient: ConfigSubentry
    ) -> None:
        """Initialize the notify entity of a recipient."""
        super().__init__(hass, entry, recipient, "recipient")
        if _uses_title(hass, entry, recipient):
            self._attr_supported_features = NotifyEntityFeature.TITLE

    @property
    def entry(self) -> SmsConfigEntry:
        """Return the entry of the application that sends."""
        return self._entry

    @property
    def recipient_name(self) -> str:
        """Return the recipient's name."""
        return self._recipient.title

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send the recipient's template filled with a message.

        A title is used where the template does. Raises HomeAssistantError when the
        platform does not accept the message.
        """
        values = {MESSAGE: message, TITLE: title or ""}
        await self.async_send_filled(self.template(), values)

    @callback
    def async_record_sent(self, context: Context) -> None:
        """Note that a message went out by another action than notify's own."""
        self.async_set_context(context)
        self._async_record_notification()


@callback
def recipient_entities(hass: HomeAssistant) -> dict[str, RecipientNotifyEntity]:
    """Return the recipients' entities of all applications, by their ids."""
    return {
        entity.entity_id: entity
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if isinstance(entity, RecipientNotifyEntity)
    }


def _uses_title(
    hass: HomeAssistant, entry: SmsConfigEntry, recipient: ConfigSubentry
) -> bool:
    """Return whether a recipient's template has a place for a title."""
    try:
        return TITLE in names(hass, template_of(entry, recipient))
    except ServiceValidationError:
        # no template can be used at the moment; sending says so
        return False
