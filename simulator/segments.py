"""Into how many parts a message is cut."""

from .config import Kind

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")


def _parts(length: int, single: int, each: int) -> int:
    """Return one up to the single limit, else enough parts of the smaller size."""
    return 1 if length <= single else -(-length // each)


def count_parts(text: str, kind: Kind, *, gsm_extension_length: int = 2) -> int:
    """Return the number of parts of a whole text, its signature included."""
    gsm = _GSM_BASIC | _GSM_EXTENSION
    if kind is Kind.INTERNATIONAL and gsm.issuperset(text):
        length = sum(
            gsm_extension_length if character in _GSM_EXTENSION else 1
            for character in text
        )
        return _parts(length, 160, 153)
    return _parts(len(text.encode("utf-16-le")) // 2, 70, 67)
