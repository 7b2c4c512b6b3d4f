"""What the entities of more than one platform share."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .application import SmsConfigEntry
from .const import DOMAIN
from .recipients import target_of, template_of
from .responses import raise_for_refusals
from .sending.orders import Order, Target
from .templates.filling import fill
from .templates.template import SmsTemplate

_MANUFACTURER = "Huawei Cloud"


@callback
def async_create_application_device(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Create an application's device, to which those of its recipients link."""
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=_MANUFACTURER,
        model="SMS",
        name=entry.title,
    )


class SmsEntity(Entity):
    """An entity on the device of an application, or of one of its recipients."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        recipient: ConfigSubentry | None,
        key: str,
    ) -> None:
        """Initialize an entity with a key that is its own on the device.

        The id of a recipient's subentry stays when its number changes, and with it
        the entity and its history.
        """
        self._entry = entry
        self._recipient = recipient
        self._attr_translation_key = key
        if recipient is None:
            self._attr_unique_id = f"{entry.entry_id}_{key}"
            self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})
            return
        self._attr_unique_id = f"{recipient.subentry_id}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, recipient.subentry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer=_MANUFACTURER,
            name=recipient.title,
            via_device_id=dr.async_get_device_id_by_identifier(
                hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
            ),
        )


class RecipientEntity(SmsEntity):
    """An entity that sends to a recipient."""

    _recipient: ConfigSubentry

    @property
    def target(self) -> Target:
        """Return whom this entity sends to."""
        return target_of(self._recipient)

    def template(self) -> SmsTemplate:
        """Return the recipient's template.

        Raises ServiceValidationError when there is none to be used.
        """
        return template_of(self._entry, self._recipient)

    async def async_send_filled(
        self, template: SmsTemplate, values: Mapping[str, object]
    ) -> None:
        """Send a template, filled by names, in the context of the call.

        Raises HomeAssistantError when the platform does not accept the message, and
        ServiceValidationError before anything has left when the values do not fit.
        """
        order = Order(
            targets=(self.target,),
            template=template,
            variables=fill(self.hass, template, values),
        )
        sent = await self._entry.runtime_data.async_send([order], self._context)
        raise_for_refusals(self.hass, sent)
