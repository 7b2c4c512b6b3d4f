"""Ten thousand small changes to pushes that Huawei's signer signed: none passes.

Half of them are of pushes whose body is hashed, half of pushes whose body is not covered.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
import string

from custom_components.huawei_cloud_sms.msgsms.errors import PushRejectedError
from custom_components.huawei_cloud_sms.msgsms.push_signature import PushKey

from .test_push_signature import FORM, OTHER_KEY, sign, verify

SEED = 20241101
PUSHES = 200
CHANGES_TO_EACH = 50
LETTERS = string.ascii_letters + string.digits
VISIBLE = [chr(code) for code in range(33, 127)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push, where it went to and the key it is verified with."""

    address: str
    body: bytes
    headers: dict[str, str]
    key: PushKey

    def passes(self) -> bool:
        """Tell whether it counts as the platform's own."""
        try:
            verify(self.headers, self.body, [self.address], keys=[OTHER_KEY, self.key])
        except PushRejectedError:
            return False
        return True


def text(random: Random, least: int, most: int, alphabet: str = LETTERS) -> str:
    """Return some text."""
    return "".join(random.choices(alphabet, k=random.randint(least, most)))


def make(random: Random, *, hash_forms: bool) -> Push:
    """Return a push, signed by Huawei's signer."""
    key = PushKey(text(random, 1, 30), text(random, 1, 40))
    address = f"https://{text(random, 1, 20, string.ascii_lowercase)}.example.org"
    address += f"/{text(random, 1, 20)}/{text(random, 1, 60)}"
    body = random.randbytes(random.randint(1, 400))
    headers = sign(
        address,
        body,
        key=key,
        hash_forms=hash_forms,
        Content_Type=random.choice([FORM, f"{FORM}; charset=UTF-8"]),
        X_Other=text(random, 1, 30),
    )
    return Push(address=address, body=body, headers=headers, key=key)


def change_text(random: Random, value: str, fold: Callable[[str], str] = str) -> str:
    """Return text with one character replaced by one that is not the same, folded."""
    at = random.randrange(len(value))
    others = [one for one in VISIBLE if fold(one) != fold(value[at])]
    return f"{value[:at]}{random.choice(others)}{value[at + 1 :]}"


def change_byte(random: Random, push: Push) -> Push:
    """Change one byte of the body, take one away or put one in."""
    at = random.randrange(len(push.body))
    new = bytes([push.body[at] ^ random.randint(1, 255)])
    more = random.randbytes(1)
    body = random.choice(
        [
            push.body[:at] + new + push.body[at + 1 :],
            push.body[:at] + push.body[at + 1 :],
            push.body[:at] + more + push.body[at:],
        ]
    )
    return replace(push, body=body)


def change_header(random: Random, push: Push) -> Push:
    """Change a signed header, or leave it out.

    Host is taken from the address, Content-Length from the body, and Connection is
    tried: what the request says of these does not matter.
    """
    name = random.choice(["Content-Type", "X-Other", "Authorization"])
    headers = dict(push.headers)
    if random.random() < 0.1:
        del headers[name]
    else:
        # there signatures and names of headers may have any case
        fold = str.lower if name == "Authorization" else str
        headers[name] = change_text(random, headers[name], fold)
    return replace(push, headers=headers)


def change_date(random: Random, push: Push) -> Push:
    """Change a digit of minutes or seconds; most are within the window still."""
    date = push.headers["X-Sdk-Date"]
    at = random.choice([11, 12, 13, 14])
    digit = random.choice([one for one in string.digits if one != date[at]])
    changed = f"{date[:at]}{digit}{date[at + 1 :]}"
    return replace(push, headers={**push.headers, "X-Sdk-Date": changed})


def change_key(random: Random, push: Push) -> Push:
    """Change the push AK or its SK."""
    access_key, secret_key = push.key.access_key, push.key.secret_key
    if random.random() < 0.5:
        return replace(push, key=PushKey(change_text(random, access_key), secret_key))
    return replace(push, key=PushKey(access_key, change_text(random, secret_key)))


def change_address(random: Random, push: Push) -> Push:
    """Change a letter of the path."""
    start = push.address.index("/", len("https://")) + 1
    at = random.choice(
        [at for at in range(start, len(push.address)) if push.address[at] != "/"]
    )
    letter = random.choice([one for one in LETTERS if one != push.address[at]])
    address = f"{push.address[:at]}{letter}{push.address[at + 1 :]}"
    return replace(push, address=address)


type Change = Callable[[Random, Push], Push]
CHANGES: list[Change] = [
    change_byte,
    change_header,
    change_date,
    change_key,
    change_address,
]


def test_no_change_passes() -> None:
    """Each push passes as it is; after any one change it does not."""
    random = Random(SEED)
    tried: Counter[str] = Counter()
    passed: list[tuple[str, Push]] = []
    for number in range(PUSHES):
        hash_forms = number % 2 == 0
        push = make(random, hash_forms=hash_forms)
        assert push.passes()
        # Where the platform signs that the body is not covered, a changed one does pass.
        changes = CHANGES if hash_forms else CHANGES[1:]
        for _ in range(CHANGES_TO_EACH):
            change = random.choice(changes)
            changed = change(random, push)
            assert changed != push
            tried[change.__name__] += 1
            if changed.passes():
                passed.append((change.__name__, changed))
    assert passed == []
    assert tried.total() == 10_000
    assert len(tried) == len(CHANGES)
    assert min(tried.values()) > 800
