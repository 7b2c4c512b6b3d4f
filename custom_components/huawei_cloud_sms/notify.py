"""Notify entities: one per recipient."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .application import Application, SmsConfigEntry
from .const import SUBENTRY_RECIPIENT
from .entity import SmsEntity
from .orders import Order, Target
from .recipients import target_of, template_of
from .responses import raise_for_refusals
from .templates import MESSAGE, TITLE, SmsTemplate, fill, names

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


class RecipientNotifyEntity(SmsEntity, NotifyEntity):
    """Sends a recipient's template, filled with a message."""

    _attr_name = None
    _recipient: ConfigSubentry

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
    def target(self) -> Target:
        """Return whom this entity sends to."""
        return target_of(self._recipient)

    @property
    def application(self) -> Application:
        """Return the application that sends."""
        return self._entry.runtime_data

    def template(self) -> SmsTemplate:
        """Return the recipient's template.

        Raises ServiceValidationError when there is none to be used.
        """
        return template_of(self._entry, self._recipient)

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send the recipient's template filled with a message.

        A title is used where the template does. Raises HomeAssistantError when the
        platform does not accept the message.
        """
        template = self.template()
        order = Order(
            targets=(self.target,),
            template=template,
            variables=fill(self.hass, template, {MESSAGE: message, TITLE: title or ""}),
        )
        sent = await self.application.async_send([order], self._context)
        raise_for_refusals(self.hass, sent)

    @callback
    def async_record_sent(self) -> None:
        """Note that a message went out by another action than notify's own."""
        self._async_record_notification()


def _uses_title(
    hass: HomeAssistant, entry: SmsConfigEntry, recipient: ConfigSubentry
) -> bool:
    """Return whether a recipient's template has a place for a title."""
    try:
        return TITLE in names(hass, template_of(entry, recipient))
    except ServiceValidationError:
        # no template can be used at the moment; sending says so
        return False
