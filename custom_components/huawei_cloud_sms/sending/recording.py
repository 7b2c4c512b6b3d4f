"""What the ledger is told of requests before they are sent."""

from itertools import islice
import secrets
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context

from ..const import CONF_KEEP_TEXTS
from ..ledger.models import Letter, LetterText, NewMessage, NewRequest, NewText, Origin
from .exchange import WrittenRequest
from .guard import hash_text
from .orders import Terms
from .preparing import PreparedRequest


def as_new(
    entry: ConfigEntry, request: PreparedRequest, context: Context | None
) -> NewRequest:
    """Return a request as the ledger takes it."""
    origin = Origin(context.id, context.user_id, context.parent_id) if context else None
    keeps_texts = entry.options.get(CONF_KEEP_TEXTS, True)
    return NewRequest(
        entry_id=entry.entry_id,
        # unguessable: whoever knows it could settle a message by a report
        extend=secrets.token_hex(16),
        template_type=request.template_type,
        channel_number=request.sms.channel_number,
        origin=origin,
        texts=tuple(
            NewText(
                template_id=content.template_id,
                text_hash=hash_text(entry, content),
                planned_parts=text.parts,
                text_known=text.plan.text is not None,
                text=text.plan.text if keeps_texts else None,
                messages=tuple(
                    NewMessage(
                        reference=uuid4().hex,
                        number=target.number,
                        recipient_id=target.recipient_id,
                    )
                    for target in text.targets
                ),
            )
            for content, text in zip(request.sms.contents, request.texts, strict=True)
        ),
    )


def as_written(request: PreparedRequest, new: NewRequest) -> WrittenRequest:
    """Return a request under the names by which the ledger knows it."""
    return WrittenRequest(
        sms=request.sms,
        extend=new.extend,
        template_type=request.template_type,
        references=tuple(message.reference for message in new.messages),
        targets=tuple(target for text in request.texts for target in text.targets),
        plans=tuple(text.plan for text in request.texts for _ in text.targets),
    )


def as_letter(request: WrittenRequest, terms: Terms, now: float) -> Letter | None:
    """Return what the outbox needs of a request, if that may wait."""
    if terms.expires_after is None:
        return None
    references = iter(request.references)
    return Letter(
        texts=tuple(
            LetterText(
                references=tuple(islice(references, len(content.numbers))),
                template_id=content.template_id,
                variables=content.variables,
                signature=content.signature,
            )
            for content in request.sms.contents
        ),
        expires_at=now + terms.expires_after,
    )
