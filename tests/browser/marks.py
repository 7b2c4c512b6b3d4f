"""What holds for every test in the browser."""

import pytest

MARKS = [
    # the browser and the pages live in one loop
    pytest.mark.asyncio(loop_scope="session"),
    # one worker starts what they need, and only once
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]
