"""The tokens of IAM."""

from collections import OrderedDict
from datetime import datetime
import secrets

_MAX_TOKENS = 1000


class Tokens:
    """The tokens that were handed out, and until when they are good."""

    def __init__(self) -> None:
        """Start with none."""
        self._ends: OrderedDict[str, datetime] = OrderedDict()
        self.count = 0

    def issue(self, length: int, end: datetime) -> str:
        """Return a new token of a length."""
        token = ("MII" + secrets.token_urlsafe(length))[:length]
        self._ends[token] = end
        self.count += 1
        if len(self._ends) > _MAX_TOKENS:
            self._ends.popitem(last=False)
        return token

    def knows(self, token: str, now: datetime) -> bool:
        """Say whether a token is good."""
        end = self._ends.get(token)
        return end is not None and now < end

    def revoke(self) -> None:
        """Make an end of all tokens, as a new password does."""
        self._ends.clear()
