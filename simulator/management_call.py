"""A call of the management API, once it is known to be authentic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .console import Console
from .options import Options
from .records import Json, JsonValue
from .state import State

_TIME = "%Y-%m-%d %H:%M:%S"
_BEIJING = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class ManagementCall:
    """What an operation needs to know; `address` is where the simulator answers."""

    state: State
    record_id: str
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    content_type: str
    address: str

    @property
    def console(self) -> Console:
        """The records."""
        return self.state.console

    @property
    def options(self) -> Options:
        """The switches."""
        return self.state.options

    @property
    def now(self) -> str:
        """The moment as records have it."""
        return (self.state.now() + _BEIJING).strftime(_TIME)


# None is answered by 204.
type Operation = Callable[[ManagementCall], Json | list[JsonValue] | None]
