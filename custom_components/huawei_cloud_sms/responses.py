"""What a caller gets to know of the messages it sent."""

from collections.abc import Sequence

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.json import JsonObjectType

from .const import DOMAIN
from .ledger.models import State
from .msgsms.codes import send_code
from .privacy import mask
from .sending.orders import Sent

# More than this many numbers make an error unreadable; the ledger has them all.
_NAMED = 5

_GOOD = frozenset({State.ACCEPTED, State.DELIVERED})

# It is as it should be: it leaves as soon as the platform can be reached, as was asked.
_UNDER_WAY = frozenset({State.QUEUED, State.SENDING})


def is_good(sent: Sent) -> bool:
    """Return whether the platform took a message and nothing speaks against it."""
    return sent.state in _GOOD


def as_response(sent: Sent, language: str) -> JsonObjectType:
    """Return what became of a message as an action's response."""
    return {
        "number": sent.target.number,
        "reference": sent.reference,
        "message_id": sent.message_id,
        "state": sent.state.value,
        "code": sent.code.code if sent.code else None,
        "meaning": sent.code.meaning(language) if sent.code else None,
        "remedy": sent.code.remedy(language) if sent.code else None,
        "text": sent.plan.text,
        "planned_parts": sent.plan.parts,
        "parts": sent.parts,
    }


def raise_for_refusals(hass: HomeAssistant, messages: Sequence[Sent]) -> None:
    """Raise HomeAssistantError if any message was not accepted, after all were tried.

    The error names the numbers, masked, and the reasons.
    """
    bad = [it for it in messages if not (is_good(it) or it.state in _UNDER_WAY)]
    if bad:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_accepted",
            translation_placeholders={
                "bad": str(len(bad)),
                "all": str(len(messages)),
                "details": _details(hass, bad),
            },
        )


def raise_for_undelivered(hass: HomeAssistant, messages: Sequence[Sent]) -> None:
    """Raise HomeAssistantError if any message was not delivered, as for refusals."""
    bad = [sent for sent in messages if sent.state is not State.DELIVERED]
    if bad:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_delivered",
            translation_placeholders={
                "bad": str(len(bad)),
                "all": str(len(messages)),
                "details": _details(hass, bad),
            },
        )


def _details(hass: HomeAssistant, bad: Sequence[Sent]) -> str:
    """Return the numbers of messages, masked, with what is wrong with each."""
    language = hass.config.language
    lines = [f"{mask(sent.target.number)}: {_reason(sent, language)}" for sent in bad]
    if len(lines) > _NAMED:
        lines[_NAMED:] = ["…"]
    return " / ".join(lines)


def _reason(sent: Sent, language: str) -> str:
    """Return why a message is not where it should be, and what to do."""
    code = sent.code or send_code(sent.state)
    return f"{code.meaning(language)} {code.remedy(language)} ({code.code})"
