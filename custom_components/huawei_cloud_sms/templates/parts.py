"""How many parts a text is likely to be cut into, each of which is billed."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from ..const import Kind

# Enough for the smallest price that is written down anywhere.
_DECIMALS = 6

# The alphabet in which characters are narrow; of the second row each takes two places.
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_EXTENSION = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    """How a text travels."""

    GSM_7 = "gsm7"
    UCS_2 = "ucs2"


# Section 8.4 of the platform's reference: up to so many characters a message stays in
# one piece, else this is what each of its parts holds.
_SIZES = {Encoding.UCS_2: (70, 67), Encoding.GSM_7: (160, 153)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a text is likely to be billed as.

    `characters` is as they are counted for that: some of them count twice.
    """

    characters: int
    encoding: Encoding
    parts: int

    def cost(self, price: float, count: int = 1) -> float:
        """Return what some messages cost; rounded, as binary fractions are not exact."""
        return round(self.parts * price * count, _DECIMALS)


def estimate(text: str, kind: Kind) -> Estimate:
    """Return what a whole text, its signature included, is likely to be billed as."""
    if kind is Kind.INTERNATIONAL and set(text) <= _GSM_7 | _GSM_7_EXTENSION:
        encoding = Encoding.GSM_7
        length = len(text) + sum(character in _GSM_7_EXTENSION for character in text)
    else:
        encoding = Encoding.UCS_2
        # a character outside the basic plane takes two places
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    whole, part = _SIZES[encoding]
    parts = 1 if length <= whole else ceil(length / part)
    return Estimate(characters=length, encoding=encoding, parts=parts)
