"""What a message's code says, whichever side it came from."""

from .ledger.models import State
from .msgsms.codes import Code, report_code, send_code

# In these the code is that of a status report, else that of an answer.
_REPORTED = frozenset({State.DELIVERED, State.FAILED})


def explain(state: State, code: str | None) -> Code | None:
    """Return the catalogue's entry for a message's code, if it has one."""
    if code is None:
        return None
    return report_code(code) if state in _REPORTED else send_code(code)
