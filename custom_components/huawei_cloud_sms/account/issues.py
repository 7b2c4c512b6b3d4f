"""Repair issues about what the platform does not approve of, or no more."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..markup import escape
from .states import Approval, SignatureStanding, Standing, TemplateStanding

SIGNATURE_TO_ACTIVATE: Final = "signature_to_activate"

_SUSPENDED = "application_suspended"
_TEMPLATE_ISSUES = {
    Approval.IN_REVIEW: "template_in_review",
    Approval.REJECTED: "template_rejected",
    Approval.DEACTIVATED: "template_deactivated",
    Approval.NOT_FOUND: "template_not_found",
}
_SIGNATURE_ISSUES = {
    Approval.IN_REVIEW: "signature_in_review",
    Approval.REJECTED: "signature_rejected",
    Approval.TO_ACTIVATE: SIGNATURE_TO_ACTIVATE,
    Approval.NOT_FOUND: "signature_not_found",
}
_PREFIXES = tuple(
    f"{key}_"
    for key in (_SUSPENDED, *_TEMPLATE_ISSUES.values(), *_SIGNATURE_ISSUES.values())
)

# What an issue is about; its flow gets to know it.
DATA_ENTRY: Final = "entry_id"
DATA_SIGNATURE: Final = "signature"
_DATA_TEMPLATE: Final = "template"


@dataclass(frozen=True, slots=True)
class _Issue:
    """One thing that is wrong.

    `about` tells it from others with the same text; `template` is the subentry by which
    it was found, `signature` the primary key of a signature. Titles show names as they
    are, the texts below them those whose markup is escaped.
    """

    key: str
    about: str
    placeholders: dict[str, str] = field(repr=False)
    template: str | None = None
    signature: str | None = None


@callback
def update_issues(hass: HomeAssistant, entry: ConfigEntry, standing: Standing) -> None:
    """Raise an issue for each thing that is wrong; take back those that are mended."""
    found: dict[str, _Issue] = {}
    for it in _find(entry, standing):
        found.setdefault(f"{it.key}_{it.about}_{entry.entry_id}", it)
    for issue_id in _raised(hass, entry):
        if issue_id not in found:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, it in found.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data={
                DATA_ENTRY: entry.entry_id,
                DATA_SIGNATURE: it.signature,
                _DATA_TEMPLATE: it.template,
            },
            is_fixable=it.key == SIGNATURE_TO_ACTIVATE,
            severity=ir.IssueSeverity.ERROR,
            translation_key=it.key,
            translation_placeholders={
                "application": entry.title,
                **it.placeholders,
            },
        )


@callback
def forget_issues(
    hass: HomeAssistant, entry: ConfigEntry, *, has_account: bool
) -> None:
    """Take back what was raised for templates that are gone; without account, all."""
    for issue_id, template in _raised(hass, entry).items():
        if not has_account or (template and template not in entry.subentries):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


def _raised(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the ids of our issues about an application, and the templates' ids."""
    return {
        issue_id: str((issue.data or {}).get(_DATA_TEMPLATE) or "")
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
        and issue_id.startswith(_PREFIXES)
        and issue_id.endswith(f"_{entry.entry_id}")
    }


def _find(entry: ConfigEntry, standing: Standing) -> Iterator[_Issue]:
    """Return all that is wrong."""
    if standing.suspended:
        yield _Issue(_SUSPENDED, "", {})
    # one may have been deleted while the platform was asked
    present = [it for it in standing.templates if it in entry.subentries]
    for subentry_id in present:
        template = standing.templates[subentry_id]
        title = entry.subentries[subentry_id].title
        named = {"template": title, "shown_template": escape(title)}
        if template.approval in _TEMPLATE_ISSUES:
            yield _Issue(
                _TEMPLATE_ISSUES[template.approval],
                subentry_id,
                {**named, "reason": _reason(template)},
                subentry_id,
            )
        signature = template.signature
        if signature is not None and signature.approval in _SIGNATURE_ISSUES:
            name = signature.name or "–"
            yield _Issue(
                _SIGNATURE_ISSUES[signature.approval],
                # one issue for all templates whose messages bear it
                signature.record_id or subentry_id,
                {
                    **named,
                    "signature": name,
                    "shown_signature": escape(name),
                    "reason": _reason(signature),
                },
                subentry_id,
                signature.record_id,
            )


def _reason(standing: TemplateStanding | SignatureStanding) -> str:
    """Return the platform's reason, with nothing in it taken for markup."""
    return escape(standing.reason or "") or "–"
