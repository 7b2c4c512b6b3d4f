"""Messages that the platform accepted, and what it pushes about them."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import (
    NewMessage,
    NewRequest,
    NewText,
    Origin,
    Outcome,
    State,
)
from custom_components.huawei_cloud_sms.msgsms.push_signature import PushKey
from custom_components.huawei_cloud_sms.msgsms.signing import sdk_headers
from scripts.processes import LOOPBACK

# Applications, whose entries and webhooks have the same ids
PLAIN = "01plain"
SIGNED = "01signed"

PUSH_KEY = PushKey("ExamplePushKey0001", "ExamplePushSecret0001")
CHANNEL = "8824110600001"
NUMBERS = [f"+86137{number:08}" for number in range(500)]

# One push in so many is a reply.
_REPLY_EVERY = 10


async def fill(ledger: Ledger, entry_id: str, count: int) -> None:
    """Write down so many messages that the platform accepted, and nobody is told."""
    now = datetime.now(UTC).timestamp()
    await ledger.go_live(entry_id, lambda _: None, now)
    for start in range(0, count, len(NUMBERS)):
        numbers = range(start, min(start + len(NUMBERS), count))
        extend = f"{entry_id}{start}"
        request = NewRequest(
            entry_id=entry_id,
            extend=extend,
            channel_number=CHANNEL,
            origin=Origin(f"01CONTEXT{start:017}", None, None),
            texts=(
                NewText(
                    template_id="1d18a7f4e1b84f6c8fc1546b48b3baea",
                    messages=tuple(
                        NewMessage(
                            reference=f"{entry_id}{number}",
                            number=NUMBERS[number - start],
                            recipient_id=None,
                        )
                        for number in numbers
                    ),
                ),
            ),
        )
        outcomes = [
            Outcome(
                reference=f"{entry_id}{number}",
                state=State.ACCEPTED,
                message_id=message_id(entry_id, number),
                parts=1,
            )
            for number in numbers
        ]
        await ledger.create_all([request], None, now)
        await ledger.mark_sending(extend, now)
        await ledger.settle(entry_id, outcomes, now)
    await ledger.retire(entry_id)


def message_id(entry_id: str, number: int) -> str:
    """Return the platform's id of a message."""
    return f"3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_{entry_id}{number}"


def push(entry_id: str, number: int) -> bytes:
    """Return the body of a push: of the report about a message, or of a reply."""
    phone = NUMBERS[number % len(NUMBERS)]
    if number % _REPLY_EVERY == 0:
        fields = {
            "from": phone,
            "to": f"{CHANNEL}01",
            "body": "好的，我十分钟后到",
            "smsMsgId": f"9692b5be-c427-4525-8e73-{entry_id}{number}",
            "createTime": "2026-11-01T02:05:00Z",
        }
    else:
        fields = {
            "sequence": "1",
            "total": "1",
            "statusDesc": "用户已成功收到短信",
            "updateTime": "2026-11-01T02:03:05Z",
            "source": "2",
            "smsMsgId": message_id(entry_id, number),
            "status": "DELIVRD",
            "extend": f"{entry_id}{number - number % len(NUMBERS)}",
            "to": phone,
        }
    return urlencode(fields).encode()


def request(port: int, webhook_id: str, body: bytes, *, signed: bool) -> bytes:
    """Return a push as it goes over the wire."""
    path = f"/api/webhook/{webhook_id}"
    headers = {
        "Host": f"{LOOPBACK}:{port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Connection": "keep-alive",
        "Content-Length": str(len(body)),
    }
    if signed:
        headers |= sdk_headers(
            PUSH_KEY.access_key,
            PUSH_KEY.secret_key,
            path,
            headers,
            body,
            datetime.now(UTC),
        )
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
