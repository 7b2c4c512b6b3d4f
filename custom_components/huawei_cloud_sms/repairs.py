"""Repairs that a person helps with: take note, or check the way back."""

import voluptuous as vol

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from . import clock
from .account.access import ACCOUNT_ISSUE
from .account.issues import DATA_ENTRY, DATA_SIGNATURE, SIGNATURE_TO_ACTIVATE
from .application import SmsConfigEntry
from .component import DATA_COMPONENT
from .flows.form_repair import FormRepair
from .flows.signature_activation import ActivationFlow
from .pasted_address import PASTED_ADDRESS
from .reachability import Result
from .sending import reactions

# What is mended by reconfiguring, and in which step.
_FORMS = {ACCOUNT_ISSUE: "account", PASTED_ADDRESS: "reply_address"}


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow for an issue."""
    if data is not None and issue_id.startswith(reactions.NO_PUSHES):
        return WayBackFlow(str(data["entry_id"]))
    if data is not None and issue_id.startswith(SIGNATURE_TO_ACTIVATE):
        return ActivationFlow(str(data[DATA_ENTRY]), str(data[DATA_SIGNATURE]))
    for key, step_id in _FORMS.items():
        if data is not None and issue_id.startswith(key):
            return FormRepair(str(data["entry_id"]), step_id)
    # a damaged file was set aside
    return ConfirmRepairFlow()


class WayBackFlow(RepairsFlow):
    """Names the causes for which no push came, and looks for some of them."""

    def __init__(self, entry_id: str) -> None:
        """Initialize the flow of an application."""
        self._entry_id = entry_id
        self._result: Result
        self._refused = 0

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with the causes."""
        return await self.async_step_causes()

    async def async_step_causes(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Name the causes, the likeliest first, and offer the check."""
        if user_input is None:
            return self.async_show_form(step_id="causes", data_schema=vol.Schema({}))
        return await self.async_step_check()

    async def async_step_check(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Check the address; nothing but its result is kept."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="not_loaded")
        address = await entry.runtime_data.async_reply_address()
        door = self.hass.data[DATA_COMPONENT].async_door(entry)
        if address is None or door is None:
            return self.async_abort(reason="no_address")
        self._refused = door.refused
        # 2026.10 shows no progress in a repair: the button waits instead
        self._result = await door.probe.check(self.hass, address)
        return await self._async_show()

    async def _async_show(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what was found and what can be done about it."""
        return self.async_show_menu(
            step_id=self._result.finding,
            menu_options=["check", "finish"],
            description_placeholders={
                "status": str(self._result.status),
                "refused": str(self._refused),
            },
        )

    async_step_reached = _async_show
    async_step_reached_within = _async_show
    async_step_not_resolved = _async_show
    async_step_not_connected = _async_show
    async_step_no_answer = _async_show
    async_step_certificate = _async_show
    async_step_tls_too_new = _async_show
    async_step_tls = _async_show
    async_step_other_answer = _async_show

    async def async_step_finish(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take note; from now on new messages must stay without a push."""
        if self._entry is not None:
            ledger = self.hass.data[DATA_COMPONENT].ledger
            await ledger.pushes.watch_anew(self._entry_id, clock.now())
        return self.async_create_entry(data={})

    @property
    def _entry(self) -> SmsConfigEntry | None:
        """Return the application's entry while it is loaded."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        loaded = entry is not None and entry.state is ConfigEntryState.LOADED
        return entry if loaded else None
