"""The steps in which a template is chosen from those that the account has."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import voluptuous as vol

from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..account.access import AccountError
from ..account.calls import Calls
from ..markup import escape
from ..msgsms.management.models import Signature, Template
from .forms import FormError, read_text, show_form
from .template_offer import Offer, async_load_offer, async_load_variables, fill_in
from .template_steps import TemplateSteps
from .words import async_words

_CONF_PICKED = "picked"
_CONF_SEARCH = "search"
_BY_HAND = "by_hand"

# As many are looked through at a glance; among more one searches.
_SHOWN = 20
_LABEL_LIMIT = 120


class TemplatePicking[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](TemplateSteps[ContextT, ResultT, HandlerT]):
    """Offer what the account has before the form of a template is shown.

    What is chosen there fills in that form.
    """

    _by_hand = False
    _calls: Calls
    _offer: Offer
    _search = ""
    _picked: Template
    _problem: str

    @abstractmethod
    def account_calls(self) -> Calls | None:
        """Return how the account is asked, None if there is none."""

    @abstractmethod
    def app_key(self) -> str:
        """Return the key of the application."""

    @abstractmethod
    async def async_fill_in(self, typed: dict[str, Any]) -> ResultT:
        """Submit the flow's first step, filled in as given."""

    @property
    def picks_template(self) -> bool:
        """Tell whether to look into the account before the form is shown."""
        return not self._by_hand and self._typed is None

    async def async_step_pick_template(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Offer the approved templates of the account, some of them if there are many."""
        if user_input is None:
            return await self._async_offer()
        picked = user_input.get(_CONF_PICKED)
        if picked == _BY_HAND:
            return await self.async_step_template_by_hand()
        if picked is not None:
            return await self._async_pick(picked)
        search = read_text(user_input, _CONF_SEARCH)
        error = None
        if search == self._search:
            error = FormError(_CONF_PICKED, "picked_missing")
        self._search = search
        return await self._async_show_offer(error)

    async def async_step_pick_signature(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask which signature goes with a general template."""
        signatures = self._offer.signatures_for(self._picked)
        if user_input is None:
            options = [
                SelectOptionDict(value=it.id, label=it.signature_name or "–")
                for it in signatures
            ]
            return show_form(
                self,
                "pick_signature",
                vol.Schema({vol.Required(_CONF_PICKED): _one_of(options)}),
                last_step=False,
                template=escape(self._picked.template_name or "–"),
            )
        wanted = user_input[_CONF_PICKED]
        return await self._async_fill_in(
            next(it for it in signatures if it.id == wanted)
        )

    async def async_step_template_by_hand(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Go on to the form of the template, empty."""
        self._by_hand = True
        return await self.async_change_template()

    async def async_step_account_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Say why the account cannot be asked, and how it goes on."""
        return self._show_menu("account_failed", problem=self._problem)

    async def async_step_no_templates(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Say that there is nothing to choose from."""
        return self._show_menu("no_templates")

    async def _async_offer(self) -> ResultT:
        """Ask the account and show what it has."""
        if (calls := self.account_calls()) is None:
            return await self.async_step_template_by_hand()
        self._calls = calls
        try:
            self._offer = await async_load_offer(
                calls, self.app_key(), self.template_kind()
            )
        except AccountError as err:
            return await self._async_tell(err)
        self._search = ""
        if not self._offer.templates:
            return await self.async_step_no_templates()
        return await self._async_show_offer()

    async def _async_show_offer(self, error: FormError | None = None) -> ResultT:
        """Show the first of those that were searched for."""
        found = self._offer.found(self._search)
        options = [
            SelectOptionDict(value=it.id, label=_label(it)) for it in found[:_SHOWN]
        ]
        words = await async_words(self.hass, "common")
        options.append(
            SelectOptionDict(value=_BY_HAND, label=words["template_by_hand"])
        )
        fields: dict[vol.Marker, object] = {}
        if len(self._offer.templates) > _SHOWN:
            fields[vol.Optional(_CONF_SEARCH)] = TextSelector()
            fields[vol.Optional(_CONF_PICKED)] = _one_of(options)
        else:
            fields[vol.Required(_CONF_PICKED)] = _one_of(options)
        return show_form(
            self,
            "pick_template",
            vol.Schema(fields),
            {_CONF_SEARCH: self._search},
            error,
            last_step=False,
            shown=str(min(len(found), _SHOWN)),
            found=str(len(found)),
        )

    async def _async_pick(self, record_id: str) -> ResultT:
        """Take a template; of a general one ask for the signature."""
        self._picked = next(it for it in self._offer.templates if it.id == record_id)
        try:
            self.known_variables = await async_load_variables(
                self._calls, self._picked, self.template_kind()
            )
        except AccountError as err:
            return await self._async_tell(err)
        signatures = self._offer.signatures_for(self._picked)
        if len(signatures) > 1:
            return await self.async_step_pick_signature()
        return await self._async_fill_in(*signatures)

    async def _async_fill_in(self, signature: Signature | None = None) -> ResultT:
        """Fill in the form by what was chosen."""
        return await self.async_fill_in(fill_in(self._offer, self._picked, signature))

    async def _async_tell(self, error: AccountError) -> ResultT:
        """Say in the person's language what an error means."""
        texts = await async_words(self.hass, "exceptions")
        self._problem = texts[f"{error.key}.message"].format(**error.placeholders)
        return await self.async_step_account_failed()

    def _show_menu(self, step_id: str, **placeholders: str) -> ResultT:
        """Offer to ask again, or to describe the template by hand."""
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["pick_template", "template_by_hand"],
            description_placeholders=placeholders,
        )


def _one_of(options: Sequence[SelectOptionDict]) -> SelectSelector:
    """Return the field for a choice."""
    return SelectSelector(
        SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
    )


def _label(template: Template) -> str:
    """Return by what a template is recognized: its name and what it says."""
    text = " ".join((template.template_content or "").split())
    label = f"{template.template_name or template.template_id}: {text}"
    return label if len(label) <= _LABEL_LIMIT else f"{label[:_LABEL_LIMIT]}…"
