"""Reads the messages of a batch: all are checked before the first one leaves."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError

from ..application import SmsConfigEntry
from ..const import DOMAIN
from ..notify import RecipientNotifyEntity, recipient_entities
from ..permissions import async_check_control, async_check_recipients
from ..recipients import async_targets, check_count
from ..sending.orders import Order
from ..templates.problems import error_text
from ..templates.template import default_template
from .fields import text
from .orders import ATTR_NUMBERS, TEMPLATE_FIELDS, Wish

ATTR_MESSAGES = "messages"
ATTR_NUMBER = "number"
ATTR_RECIPIENT = "recipient"

# So many messages a call may have; each of them may go to several numbers.
_MOST = 1_000

# More than so many different faults make an error unreadable.
_NAMED = 20

_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_NUMBER): object,
        vol.Optional(ATTR_NUMBERS): object,
        vol.Optional(ATTR_RECIPIENT): text(ATTR_RECIPIENT),
        **TEMPLATE_FIELDS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMessage[T]:
    """A message of a batch, and what was made of it.

    `recipient` is None where it names numbers.
    """

    recipient: RecipientNotifyEntity | None
    made: T


@dataclass(frozen=True, slots=True)
class _Written:
    """A message as it was written; `named` are all that go by its recipient's name."""

    data: Mapping[str, Any]
    numbers: object | None = field(repr=False)
    named: Sequence[RecipientNotifyEntity]

    @property
    def recipient(self) -> RecipientNotifyEntity | None:
        """Return the recipient that it is for, None if that is not clear."""
        return self.named[0] if len(self.named) == 1 else None


class _Recipients:
    """The recipients of an application."""

    def __init__(self, hass: HomeAssistant, entry: SmsConfigEntry) -> None:
        """Look them up."""
        self._by_id = {
            entity_id: entity
            for entity_id, entity in recipient_entities(hass).items()
            if entity.entry is entry
        }
        self._by_name: dict[str, list[RecipientNotifyEntity]] = {}
        for entity in self._by_id.values():
            name = entity.recipient_name.casefold()
            self._by_name.setdefault(name, []).append(entity)

    def find(self, name: str) -> Sequence[RecipientNotifyEntity]:
        """Return those that go by a name, or the one with an entity id."""
        if (entity := self._by_id.get(name)) is not None:
            return [entity]
        return self._by_name.get(name.strip().casefold(), [])

    def error(self, written: _Written) -> ServiceValidationError:
        """Return what is wrong with the recipient that a message names."""
        name = written.data[ATTR_RECIPIENT]
        if written.named:
            return ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="recipient_ambiguous",
                translation_placeholders={
                    "recipient": name,
                    "entities": ", ".join(entity.entity_id for entity in written.named),
                },
            )
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="recipient_unknown",
            translation_placeholders={
                "recipient": name,
                "names": ", ".join(
                    entity.recipient_name for entity in self._by_id.values()
                ),
            },
        )


class _Faults:
    """Collects what is wrong with messages, by their positions from 1."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with no fault."""
        self._hass = hass
        self._found: dict[str, list[int]] = {}
        self._count = 0

    @contextmanager
    def at(self, position: int) -> Iterator[None]:
        """Keep the fault of a message."""
        try:
            yield
        except ServiceValidationError as err:
            self._found.setdefault(error_text(self._hass, err), []).append(position)
            self._count += 1

    def check(self, count: int) -> None:
        """Raise an error that names all faults, if there are any, of so many messages."""
        if not self._found:
            return
        problems = [
            f"{', '.join(map(str, positions))}: {text}"
            for text, positions in self._found.items()
        ]
        if len(problems) > _NAMED:
            problems[_NAMED:] = ["…"]
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="batch_faults",
            translation_placeholders={
                "bad": str(self._count),
                "all": str(count),
                "problems": " / ".join(problems),
            },
        )


async def async_read_batch[T](
    call: ServiceCall, entry: SmsConfigEntry, make: Callable[[Order], T]
) -> list[BatchMessage[T]]:
    """Return the messages of a call, all checked, with what is made of each order.

    Raises ServiceValidationError that names all faults, those that `make` raises too,
    and Unauthorized or UnknownUser for who may not send one of them.
    """
    hass = call.hass
    items = _listed(call.data[ATTR_MESSAGES])
    recipients = _Recipients(hass, entry)
    faults = _Faults(hass)
    written: dict[int, _Written] = {}
    for position, item in enumerate(items, start=1):
        with faults.at(position):
            written[position] = _read(item, recipients)
    await _async_check_permissions(call, entry, written.values())
    messages = []
    count = 0
    for position, message in written.items():
        with faults.at(position):
            order = await _async_order(hass, entry, message, recipients)
            count += len(order.targets)
            messages.append(BatchMessage(recipient=message.recipient, made=make(order)))
        # nothing of the rest could make up for that
        check_count(count)
        # others have their turn too, however many messages there are
        await asyncio.sleep(0)
    faults.check(len(items))
    return messages


def _listed(value: object) -> Sequence[object]:
    """Return messages as they were written; one alone needs no list."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list | tuple) and 1 <= len(value) <= _MOST:
        return value
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="batch_size",
        translation_placeholders={"limit": str(_MOST)},
    )


def _read(item: object, recipients: _Recipients) -> _Written:
    """Return a message of which the fields are known, and whom it is for.

    Raises ServiceValidationError.
    """
    try:
        data: dict[str, Any] = _SCHEMA(item)
    except vol.Invalid as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="batch_fields"
        ) from err
    whom = {
        field: data[field]
        for field in (ATTR_NUMBER, ATTR_NUMBERS, ATTR_RECIPIENT)
        if data.get(field) is not None
    }
    if len(whom) != 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="batch_whom"
        )
    name = whom.get(ATTR_RECIPIENT)
    numbers = whom.get(ATTR_NUMBER, whom.get(ATTR_NUMBERS))
    return _Written(data, numbers, [] if name is None else recipients.find(name))


async def _async_check_permissions(
    call: ServiceCall, entry: SmsConfigEntry, written: Iterable[_Written]
) -> None:
    """Refuse a user who does not control all whom messages are for.

    For what is no recipient that is the application. Raises Unauthorized or UnknownUser.
    """
    known = {message.recipient for message in written}
    if None in known:
        await async_check_control(call.hass, call.context, entry)
    ids = [entity.entity_id for entity in known if entity is not None]
    await async_check_recipients(call.hass, call.context, ids)


async def _async_order(
    hass: HomeAssistant,
    entry: SmsConfigEntry,
    message: _Written,
    recipients: _Recipients,
) -> Order:
    """Return the order that a message is; raises ServiceValidationError."""
    wish = Wish.of(message.data)
    if message.numbers is not None:
        template = wish.choose(entry, lambda: default_template(entry))
        targets = await async_targets(hass, entry, message.numbers)
        return wish.order(hass, template, targets)
    if (recipient := message.recipient) is None:
        raise recipients.error(message)
    template = wish.choose(entry, recipient.template)
    return wish.order(hass, template, (recipient.target,))
