"""The text that a phone gets, and how many parts it is likely to be cut into."""

from collections.abc import Sequence
from math import ceil

from .const import Kind
from .template_text import compose
from .templates import SmsTemplate

# Section 8.4 of the platform's reference: up to so many characters a message stays in
# one piece, else this is what each of its parts holds.
_WIDE = (70, 67)
_NARROW = (160, 153)

# The alphabet in which characters are narrow; of the second row each takes two places.
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_EXTENSION = frozenset("\f^{}\\[~]|€")


def text_of(template: SmsTemplate, variables: Sequence[str], kind: Kind) -> str | None:
    """Return the text as it would arrive, None if the template's is not known here."""
    if template.text is None:
        return None
    # abroad there are none, and one that is given has no effect
    signature = template.signature if kind is Kind.MAINLAND else None
    return compose(template.text, variables, signature)


def plan_parts(template: SmsTemplate, variables: Sequence[str], kind: Kind) -> int:
    """Return how many parts a message makes, or at least the variables of it."""
    text = text_of(template, variables, kind)
    return _count_parts("".join(variables) if text is None else text, kind)


def _count_parts(text: str, kind: Kind) -> int:
    """Return how many parts a text makes."""
    narrow = kind is Kind.INTERNATIONAL and set(text) <= _GSM_7 | _GSM_7_EXTENSION
    if narrow:
        length = len(text) + sum(character in _GSM_7_EXTENSION for character in text)
    else:
        # a character outside the basic plane takes two places
        length = len(text.encode("utf-16-le")) // 2
    whole, part = _NARROW if narrow else _WIDE
    return 1 if length <= whole else ceil(length / part)
