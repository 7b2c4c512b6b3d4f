"""Repeated pushes, and what is remembered of them."""

from datetime import datetime, timedelta

import pytest

from custom_components.huawei_cloud_sms.msgsms import push_signature
from custom_components.huawei_cloud_sms.msgsms.errors import (
    PushRejectedError,
    PushRejection,
)
from custom_components.huawei_cloud_sms.msgsms.push_signature import PushVerifier

from .test_push_signature import (
    ADDRESS,
    BODY,
    HEADERS,
    KEY,
    NOW,
    SIGNATURE,
    authorization,
    sign,
)


def test_replay() -> None:
    """A push counts once, however its signature is written."""
    verifier = PushVerifier([KEY])
    assert verifier.verify(HEADERS, BODY, [ADDRESS], now=NOW) == SIGNATURE
    for value in (authorization(), authorization(signature=SIGNATURE.upper())):
        for minutes in (-15, 0, 15):
            with pytest.raises(PushRejectedError) as raised:
                verifier.verify(
                    {**HEADERS, "Authorization": value},
                    BODY,
                    [ADDRESS],
                    now=NOW + timedelta(minutes=minutes),
                )
            assert raised.value.reason is PushRejection.REPLAY


def test_forget() -> None:
    """A push that could not be stored may come again, once."""
    verifier = PushVerifier([KEY])
    for _ in range(2):
        signature = verifier.verify(HEADERS, BODY, [ADDRESS], now=NOW)
        verifier.forget(signature)
    verifier.forget("never seen")
    verifier.verify(HEADERS, BODY, [ADDRESS], now=NOW)
    with pytest.raises(PushRejectedError):
        verifier.verify(HEADERS, BODY, [ADDRESS], now=NOW)


def at(moment: datetime, body: bytes = BODY) -> dict[str, str]:
    """Return the headers of a push that was signed at some time."""
    return sign(ADDRESS, body, X_Sdk_Date=moment.strftime("%Y%m%dT%H%M%SZ"))


def test_signatures_are_remembered_until_their_date_is_out() -> None:
    """What came from a clock that is ahead is remembered for longer."""
    verifier = PushVerifier([KEY])
    ahead, behind = at(NOW + timedelta(minutes=14)), at(NOW - timedelta(minutes=14))
    for headers in (ahead, behind):
        verifier.verify(headers, BODY, [ADDRESS], now=NOW)
    later = NOW + timedelta(minutes=28)
    verifier.verify(at(later), BODY, [ADDRESS], now=later)
    with pytest.raises(PushRejectedError) as raised:
        verifier.verify(ahead, BODY, [ADDRESS], now=later)
    assert raised.value.reason is PushRejection.REPLAY
    with pytest.raises(PushRejectedError) as raised:
        verifier.verify(behind, BODY, [ADDRESS], now=later)
    assert raised.value.reason is PushRejection.DATE


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only authentic pushes are remembered, and of many the youngest."""
    monkeypatch.setattr(push_signature, "_MAX_REMEMBERED", 3)
    verifier = PushVerifier([KEY])
    pushes = [at(NOW + timedelta(seconds=second)) for second in range(5)]
    verifier.verify(pushes[0], BODY, [ADDRESS], now=NOW)
    for second in range(100):
        with pytest.raises(PushRejectedError):
            verifier.verify(
                at(NOW + timedelta(seconds=second)), b"forged", [ADDRESS], now=NOW
            )
    # None of the forged ones pushed out the one that was remembered.
    with pytest.raises(PushRejectedError):
        verifier.verify(pushes[0], BODY, [ADDRESS], now=NOW)
    for headers in pushes[1:]:
        verifier.verify(headers, BODY, [ADDRESS], now=NOW)
    for headers in pushes[2:]:
        with pytest.raises(PushRejectedError) as raised:
            verifier.verify(headers, BODY, [ADDRESS], now=NOW)
        assert raised.value.reason is PushRejection.REPLAY
    verifier.verify(pushes[0], BODY, [ADDRESS], now=NOW)
