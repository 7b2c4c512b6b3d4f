"""Button entities: one per recipient, which sends a test message."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations

from .application import SmsConfigEntry
from .const import DOMAIN, SUBENTRY_RECIPIENT
from .entity import RecipientEntity
from .templates.filling import MESSAGE, TITLE, missing_names

PARALLEL_UPDATES = 0

# What a test message says, among the texts that belong to no form or entity.
_TEST_TEXTS = {MESSAGE: "test_message", TITLE: "test_title"}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of an application's recipients."""
    for recipient in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
        async_add_entities(
            [TestMessageButton(hass, entry, recipient)],
            config_subentry_id=recipient.subentry_id,
        )


class TestMessageButton(RecipientEntity, ButtonEntity):
    """Sends a recipient's template, filled with a short test text.

    It is disabled at first, and of a category that keeps it out of areas and voice
    assistants: pressing it costs an SMS.
    """

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False

    def __init__(
        self, hass: HomeAssistant, entry: SmsConfigEntry, recipient: ConfigSubentry
    ) -> None:
        """Initialize the button of a recipient."""
        super().__init__(hass, entry, recipient, "test_message")

    @override
    async def async_press(self) -> None:
        """Send the test message.

        Raises ServiceValidationError when the template needs more than a message and a
        title, which nobody can guess, and HomeAssistantError when the platform does not
        accept the message.
        """
        template = self.template()
        values = await self._async_test_values()
        if others := missing_names(self.hass, template, values):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="test_message_names",
                translation_placeholders={
                    "template": template.name,
                    "names": ", ".join(others),
                },
            )
        await self.async_send_filled(template, values)

    async def _async_test_values(self) -> dict[str, str]:
        """Return the test texts in Home Assistant's language."""
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "common", {DOMAIN}
        )
        return {
            name: texts[f"component.{DOMAIN}.common.{key}"]
            for name, key in _TEST_TEXTS.items()
        }
