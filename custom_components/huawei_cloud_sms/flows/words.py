"""Our texts in Home Assistant's language, where the front end translates none."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN


async def async_words(hass: HomeAssistant, category: str) -> dict[str, str]:
    """Return the texts of a category, by their paths within it."""
    texts = await async_get_translations(hass, hass.config.language, category, {DOMAIN})
    prefix = f"component.{DOMAIN}.{category}."
    return {key.removeprefix(prefix): text for key, text in texts.items()}
