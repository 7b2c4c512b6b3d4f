"""The steps in which a template is described, of whichever flow asks for it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigSubentry
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from ..const import CONF_TEXT, CONF_VARIABLES, Kind
from ..markup import quote
from ..templates.template import from_data
from ..templates.text import count_variables
from ..templates.variables import Variable
from .forms import FormError, show_form
from .sample_form import (
    CHANGE,
    CONF_NEXT,
    async_describe_sample,
    async_no_text,
    async_samples,
    read_samples,
    samples_schema,
)
from .template_form import NamedTemplate, read_template
from .variables_form import async_variables_form, first_variables


class TemplateSteps[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](FlowHandler[ContextT, ResultT, HandlerT]):
    """Ask for a template, its variables and whether its SMS looks right.

    The flow's own first step asks for the template.
    """

    ends_with_template: bool
    known_variables: Sequence[Variable] | None = None

    _typed: Mapping[str, Any] | None = None
    _template: NamedTemplate
    _samples: dict[str, str]

    @abstractmethod
    def template_kind(self) -> Kind:
        """Return the kind of the application."""

    @abstractmethod
    def price_per_part(self) -> float | None:
        """Return what a part costs, None if that is not known."""

    @abstractmethod
    async def async_change_template(self) -> ResultT:
        """Show the flow's first step again, as it was filled in."""

    @abstractmethod
    async def async_finish_template(self, template: NamedTemplate) -> ResultT:
        """Go on with a template that is described completely."""

    async def async_ask_template(
        self,
        step_id: str,
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        suggested: Mapping[str, Any],
        others: Mapping[str, ConfigSubentry],
    ) -> ResultT:
        """Ask for all of a template but its variables, then go on to these."""
        error = None
        if user_input is not None:
            self._typed = user_input
            try:
                self._template = read_template(user_input, others)
            except FormError as err:
                error = err
            else:
                return await self._async_ask_variables()
        typed = suggested if self._typed is None else self._typed
        return show_form(self, step_id, schema, typed, error, last_step=False)

    async def async_step_variables(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask for the variables; those of the text are there already."""
        kind, text = self.template_kind(), self._text()
        form = await async_variables_form(self.hass, kind, text)
        error = None
        if user_input is not None:
            try:
                variables = form.read(self.hass, user_input)
            except FormError as err:
                error = err
            else:
                return await self._async_take_variables(variables)
        else:
            user_input = form.typed(first_variables(text, kind, self.known_variables))
        return show_form(
            self,
            "variables",
            form.schema(),
            user_input,
            error,
            last_step=self.ends_with_template and not text,
            text=quote(text) if text else await async_no_text(self.hass),
        )

    async def async_step_preview(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Show the SMS that samples make; with other samples, show it again."""
        name, data = self._template
        template = from_data(name, data)
        variables = template.variables or ()
        if user_input is None:
            self._samples = await async_samples(self.hass, variables)
        else:
            typed = read_samples(user_input, variables)
            if user_input[CONF_NEXT] == CHANGE:
                return await self.async_change_template()
            if typed == self._samples:
                return await self.async_finish_template(self._template)
            self._samples = typed
        return show_form(
            self,
            "preview",
            samples_schema(variables),
            self._samples,
            None,
            last_step=self.ends_with_template,
            **await async_describe_sample(
                self.hass,
                self.template_kind(),
                template,
                self._samples,
                self.price_per_part(),
            ),
        )

    async def _async_ask_variables(self) -> ResultT:
        """Ask for the variables, unless the text has none."""
        text = self._text()
        if text and not count_variables(text):
            return await self._async_take_variables(())
        return await self.async_step_variables()

    async def _async_take_variables(self, variables: Sequence[Variable]) -> ResultT:
        """Go on with the variables; without a text there is nothing to look at."""
        self.known_variables = variables
        name, data = self._template
        data = {**data, CONF_VARIABLES: [it.as_data() for it in variables]}
        self._template = name, data
        if CONF_TEXT in data:
            return await self.async_step_preview()
        return await self.async_finish_template(self._template)

    def _text(self) -> str:
        """Return the approved text, empty if it is not known."""
        return str(self._template[1].get(CONF_TEXT, ""))
