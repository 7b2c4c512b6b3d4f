"""The Huawei Cloud SMS integration."""

from homeassistant.const import CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from . import clock
from .account.access import AccountError
from .account.approvals import async_start_approvals
from .actions.legacy_notify import async_setup_legacy_notify
from .application import Application, SmsConfigEntry
from .component import DATA_COMPONENT, Component, ledger_path
from .const import (
    CONF_APP_KEY,
    CONF_APP_SECRET,
    CONF_AUTH,
    CONF_ENDPOINT,
    CONF_REPLACED_ADDRESS,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .entity import async_create_application_device
from .ledger.ledger import Ledger
from .markup import code
from .migration import async_migrate
from .msgsms.client import SmsClient
from .msgsms.models import Authentication, Credentials
from .pasted_address import PastedAddressWatch
from .public_address import async_forget_reply_address, async_listen_address_change
from .recipients import has_template
from .sending import reactions
from .services import async_setup_services
from .uplink import NOT_GIVEN_BACK, Uplink, async_leave, settings_of
from .way_back import WayBackWatch

PLATFORMS: list[Platform] = [
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
]

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Open the ledger and the doors, register the actions.

    The doors open here and not with their entry, so that no push is lost while an
    entry reloads.
    """
    component = hass.data[DATA_COMPONENT] = Component(hass)
    await component.async_start()
    for entry in hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    ):
        component.async_open_door(entry)
    async_setup_services(hass)
    async_setup_legacy_notify(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: SmsConfigEntry) -> bool:
    """Bring an application of an earlier version up to date."""
    async_migrate(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: SmsConfigEntry) -> bool:
    """Set up an application; this never talks to the platform."""
    settings = _settings(entry)

    async def updated(_hass: HomeAssistant, _entry: SmsConfigEntry) -> None:
        """Reload for other settings, not for what was only written down."""
        if _settings(entry) != settings:
            hass.config_entries.async_schedule_reload(entry.entry_id)

    # first of all: a change meanwhile counts as well. Flows must use the helpers that
    # do not reload, as this listener does it
    entry.async_on_unload(entry.add_update_listener(updated))
    component = hass.data[DATA_COMPONENT]
    component.async_open_door(entry)
    # also after a change of the options, and when a recipient was deleted
    await component.async_keep(entry)
    client = SmsClient(
        component.session,
        entry.data[CONF_ENDPOINT],
        Credentials(
            entry.data[CONF_APP_KEY],
            entry.data[CONF_APP_SECRET],
            Authentication(entry.data[CONF_AUTH]),
        ),
    )
    application = entry.runtime_data = Application(
        hass,
        entry,
        client,
        component.ledger,
        component.stopping,
        component.async_account(entry),
    )
    entry.async_on_unload(application.async_hand_over)
    async_create_application_device(hass, entry)
    reactions.check_templates(
        hass,
        entry,
        [
            recipient
            for recipient in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
            if not has_template(entry, recipient)
        ],
    )
    await application.async_keep_reply_address()
    entry.async_on_unload(
        async_listen_address_change(hass, application.async_keep_reply_address)
    )
    entry.async_on_unload(application.picture.async_stop)
    await application.picture.async_start()
    entry.async_on_unload(
        await WayBackWatch(hass, entry, component.ledger).async_start()
    )
    entry.async_on_unload(await PastedAddressWatch(hass, entry).async_start())
    application.approvals = async_start_approvals(hass, entry, application.account)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(Uplink(hass, entry).async_start())

    async def go_live(_hass: HomeAssistant) -> None:
        """Show events only once automations can act on them."""
        await application.async_go_live()
        application.async_start_outbox()

    entry.async_on_unload(async_at_started(hass, go_live))
    # Home Assistant 2026.10 insists on a bool
    return True


def _settings(entry: SmsConfigEntry) -> tuple[object, ...]:
    """Return all that an application is set up with."""
    # Home Assistant changes a subentry where it is
    subentries = [subentry.as_dict() for subentry in entry.subentries.values()]
    return entry.title, settings_of(entry.data), dict(entry.options), subentries


async def async_unload_entry(hass: HomeAssistant, entry: SmsConfigEntry) -> bool:
    """Unload an application; its door stays open."""
    await entry.runtime_data.async_retire()
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        await entry.runtime_data.async_go_live()
        return False
    return True


async def async_remove_entry(hass: HomeAssistant, entry: SmsConfigEntry) -> None:
    """Remove what an application leaves behind: addresses, records, issues."""
    component = hass.data.get(DATA_COMPONENT)
    given_back = True
    try:
        await async_leave(hass, entry)
    except AccountError:
        given_back = False
    if component is not None:
        component.async_close_door(entry)
        component.async_forget_account(entry)
        await component.ledger.forget(entry.entry_id)
    else:
        # it was disabled since the start, and so were all others
        ledger = Ledger(ledger_path(hass))
        await ledger.open(clock.now())
        await ledger.forget(entry.entry_id)
        await ledger.close()
    reactions.clear_all_issues(hass, entry)
    if not given_back:
        reactions.raise_issue(
            hass,
            entry,
            NOT_GIVEN_BACK,
            address=code(entry.data.get(CONF_REPLACED_ADDRESS) or "–"),
        )
    await async_forget_reply_address(hass, entry.data[CONF_WEBHOOK_ID])
