"""Messages are found by what is known of them, page by page."""

from typing import Any

import pytest

from custom_components.huawei_cloud_sms.ledger import listing
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.listing import (
    UnknownReferenceError,
    Wanted,
)
from custom_components.huawei_cloud_sms.ledger.models import State

from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    accepted,
    apply_reports,
    begin,
    report,
    request,
)


@pytest.fixture
async def sent(ledger: Ledger) -> None:
    """Send what is looked for, and what must not be found."""
    for place, (name, recipient_id) in enumerate(
        (("a", "mei"), ("b", "wei"), ("c", None), ("d", "mei"))
    ):
        await begin(
            ledger, request(name, recipient_ids=[recipient_id]), now=NOW + place
        )
    await ledger.settle(ENTRY, [accepted("a0", "1"), accepted("b0", "2")], NOW)
    await apply_reports(ledger, ENTRY, [report("1"), report("stranger")], NOW)
    await begin(ledger, request("other", entry_id=OTHER))


async def find(ledger: Ledger, **wanted: Any) -> list[str]:
    """Return the references of what is found."""
    found = await ledger.run(
        lambda db: listing.find(db, ENTRY, Wanted(**{"limit": 10, **wanted}))
    )
    return [message.reference for message in found]


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["d0", "c0", "b0", "a0"]),
        ({"limit": 2}, ["d0", "c0"]),
        ({"before": "c0"}, ["b0", "a0"]),
        ({"before": "a0"}, []),
        ({"reference": "b0"}, ["b0"]),
        ({"reference": "b0", "before": "c0"}, ["b0"]),
        ({"reference": "b0", "before": "b0"}, []),
        ({"reference": "nowhere"}, []),
        ({"reference": "other0"}, []),
        ({"recipients": ["mei"]}, ["d0", "a0"]),
        ({"recipients": ["mei", "wei"]}, ["d0", "b0", "a0"]),
        ({"recipients": []}, []),
        ({"states": [State.DELIVERED, State.ACCEPTED]}, ["b0", "a0"]),
        ({"states": [State.SENDING], "recipients": ["mei"]}, ["d0"]),
        ({"since": NOW + 1}, ["d0", "c0", "b0"]),
        ({"until": NOW + 1}, ["a0"]),
        ({"since": NOW + 1, "until": NOW + 3}, ["c0", "b0"]),
    ],
)
async def test_find(ledger: Ledger, wanted: dict[str, Any], found: list[str]) -> None:
    """All that is asked for applies, the newest comes first."""
    assert await find(ledger, **wanted) == found


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("before", ["nowhere", "other0"])
async def test_unknown_page(ledger: Ledger, before: str) -> None:
    """A page cannot begin where nothing is."""
    with pytest.raises(UnknownReferenceError):
        await find(ledger, before=before)


async def test_the_newest_only_are_looked_at(ledger: Ledger) -> None:
    """A page costs what it holds, not what the ledger holds."""
    await begin(ledger, request("a", [NUMBER] * 2000))
    steps = 0

    def count() -> None:
        """Count steps of the database."""
        nonlocal steps
        steps += 1

    await ledger.run(lambda db: db.set_progress_handler(count, 100))
    assert len(await find(ledger)) == 10
    await ledger.run(lambda db: db.set_progress_handler(None, 0))
    assert steps < 30


async def test_texts_and_plans(ledger: Ledger) -> None:
    """What a message was to be is there where that was known."""
    known = request("a", text="门开着", text_known=True, planned_parts=2)
    secret = request("b", text_known=True, planned_parts=1)
    unknown = request("c", planned_parts=1)
    await begin(ledger, known, secret, unknown)
    outcomes = [
        accepted("a0", "1", 1),
        accepted("b0", "2", 1),
        accepted("c0", "3", 1),
    ]
    await ledger.settle(ENTRY, outcomes, NOW)
    found = await ledger.run(lambda db: listing.find(db, ENTRY, Wanted(limit=10)))
    assert [(it.planned_parts, it.parts, it.as_planned) for it in found] == [
        (None, 1, None),
        (1, 1, True),
        (2, 1, False),
    ]
    texts = await ledger.run(lambda db: listing.texts(db, found))
    assert texts == {"a0": "门开着"}
