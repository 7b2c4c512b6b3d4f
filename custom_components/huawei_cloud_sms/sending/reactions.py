"""What the integration does about the platform's codes, besides telling the caller."""

from collections.abc import Sequence
from datetime import datetime

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..markup import escape
from ..msgsms.codes import Code, Reaction

# The platform refuses a clock that is 15 minutes off: the person is told before.
_CLOCK_BAD = 600
_CLOCK_GOOD = 300

_CONSOLE_ISSUES = {
    Reaction.IP_NOT_ALLOWED: "ip_not_allowed",
    Reaction.ACCOUNT: "account_blocked",
    Reaction.VOLUME_LIMIT: "volume_limit",
}
_CLOCK_ISSUE = "clock_off"
_TEMPLATE_DELETED = "template_deleted"
NO_PUBLIC_ADDRESS = "no_public_address"
NO_PUSHES = "no_pushes"
PUSHES_REFUSED = "pushes_refused"


@callback
def raise_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    key: str,
    translation_key: str | None = None,
    *,
    fixable: bool = False,
    **placeholders: str,
) -> None:
    """Raise a repair issue of an application; its text may depend on the cause.

    One that is `fixable` has a flow, which gets to know the entry.
    """
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, key),
        data={"entry_id": entry.entry_id} if fixable else None,
        is_fixable=fixable,
        severity=ir.IssueSeverity.ERROR,
        translation_key=translation_key or key,
        translation_placeholders={"application": entry.title, **placeholders},
    )


@callback
def clear_issue(hass: HomeAssistant, entry: ConfigEntry, key: str) -> None:
    """Take back a repair issue of an application."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, key))


@callback
def clear_all_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back what was raised for an application that is removed or disabled."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.endswith(_issue_id(entry, "")):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def react(hass: HomeAssistant, entry: ConfigEntry, code: Code) -> None:
    """Do what a code of an answer asks for."""
    language = hass.config.language
    match code.reaction:
        case Reaction.REAUTHENTICATE:
            entry.async_start_reauth(hass)
        case Reaction.CLOCK:
            raise_issue(hass, entry, _CLOCK_ISSUE)
        case reaction if reaction in _CONSOLE_ISSUES:
            raise_issue(
                hass,
                entry,
                _CONSOLE_ISSUES[reaction],
                code=code.code,
                meaning=code.meaning(language),
                remedy=code.remedy(language),
            )


@callback
def check_templates(
    hass: HomeAssistant, entry: ConfigEntry, lacking: Sequence[ConfigSubentry]
) -> None:
    """Raise an issue for each recipient whose template was deleted, for no other."""
    keys = {f"{_TEMPLATE_DELETED}_{it.subentry_id}": it.title for it in lacking}
    wanted = {_issue_id(entry, key) for key in keys}
    for domain, issue_id in list(ir.async_get(hass).issues):
        if (
            domain == DOMAIN
            and issue_id.startswith(_TEMPLATE_DELETED)
            and issue_id.endswith(_issue_id(entry, ""))
            and issue_id not in wanted
        ):
            # mended, or the recipient is gone as well
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for key, recipient in keys.items():
        raise_issue(
            hass,
            entry,
            key,
            _TEMPLATE_DELETED,
            # in the title, and in the text, which can have markup
            recipient=recipient,
            shown_recipient=escape(recipient),
        )


@callback
def all_is_well(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back the issues that a message the platform accepted disproves."""
    for key in _CONSOLE_ISSUES.values():
        clear_issue(hass, entry, key)


@callback
def check_clock(
    hass: HomeAssistant, entry: ConfigEntry, server_time: datetime | None
) -> None:
    """Compare our clock with the one in an answer's Date header."""
    if server_time is None:
        return
    if is_clock_off(server_time):
        raise_issue(hass, entry, _CLOCK_ISSUE)
    elif _offset(server_time) < _CLOCK_GOOD:
        clear_issue(hass, entry, _CLOCK_ISSUE)


def is_clock_off(server_time: datetime | None) -> bool:
    """Return whether our clock is so wrong that the platform may refuse it."""
    return server_time is not None and _offset(server_time) > _CLOCK_BAD


def _offset(server_time: datetime) -> float:
    """Return how far our clock is from the one of an answer (seconds)."""
    return abs((server_time - dt_util.utcnow()).total_seconds())


def _issue_id(entry: ConfigEntry, key: str) -> str:
    """Return the id of an application's issue."""
    return f"{key}_{entry.entry_id}"
