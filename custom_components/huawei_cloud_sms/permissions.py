"""Who may send to any number, and to a recipient."""

from collections.abc import Iterable

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_CONTROL
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er


async def async_check_control(
    hass: HomeAssistant, context: Context, entry: ConfigEntry
) -> None:
    """Refuse a user who does not control the entities of an application's device.

    Automations have no user and pass. Raises Unauthorized or UnknownUser.
    """
    if (user := await _async_user(hass, context)) is None:
        return
    own = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        # those that only show something have nothing to control
        if entity.config_subentry_id is None and entity.domain != SENSOR_DOMAIN
    ]
    if user.is_admin or (
        own
        and all(
            user.permissions.check_entity(entity_id, POLICY_CONTROL)
            for entity_id in own
        )
    ):
        return
    raise Unauthorized(
        context=context,
        permission=POLICY_CONTROL,
        user_id=context.user_id,
        perm_category=CAT_ENTITIES,
    )


async def async_check_recipients(
    hass: HomeAssistant, context: Context, entity_ids: Iterable[str]
) -> None:
    """Refuse a user who does not control the notify entities of some recipients.

    Automations have no user and pass. Raises Unauthorized or UnknownUser.
    """
    if (user := await _async_user(hass, context)) is None:
        return
    for entity_id in entity_ids:
        if not user.permissions.check_entity(entity_id, POLICY_CONTROL):
            raise Unauthorized(
                context=context,
                entity_id=entity_id,
                permission=POLICY_CONTROL,
                user_id=context.user_id,
                perm_category=CAT_ENTITIES,
            )


async def _async_user(hass: HomeAssistant, context: Context) -> User | None:
    """Return who calls an action, None if it is no user; raises UnknownUser."""
    if context.user_id is None:
        return None
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(
            context=context, permission=POLICY_CONTROL, user_id=context.user_id
        )
    return user
