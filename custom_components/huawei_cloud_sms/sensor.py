"""Sensors: how an application stands, and each recipient's last message."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .account.approvals import Approvals
from .account.states import TEMPLATE_APPROVALS, TemplateStanding
from .application import SmsConfigEntry
from .const import DOMAIN, SUBENTRY_RECIPIENT, SUBENTRY_TEMPLATE
from .entity import SmsEntity
from .ledger.models import State
from .ledger.tally import Latest, Tally

PARALLEL_UPDATES = 0

type _Value = int | str | datetime | None


@dataclass(frozen=True, kw_only=True)
class ApplicationSensorDescription(SensorEntityDescription):
    """Describes a sensor of an application."""

    value: Callable[[Tally], _Value]


@dataclass(frozen=True, kw_only=True)
class RecipientSensorDescription(SensorEntityDescription):
    """Describes a sensor of a recipient."""

    value: Callable[[Latest], _Value]


APPLICATION_SENSORS = (
    ApplicationSensorDescription(
        key="sent",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda tally: tally.sent,
    ),
    ApplicationSensorDescription(
        key="delivered",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda tally: tally.delivered,
    ),
    ApplicationSensorDescription(
        key="failed",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda tally: tally.failed,
    ),
    ApplicationSensorDescription(
        key="waiting",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda tally: tally.waiting,
    ),
    ApplicationSensorDescription(
        key="parts_this_month",
        # with the time of its reset, statistics know a new month from a lower figure
        state_class=SensorStateClass.TOTAL,
        value=lambda tally: tally.parts,
    ),
    ApplicationSensorDescription(
        key="last_push",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda tally: _time(tally.last_push),
    ),
)

RECIPIENT_SENSORS = (
    RecipientSensorDescription(
        key="last_message",
        device_class=SensorDeviceClass.ENUM,
        options=list(State),
        value=lambda latest: latest.state,
    ),
    RecipientSensorDescription(
        key="last_delivery",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda latest: _time(latest.delivered_at),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of an application and of its recipients."""
    async_add_entities(
        ApplicationSensor(hass, entry, description)
        for description in APPLICATION_SENSORS
    )
    for recipient in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
        async_add_entities(
            [
                RecipientSensor(hass, entry, recipient, description)
                for description in RECIPIENT_SENSORS
            ],
            config_subentry_id=recipient.subentry_id,
        )
    approvals = entry.runtime_data.approvals
    for template in entry.get_subentries_of_type(SUBENTRY_TEMPLATE):
        if approvals is None:
            _remove_approval(hass, template)
            continue
        async_add_entities(
            [ApprovalSensor(hass, entry, template, approvals)],
            config_subentry_id=template.subentry_id,
        )


@callback
def _remove_approval(hass: HomeAssistant, template: ConfigSubentry) -> None:
    """Remove the sensor that a template had while there was an account."""
    registry = er.async_get(hass)
    unique_id = _approval_id(template)
    if entity_id := registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id):
        registry.async_remove(entity_id)


def _approval_id(template: ConfigSubentry) -> str:
    """Return the unique id of a template's sensor."""
    return f"{template.subentry_id}_approval"


class _TallySensor(SmsEntity, SensorEntity):
    """A sensor that shows something of the application's picture."""

    _attr_last_reset: datetime | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Show the present picture and follow it."""
        self._read()
        picture = self._entry.runtime_data.picture
        self.async_on_remove(picture.async_listen(self._async_follow))

    @callback
    def _async_follow(self) -> None:
        """Write the state if the picture changed in what is shown here."""
        before = (self._attr_native_value, self._attr_last_reset)
        self._read()
        if (self._attr_native_value, self._attr_last_reset) != before:
            self.async_write_ha_state()

    def _read(self) -> None:
        """Take from the picture what is shown here."""
        picture = self._entry.runtime_data.picture
        self._attr_native_value = self._value(picture.tally)
        if self.state_class is SensorStateClass.TOTAL:
            self._attr_last_reset = picture.month

    @abstractmethod
    def _value(self, tally: Tally | None) -> _Value:
        """Return what is shown."""


class ApplicationSensor(_TallySensor):
    """A sensor of an application."""

    entity_description: ApplicationSensorDescription

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        description: ApplicationSensorDescription,
    ) -> None:
        """Initialize a sensor of an application."""
        super().__init__(hass, entry, None, description.key)
        self.entity_description = description

    @override
    def _value(self, tally: Tally | None) -> _Value:
        """Return what is shown; nothing while the ledger's file cannot be read."""
        return None if tally is None else self.entity_description.value(tally)


class RecipientSensor(_TallySensor):
    """A sensor of a recipient."""

    entity_description: RecipientSensorDescription
    _recipient: ConfigSubentry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        recipient: ConfigSubentry,
        description: RecipientSensorDescription,
    ) -> None:
        """Initialize a sensor of a recipient."""
        super().__init__(hass, entry, recipient, description.key)
        self.entity_description = description

    @override
    def _value(self, tally: Tally | None) -> _Value:
        """Return what is shown; nothing as long as nothing was sent."""
        if tally is None or (id_ := self._recipient.subentry_id) not in tally.latest:
            return None
        return self.entity_description.value(tally.latest[id_])


class ApprovalSensor(CoordinatorEntity[Approvals], SensorEntity):
    """Whether the platform approves of a template.

    An enumeration, for people look here to learn why a template cannot be used.
    """

    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_has_entity_name = True
    _attr_options = list(TEMPLATE_APPROVALS)
    _attr_translation_key = "approval"

    def __init__(
        self,
        hass: HomeAssistant,
        entry: SmsConfigEntry,
        template: ConfigSubentry,
        approvals: Approvals,
    ) -> None:
        """Initialize a sensor on the application's device: templates have none."""
        super().__init__(approvals)
        self._attr_unique_id = _approval_id(template)
        # device information would move the device to the template's subentry
        self.device_entry = dr.async_get(hass).async_get_device_by_identifier(
            (DOMAIN, entry.entry_id), entry.entry_id
        )
        self._attr_translation_placeholders = {"template": template.title}
        self._template_id = template.subentry_id

    @property
    @override
    def available(self) -> bool:
        """Return whether the last look succeeded."""
        return super().available and self._standing is not None

    @property
    @override
    def native_value(self) -> str | None:
        """Return what the platform thinks of the template, None if that is unclear."""
        return None if self._standing is None else self._standing.approval

    @property
    def _standing(self) -> TemplateStanding | None:
        """Return how the template stands; unknown before the first look."""
        standing = self.coordinator.data
        return None if standing is None else standing.templates.get(self._template_id)


def _time(timestamp: float | None) -> datetime | None:
    """Return a time of the ledger."""
    return None if timestamp is None else dt_util.utc_from_timestamp(timestamp)
