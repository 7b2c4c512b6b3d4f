"""What the platform thinks of templates and signatures, in as few words as needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..msgsms.management.models import FlowStatus, Signature, SignatureStatus, Template


class Approval(StrEnum):
    """Whether a template or a signature can be used, or else why not."""

    APPROVED = "approved"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    DEACTIVATED = "deactivated"
    TO_ACTIVATE = "to_activate"
    NOT_FOUND = "not_found"


# What there is no need for where only templates are meant
TEMPLATE_APPROVALS: Final = tuple(
    approval for approval in Approval if approval is not Approval.TO_ACTIVATE
)

_TEMPLATES: Final[Mapping[str | None, Approval]] = {
    FlowStatus.ADOPTED: Approval.APPROVED,
    FlowStatus.PENDING: Approval.IN_REVIEW,
    FlowStatus.REVIEWING: Approval.IN_REVIEW,
    FlowStatus.REJECTED: Approval.REJECTED,
    FlowStatus.DISABLED: Approval.DEACTIVATED,
}

_SIGNATURES: Final[Mapping[str | None, Approval]] = {
    SignatureStatus.PENDING_REVIEW: Approval.IN_REVIEW,
    SignatureStatus.PROCESSING: Approval.IN_REVIEW,
    SignatureStatus.PENDING_QUALIFICATION_REVIEW: Approval.IN_REVIEW,
    SignatureStatus.REAL_NAME_REGISTRATING: Approval.IN_REVIEW,
    SignatureStatus.PASSED_QUALIFICATION_PROCESSING: Approval.IN_REVIEW,
    SignatureStatus.PASSED_REAL_NAME_REGISTRATING: Approval.IN_REVIEW,
    SignatureStatus.REVIEW_PASSED: Approval.APPROVED,
    SignatureStatus.PROCESSING_COMPLETED: Approval.APPROVED,
    SignatureStatus.REVIEW_NOT_PASS: Approval.REJECTED,
    SignatureStatus.PASSED_REAL_NAME_FAILED: Approval.REJECTED,
    SignatureStatus.TO_BE_ACTIVATED: Approval.TO_ACTIVATE,
    SignatureStatus.PENDING_ACTIVATE: Approval.TO_ACTIVATE,
}

# What people write there is short; what a strange answer holds may not be.
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureStanding:
    """How a signature stands.

    `record_id` is its primary key, None if there is no such signature; `approval` is
    None where the platform says what is not known here.
    """

    record_id: str | None = None
    name: str | None = field(default=None, repr=False)
    approval: Approval | None
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStanding:
    """How a template stands, and the signature that its messages bear."""

    approval: Approval | None
    reason: str | None = field(default=None, repr=False)
    signature: SignatureStanding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an application stands, and its templates by their subentries."""

    suspended: bool
    templates: Mapping[str, TemplateStanding]


def template_approval(template: Template) -> Approval | None:
    """Return whether a template is approved, None if that is not clear."""
    return _TEMPLATES.get(template.flow_status)


def signature_approval(signature: Signature) -> Approval | None:
    """Return whether a signature is approved, None if that is not clear."""
    return _SIGNATURES.get(signature.status)


def read_reason(record: Template | Signature) -> str | None:
    """Return what the platform says of its review, in one line and not too long."""
    reason = " ".join((record.review_desc or "").split())
    if len(reason) > _LONGEST_REASON:
        reason = f"{reason[:_LONGEST_REASON]}…"
    return reason or None
