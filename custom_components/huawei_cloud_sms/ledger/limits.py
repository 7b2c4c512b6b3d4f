"""What may be sent, and how often: looked up where the messages are written down."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
import sqlite3

from .messages import BY_LEAVING, LEAVING
from .models import Excess, NewRequest

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


class TemplateType(StrEnum):
    """What a template was approved for: the limits differ."""

    VERIFICATION = "verification"
    NOTIFICATION = "notification"
    PROMOTION = "promotion"


# What the platform lets one number get, by the template's type (section 8.5).
_PER_MINUTE: dict[str, int] = {TemplateType.VERIFICATION: 2}
_PER_MINUTE_OTHERS = 10
_PER_DAY = 50

# The same text to the same number, whoever sends it: more is a loop.
_SAME_TEXT = 5
_SAME_TEXT_WITHIN = 600

# Promotions may be sent from eight to ten, Beijing time, which knows no summer time.
_BEIJING = 8 * _HOUR
_PROMOTIONS_FROM = 8 * _HOUR
_PROMOTIONS_UNTIL = 22 * _HOUR

# What was refused, or never sent, costs nothing. What waits will leave at any time.
_SENT = (
    "state NOT IN ('queued', 'refused', 'expired_unsent')"
    " AND sent_at BETWEEN :now - :within AND :now + :within"
)
_QUEUED = f"{LEAVING} AND state = 'queued'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an application; those of numbers hold in the mainland only.

    `override` lets a call pass them, but neither a loop nor a promotion at night.
    """

    parts_per_hour: int
    parts_per_day: int
    mainland: bool
    override: bool = False


def find_excess(
    db: sqlite3.Connection, requests: Sequence[NewRequest], limits: Limits, now: float
) -> Excess | None:
    """Return the first limit that the requests of one call would go beyond."""
    entry_id = requests[0].entry_id
    checks = [_loops(db, entry_id, _count_texts(requests), now)]
    if limits.mainland:
        checks.insert(0, _promotions(_count_promotions(requests), now))
    if not limits.override:
        if limits.mainland:
            checks.append(_numbers(db, entry_id, _count_types(requests), now))
        parts = sum(
            text.planned_parts * len(text.messages)
            for request in requests
            for text in request.texts
        )
        checks.append(_parts(db, entry_id, parts, limits, now))
    return next(chain.from_iterable(checks), None)


def is_full(
    db: sqlite3.Connection, entry_id: str, reached: Excess, limits: Limits, now: float
) -> bool:
    """Return whether a limit that was reached still leaves no room for anything."""
    if reached.of is None:
        checks = chain(_promotions(1, now), _parts(db, entry_id, 1, limits, now))
    else:
        one = Counter({reached.of: 1})
        checks = chain(_loops(db, entry_id, one, now), _numbers(db, entry_id, one, now))
    return any(excess.code == reached.code for excess in checks)


def may_promote(now: float) -> bool:
    """Return whether promotions may be sent at a time."""
    return _PROMOTIONS_FROM <= (now + _BEIJING) % _DAY < _PROMOTIONS_UNTIL


def _count_promotions(requests: Sequence[NewRequest]) -> int:
    """Count the messages that promote something."""
    return sum(
        len(request.messages)
        for request in requests
        if request.template_type == TemplateType.PROMOTION
    )


def _count_texts(requests: Sequence[NewRequest]) -> Counter[tuple[str, str]]:
    """Count the messages by their number and text."""
    return Counter(
        (message.number, text.text_hash)
        for request in requests
        for text in request.texts
        for message in text.messages
        if text.text_hash is not None
    )


def _count_types(requests: Sequence[NewRequest]) -> Counter[tuple[str, str]]:
    """Count the messages by their number and the type of their template."""
    return Counter(
        (message.number, request.template_type or TemplateType.NOTIFICATION)
        for request in requests
        for message in request.messages
    )


def _promotions(count: int, now: float) -> Iterator[Excess]:
    """Find promotions outside their hours."""
    if count and not may_promote(now):
        yield Excess(code="limit_promotion_hours", limit=0, count=count)


def _loops(
    db: sqlite3.Connection, entry_id: str, new: Counter[tuple[str, str]], now: float
) -> Iterator[Excess]:
    """Find texts that went to the same number too often."""
    count_others = _Count(db, entry_id, "text_hash", now)
    for of, more in new.items():
        count = more + count_others(*of, _SAME_TEXT_WITHIN)
        if count > _SAME_TEXT:
            yield Excess(code="limit_loop", limit=_SAME_TEXT, count=count, of=of)


def _numbers(
    db: sqlite3.Connection, entry_id: str, new: Counter[tuple[str, str]], now: float
) -> Iterator[Excess]:
    """Find numbers that would get more than the platform lets them."""
    column = f"coalesce(template_type, '{TemplateType.NOTIFICATION}')"
    count_others = _Count(db, entry_id, column, now)
    for of, more in new.items():
        number, kind = of
        for code, within, limit in (
            (
                "limit_number_minute",
                _MINUTE,
                _PER_MINUTE.get(kind, _PER_MINUTE_OTHERS),
            ),
            ("limit_number_day", _DAY, _PER_DAY),
        ):
            count = more + count_others(number, kind, within)
            if count > limit:
                yield Excess(code=code, limit=limit, count=count, of=of)


class _Count:
    """Counts an application's messages by their number and the value of a column."""

    def __init__(
        self, db: sqlite3.Connection, entry_id: str, column: str, now: float
    ) -> None:
        """Look up what will leave, once however many numbers there are."""
        self._db = db
        self._entry_id = entry_id
        self._column = column
        self._now = now
        self._queued: dict[tuple[str, str], int] = {
            (number, value): count
            for number, value, count in db.execute(
                f"SELECT number, {column}, count(*) FROM message {BY_LEAVING}"
                f" WHERE entry_id = ? AND {_QUEUED} GROUP BY 1, 2",
                (entry_id,),
            )
        }

    def __call__(self, number: str, value: str, within: float) -> int:
        """Return how many left to a number within a time, or will leave."""
        (sent,) = self._db.execute(
            "SELECT count(*) FROM message INDEXED BY message_sent_to WHERE"
            " entry_id = :entry_id AND number = :number"
            f" AND {self._column} = :value AND {_SENT}",
            {
                "entry_id": self._entry_id,
                "number": number,
                "value": value,
                "within": within,
                "now": self._now,
            },
        ).fetchone()
        return int(sent) + self._queued.get((number, value), 0)


def _parts(
    db: sqlite3.Connection, entry_id: str, new: int, limits: Limits, now: float
) -> Iterator[Excess]:
    """Find out whether the application would send too many parts."""
    for code, within, limit in (
        ("limit_hour", _HOUR, limits.parts_per_hour),
        ("limit_day", _DAY, limits.parts_per_day),
    ):
        count = new + _count_parts(db, entry_id, within, now)
        if count > limit:
            yield Excess(code=code, limit=limit, count=count)


def _count_parts(
    db: sqlite3.Connection, entry_id: str, within: float, now: float
) -> int:
    """Count the parts of an application that left within a time, or will leave."""
    parts = "coalesce(sum(coalesce(parts, planned_parts)), 0)"
    (count,) = db.execute(
        "SELECT"
        f" (SELECT {parts} FROM message INDEXED BY message_sent"
        f"  WHERE entry_id = :entry_id AND {_SENT})"
        f" + (SELECT {parts} FROM message {BY_LEAVING}"
        f"  WHERE entry_id = :entry_id AND {_QUEUED})",
        {"entry_id": entry_id, "within": within, "now": now},
    ).fetchone()
    return int(count)
