"""The repair of what is mended in a form: it opens that form."""

import voluptuous as vol

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


class FormRepair(RepairsFlow):
    """Says what is wrong and opens the form; the issue goes when it is mended."""

    def __init__(self, entry_id: str, step_id: str) -> None:
        """Initialize the flow for a step of reconfiguring an application."""
        self._entry_id = entry_id
        self._step_id = step_id

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with what is wrong."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what is wrong, then go on in the form."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if issue is None:
            # mended while the text stood there
            return self.async_create_entry(data={})
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders=issue.translation_placeholders,
            )
        flows = self.hass.config_entries.flow
        menu = await flows.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": self._entry_id}
        )
        flow_id = menu["flow_id"]
        await flows.async_configure(flow_id, {"next_step_id": self._step_id})
        return self.async_abort(
            reason="form_opened", next_flow=(FlowType.CONFIG_FLOW, flow_id)
        )
