"""The platform's way of writing moments: UTC, to the second."""

from datetime import UTC, datetime

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def read_time(text: str, layout: str) -> datetime | None:
    """Read a moment; none if it is not written exactly so."""
    try:
        moment = datetime.strptime(text, layout).replace(tzinfo=UTC)
    except ValueError:
        return None
    # strptime is content with missing zeros.
    return moment if moment.strftime(layout) == text else None


def write_time(moment: datetime) -> str:
    """Write a moment as in responses and reports."""
    return moment.strftime(TIME_FORMAT)
