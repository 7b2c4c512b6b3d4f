"""The address under which the platform reaches this Home Assistant."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from homeassistant.components import webhook
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError


class NoPublicAddressError(Exception):
    """Home Assistant has no address that the platform could reach.

    `passing` is True while only the cloud, which has one, is out of reach.
    """

    def __init__(self, *, passing: bool) -> None:
        """Keep whether the address will come back by itself."""
        super().__init__("No public address")
        self.passing = passing


async def async_reply_address(
    hass: HomeAssistant, webhook_id: str, override: str | None
) -> str:
    """Return the address for status reports and replies.

    The person's own base address comes first, then the cloud hook, then the
    external URL. Raises NoPublicAddressError when there is none of them.
    """
    if override:
        return f"{override.rstrip('/')}{webhook.async_generate_path(webhook_id)}"
    if subscribed := _has_cloud(hass):
        from hass_nabucasa import CloudError  # noqa: PLC0415

        from homeassistant.components import cloud  # noqa: PLC0415

        # the cloud is out of reach, in one of its ways: the external URL may serve
        with suppress(cloud.CloudNotAvailable, CloudError, TimeoutError, ValueError):
            return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
    try:
        return webhook.async_generate_url(hass, webhook_id, allow_internal=False)
    except NoURLAvailableError as err:
        raise NoPublicAddressError(passing=subscribed) from err


@callback
def has_reply_address(
    hass: HomeAssistant, webhook_id: str, override: str | None
) -> bool:
    """Tell whether there is an address to hand out, without asking the cloud for it."""
    if override or _has_cloud(hass):
        return True
    try:
        webhook.async_generate_url(hass, webhook_id, allow_internal=False)
    except NoURLAvailableError:
        return False
    return True


@callback
def is_address_settled(hass: HomeAssistant, override: str | None) -> bool:
    """Tell whether the address is not only a stand-in for that of the cloud.

    At the start the cloud connects after us; until then the external URL serves.
    """
    if override or not _has_cloud(hass):
        return True
    from homeassistant.components import cloud  # noqa: PLC0415

    return cloud.async_is_connected(hass)


def _has_cloud(hass: HomeAssistant) -> bool:
    """Tell whether Home Assistant is signed in to its cloud."""
    if "cloud" not in hass.config.components:
        return False
    # imported only where the cloud runs: it drags in half of the voice stack
    from homeassistant.components import cloud  # noqa: PLC0415

    return cloud.async_active_subscription(hass)


@callback
def async_listen_address_change(
    hass: HomeAssistant, listener: Callable[[], Awaitable[None]]
) -> CALLBACK_TYPE:
    """Call a listener when another address may be the right one, until taken back."""

    async def changed(_what: object) -> None:
        """Tell the listener."""
        await listener()

    removals = [hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, changed)]
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415

        # at the start it connects after us, and has no address until then
        removals.append(cloud.async_listen_connection_change(hass, changed))

    @callback
    def remove() -> None:
        """Take all of it back."""
        for removal in removals:
            removal()

    return remove


async def async_forget_reply_address(hass: HomeAssistant, webhook_id: str) -> None:
    """Delete the cloud hook of an application that is gone, if it had one."""
    if "cloud" not in hass.config.components:
        return
    from hass_nabucasa import CloudError  # noqa: PLC0415

    from homeassistant.components import cloud  # noqa: PLC0415

    # not signed in, or no hook was ever made: nothing is left behind
    with suppress(cloud.CloudNotAvailable, CloudError, TimeoutError, ValueError):
        await cloud.async_delete_cloudhook(hass, webhook_id)
