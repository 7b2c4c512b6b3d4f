"""Limits on how often a number may get a message; mainland only."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from .config import MessageType
from .options import Frequency

_MAX_NUMBERS = 10_000
_DAY = timedelta(hours=24)
_PER_DAY = 50
_PER_MINUTE = {MessageType.VERIFICATION: 2}
_PER_MINUTE_OTHERS = 10
_OLDER_PER_MINUTE = 15
_OLDER_SAME = ((timedelta(seconds=59), 2), (timedelta(minutes=5), 5))

type _Sent = deque[tuple[datetime, MessageType, str]]


class FrequencyLimits:
    """Remembers a day of messages for each number."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self._sent: OrderedDict[str, _Sent] = OrderedDict()

    def allows(
        self,
        number: str,
        message_type: MessageType,
        text: str,
        rule: Frequency,
        now: datetime,
    ) -> bool:
        """Say whether one more message may be sent, and take note of it if so."""
        if rule is Frequency.OFF:
            return True
        sent = self._sent.setdefault(number, deque())
        self._sent.move_to_end(number)
        if len(self._sent) > _MAX_NUMBERS:
            self._sent.popitem(last=False)
        while sent and sent[0][0] <= now - _DAY:
            sent.popleft()
        if rule is Frequency.CURRENT:
            allowed = _current(sent, message_type, now)
        else:
            allowed = _older(sent, text, now)
        if allowed:
            sent.append((now, message_type, text))
        return allowed


def _current(sent: _Sent, message_type: MessageType, now: datetime) -> bool:
    """Apply the limits that hold today, for each type by itself."""
    times = [time for time, kind, _ in sent if kind is message_type]
    limit = _PER_MINUTE.get(message_type, _PER_MINUTE_OTHERS)
    return len(times) < _PER_DAY and _since(times, now - timedelta(minutes=1)) < limit


def _older(sent: _Sent, text: str, now: datetime) -> bool:
    """Apply the limits of the older page."""
    times = [time for time, _, _ in sent]
    same = [time for time, _, other in sent if other == text]
    return (
        len(times) < _PER_DAY
        and _since(times, now - timedelta(minutes=1)) < _OLDER_PER_MINUTE
        and all(_since(same, now - window) < limit for window, limit in _OLDER_SAME)
    )


def _since(times: list[datetime], start: datetime) -> int:
    """Count the moments after a start."""
    return sum(time > start for time in times)
