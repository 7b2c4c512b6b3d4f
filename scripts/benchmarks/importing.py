"""What importing the client costs a fresh process, beside Huawei's SDK.

Time is that of the processor, so that a cold disk does not count. Memory is what the
process has resident more than before.
"""

from pathlib import Path
from statistics import median
import subprocess
import sys

from .table import Row

_GROUP = "import the client"
_PACKAGE = (
    Path(__file__).resolve().parents[2] / "custom_components" / "huawei_cloud_sms"
)
_MOST_MILLISECONDS = 50
_OURS = "import msgsms.client"
_SDK = (
    "import huaweicloudsdksmsapi.v1.smsapi_client;"
    "import huaweicloudsdksmsapi.v1.model.batch_send_sms_request"
)
# Prints milliseconds and MB of the second statement.
_PROGRAM = """
from pathlib import Path
import sys
import time

def resident():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

# The client alone: the packages around it import Home Assistant.
sys.path.append(sys.argv[1])
exec(sys.argv[2])
memory = resident()
started = time.process_time()
exec(sys.argv[3])
print((time.process_time() - started) * 1000, resident() - memory)
"""


def rows(*, quick: bool) -> list[Row]:
    """Return time and memory, each time in a new process, in turn."""
    imports = {"ours": ("", _OURS), "beyond": ("import aiohttp", _OURS)}
    imports["sdk"] = ("", _SDK)
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in imports}
    for _ in range(1 if quick else 9):
        for name, (before, counted) in imports.items():
            costs[name].append(_cost(before, counted))
    time_of, memory_of = (
        {name: median(cost[which] for cost in costs[name]) for name in imports}
        for which in (0, 1)
    )
    found = []
    for what, unit, of in (("CPU time", "ms", time_of), ("memory", "MB", memory_of)):
        beside, sdk = f"Huawei's SDK, {of['sdk']:.0f} {unit}", of["sdk"]
        found.append(
            Row(_GROUP, f"{what}, whole", of["ours"], unit, beside, of["ours"] / sdk)
        )
        goal = f"under {_MOST_MILLISECONDS} ms" if unit == "ms" else ""
        found.append(
            Row(
                _GROUP,
                f"{what}, beyond aiohttp",
                of["beyond"],
                unit,
                beside,
                of["beyond"] / sdk,
                goal,
                of["beyond"] < _MOST_MILLISECONDS if goal else None,
            )
        )
    return found


def _cost(before: str, counted: str) -> tuple[float, float]:
    """Return what a statement costs after another, in milliseconds and MB."""
    run = subprocess.run(
        (sys.executable, "-c", _PROGRAM, _PACKAGE, before, counted),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    milliseconds, megabytes = map(float, run.stdout.split())
    return milliseconds, megabytes
