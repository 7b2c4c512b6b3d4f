"""The one way in which a phone number is written where others may read it."""


def mask(number: str) -> str:
    """Return a phone number with all but its last four digits hidden.

    Short numbers are hidden whole: four of six digits would say too much.
    """
    return f"•••{number[-4:]}" if len(number) > 7 else "•••"
