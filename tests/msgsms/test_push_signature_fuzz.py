"""Signatures of pushes against Huawei's own signer, and against rubbish."""

from hypothesis import example, given, strategies as st

from custom_components.huawei_cloud_sms.msgsms.errors import PushRejection
from custom_components.huawei_cloud_sms.msgsms.push_signature import PushKey

from .oracle import signature_of
from .test_push_signature import (
    ADDRESS,
    HEADERS,
    OTHER_KEY,
    SIGNED_HEADERS,
    authorization,
    rejected,
    sign,
    verify,
)

# Halves of characters too, which headers may bring.
anything = st.text(st.characters(), max_size=70)
hosts = st.from_regex(r"[a-z0-9.-]{1,20}(:[1-9][0-9]{0,3})?", fullmatch=True)
paths = st.from_regex(r"(/[A-Za-z0-9._~%-]{0,8}){1,4}", fullmatch=True)
queries = st.just("") | st.from_regex(
    r"\?[a-z]{1,3}=[A-Za-z0-9%+]{0,5}(&[a-z]{1,3}=[a-z]{0,3})?", fullmatch=True
)
secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(
    st.sampled_from(["http", "https"]),
    hosts,
    paths,
    queries,
    st.binary(min_size=1, max_size=100),
    secrets,
    st.booleans(),
    st.data(),
)
def test_what_huawei_signs_is_verified(
    scheme: str,
    host: str,
    path: str,
    query: str,
    body: bytes,
    secret: str,
    hash_forms: bool,
    data: st.DataObject,
) -> None:
    """Whatever Huawei's signer signs for one of our addresses passes; else nothing."""
    key = PushKey("ak", secret)
    address = f"{scheme}://{host}{path}{query}"
    headers = sign(address, body, key=key, hash_forms=hash_forms)
    signature = verify(headers, body, [ADDRESS, address], keys=[OTHER_KEY, key])
    assert signature == signature_of(headers["Authorization"])

    name = data.draw(st.sampled_from(["secret", "body", "Content-Type", "X-Sdk-Date"]))
    if name == "secret":
        other = PushKey("ak", f"{secret}x")
        assert rejected(headers, body, [address], keys=[other])
    elif name == "body" and hash_forms:
        assert rejected(headers, body + b"x", [address], keys=[key])
    elif name in headers:
        headers[name] = {"X-Sdk-Date": "20241101T020305Z"}.get(name, "a/b")
        assert rejected(headers, body, [address], keys=[key]) is PushRejection.SIGNATURE


@given(
    st.dictionaries(anything, anything, max_size=4),
    anything
    | anything.map(lambda text: f"{authorization()}{text}")
    | anything.map(lambda text: authorization(names=f"{SIGNED_HEADERS};{text}"))
    | anything.map(lambda text: authorization(signature=text)),
    anything | st.just("20241101T020304Z"),
    anything,
)
def test_any_headers_are_rejected(
    headers: dict[str, str], value: str, date: str, content_type: str
) -> None:
    """Any rubbish is rejected with the one error."""
    headers |= {"Authorization": value, "X-Sdk-Date": date}
    headers |= {"Content-Type": content_type}
    assert rejected(headers, b"forged")


@given(anything)
@example("\udcff\ud800")
def test_signed_headers_may_hold_anything(value: str) -> None:
    """A signed header that is no valid text is no trouble."""
    names = f"{SIGNED_HEADERS};x-other"
    headers = {**HEADERS, "Authorization": authorization(names=names), "X-Other": value}
    assert rejected(headers) is PushRejection.SIGNATURE
