"""The repair of a signature that was approved and waits to be activated."""

import voluptuous as vol

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir

from ..account.access import AccountError, Right
from ..account.approvals import Approvals
from ..application import SmsConfigEntry
from ..const import DOMAIN
from .words import async_words


class ActivationFlow(RepairsFlow):
    """Activates a signature, and looks whether that mended it."""

    def __init__(self, entry_id: str, signature: str) -> None:
        """Initialize the flow for a signature, given by its primary key."""
        self._entry_id = entry_id
        self._signature = signature

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask whether the signature is to be activated, and do it."""
        if (issue := self._issue()) is None:
            # mended while the question stood there
            return self.async_create_entry(data={})
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders=issue.translation_placeholders,
            )
        if (approvals := self._approvals()) is None:
            return self.async_abort(reason="not_loaded")
        return await self._async_activate(approvals)

    async def _async_activate(self, approvals: Approvals) -> RepairsFlowResult:
        """Activate the signature; somebody may have done so in the console."""
        error: AccountError | None = None
        try:
            with approvals.account.calls(Right.WRITE) as client:
                await client.enable_signature(self._signature)
        except AccountError as err:
            error = err
        await approvals.async_refresh()
        if self._issue() is None:
            return self.async_create_entry(data={})
        if error is None:
            return self.async_abort(reason="still_waiting")
        texts = await async_words(self.hass, "exceptions")
        problem = texts[f"{error.key}.message"].format(**error.placeholders)
        return self.async_abort(
            reason="not_activated", description_placeholders={"problem": problem}
        )

    def _approvals(self) -> Approvals | None:
        """Return what looks after the application while it runs with an account."""
        entry: SmsConfigEntry | None = self.hass.config_entries.async_get_entry(
            self._entry_id
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data.approvals

    def _issue(self) -> ir.IssueEntry | None:
        """Return the issue, None once it is mended."""
        return ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
