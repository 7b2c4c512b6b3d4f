"""Sets an application up in Home Assistant through its flows, as a person would."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from .home_assistant_api import Api
from .json_values import UnexpectedAnswerError, at, items, text

_DOMAIN = "huawei_cloud_sms"
_FLOWS = "/api/config/config_entries/flow"
_OPTIONS_FLOWS = "/api/config/config_entries/options/flow"
_SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"
_LOADED_WITHIN = 15.0
_POLL = 0.1


class FlowError(Exception):
    """A flow did not go where it should."""


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient."""

    name: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the forms are filled with."""

    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    endpoint: str
    push_ak: str = field(repr=False)
    push_sk: str = field(repr=False)
    template_id: str
    template_text: str
    longest_value: int
    channel_number: str
    signature: str
    template_name: str = "Home notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application that was set up.

    Attributes:
        reply_address: Where the platform has to push replies.
        reports: The entity with the delivery reports.
        replies: The entity with the replies.
    """

    entry_id: str
    reply_address: str = field(repr=False)
    reports: str
    replies: str


async def add_application(api: Api, settings: Settings, person: Person) -> Application:
    """Go through the flow that adds an application with its first recipient.

    Raises FlowError, naming the step, where it does not go on.
    """
    menu = await api.call("POST", _FLOWS, {"handler": _DOMAIN})
    by_hand = {"next_step_id": "by_hand"}
    step = await api.call("POST", f"{_FLOWS}/{text(menu, 'flow_id')}", by_hand)
    step = await _fill_in(
        api,
        step,
        "by_hand",
        {
            "app_key": settings.app_key,
            "app_secret": settings.app_secret,
            "endpoint": settings.endpoint,
            "kind": "mainland",
            "advanced": {"auth": "ak_sk"},
        },
    )
    step = await _fill_in(
        api,
        step,
        "template",
        {
            "name": settings.template_name,
            "template_id": settings.template_id,
            "template_type": "notification",
            "channel_number": settings.channel_number,
            "signature": settings.signature,
            "text": settings.template_text,
        },
    )
    # the variable of the text is offered, and a notification's text fills it
    variables = _shown(step)
    for variable in items(variables, "variables"):
        if isinstance(variable, dict):
            variable["length"] = settings.longest_value
    step = await _fill_in(api, step, "variables", variables)
    step = await _fill_in(api, step, "preview", _shown(step))
    step = await _fill_in(
        api, step, "recipient", {"name": person.name, "number": person.number}
    )
    address = text(step, "description_placeholders", "address")
    entry = await _fill_in(
        api,
        step,
        "reply_address",
        {"push_ak": settings.push_ak, "push_sk": settings.push_sk},
    )
    entry_id = text(entry, "result", "entry_id")
    entities = await _entities(api, entry_id)
    return Application(
        entry_id=entry_id,
        reply_address=address,
        reports=_entity(entities, "event", f"{entry_id}_delivery_report"),
        replies=_entity(entities, "event", f"{entry_id}_reply"),
    )


async def add_recipient(api: Api, entry_id: str, person: Person) -> str:
    """Add one more recipient to an application and return its notify entity.

    Raises FlowError where the form is refused, TimeoutError where no entity comes.
    """
    step = await api.call("POST", _SUBENTRY_FLOWS, {"handler": [entry_id, "recipient"]})
    await _fill_in(
        api,
        step,
        "user",
        {"name": person.name, "number": person.number},
        flows=_SUBENTRY_FLOWS,
    )
    # the application is loaded anew with its recipients
    async with asyncio.timeout(_LOADED_WITHIN):
        while True:
            with suppress(UnexpectedAnswerError):
                entity_id = await notify_entity(api, entry_id, person)
                if at(await api.state(entity_id), "state") != "unavailable":
                    return entity_id
            await asyncio.sleep(_POLL)


async def allow_parts(api: Api, entry_id: str, parts: int) -> None:
    """Let an application send so many parts an hour, and a day, and reload it.

    Raises FlowError where the form is refused.
    """
    step = await api.call("POST", _OPTIONS_FLOWS, {"handler": entry_id})
    await _fill_in(
        api,
        step,
        "init",
        {
            "default_country": "CN",
            "max_parts_per_hour": parts,
            "max_parts_per_day": parts,
        },
        flows=_OPTIONS_FLOWS,
    )
    await api.call("POST", f"/api/config/config_entries/entry/{entry_id}/reload")


async def notify_entity(api: Api, entry_id: str, person: Person) -> str:
    """Return the notify entity of a recipient."""
    async with api.socket() as socket:
        subentries = await socket.command(
            "config_entries/subentries/list", entry_id=entry_id
        )
    for subentry in items(subentries):
        if at(subentry, "title") == person.name:
            unique_id = f"{text(subentry, 'subentry_id')}_recipient"
            return _entity(await _entities(api, entry_id), "notify", unique_id)
    raise UnexpectedAnswerError("there is no such recipient")


async def _fill_in(
    api: Api,
    step: object,
    expected: str,
    fields: Mapping[str, object],
    flows: str = _FLOWS,
) -> object:
    """Fill in the form that is expected and return the next step."""
    if at(step, "type") != "form" or at(step, "step_id") != expected:
        raise FlowError(f"the step {expected} does not come, but {_outline(step)}")
    answer = await api.call("POST", f"{flows}/{text(step, 'flow_id')}", fields)
    if at(answer, "type") == "form" and at(answer, "errors"):
        raise FlowError(f"the step {expected} has errors: {at(answer, 'errors')}")
    return answer


def _shown(step: object) -> dict[str, object]:
    """Return what a form holds before anything is typed."""
    return {
        text(field, "name"): at(field, "description", "suggested_value")
        for field in items(step, "data_schema")
        if isinstance(field, Mapping) and "description" in field
    }


def _outline(step: object) -> str:
    """Name a step by its type and id, or the reason of its end."""
    names = ("type", "step_id", "reason")
    if not isinstance(step, Mapping):
        return "nothing"
    return " ".join(str(step[name]) for name in names if name in step)


async def _entities(api: Api, entry_id: str) -> list[object]:
    """Return the registered entities of an application."""
    async with api.socket() as socket:
        entities = await socket.command("config/entity_registry/list")
    return [
        entity
        for entity in items(entities)
        if at(entity, "config_entry_id") == entry_id
    ]


def _entity(entities: list[object], domain: str, unique_id: str) -> str:
    """Return the entity with a unique id."""
    for entity in entities:
        entity_id = text(entity, "entity_id")
        if entity_id.startswith(f"{domain}.") and at(entity, "unique_id") == unique_id:
            return entity_id
    raise UnexpectedAnswerError(f"there is no {domain} entity for it")
