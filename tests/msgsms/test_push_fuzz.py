"""Whatever is pushed: a push, or the one error."""

from dataclasses import astuple
import json
from urllib.parse import quote, urlencode

from hypothesis import given, strategies as st

from custom_components.huawei_cloud_sms.msgsms.errors import PushFormatError
from custom_components.huawei_cloud_sms.msgsms.push import parse_push

from .test_push import FORM, JSON, REPORT, UPLINK, form, one

anything = st.text(st.characters(), max_size=20)
content_types = st.sampled_from([FORM, JSON, "", "a/b;c=\xff"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | anything
    | st.sampled_from(["\ud800", "\0", "9" * 400, "DELIVRD", "2024-11-01T02:03:05Z"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
names = st.sampled_from([*REPORT, *UPLINK, "statusReportList", "other"])
entries = st.dictionaries(names, values, max_size=12)


def check(body: bytes, content_type: str) -> None:
    """Parse; only the one error may come of it, and only text that can be stored."""
    try:
        push = parse_push(body, content_type)
    except PushFormatError:
        return
    for part in push if isinstance(push, tuple) else (push,):
        for value in astuple(part):
            if isinstance(value, str):
                assert b"\0" not in value.encode()


@given(
    st.binary(max_size=200)
    | st.binary(max_size=80).map(lambda tail: b"status=" + tail),
    content_types | anything,
)
def test_any_bytes(body: bytes, content_type: str) -> None:
    """Any bytes of any type are a push or the one error."""
    check(body, content_type)


@given(entries | st.lists(entries, max_size=3).map(lambda e: {"statusReportList": e}))
def test_any_json(fields: dict[str, object]) -> None:
    """Right names with wrong values are, too."""
    check(json.dumps(fields).encode(), JSON)


@given(
    st.lists(st.tuples(names.map(str.encode), st.binary(max_size=20)), max_size=14),
    st.data(),
)
def test_any_form(pairs: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    """So are forms that are cut, repeated and mixed."""
    whole = form(data.draw(st.sampled_from([REPORT, UPLINK])))
    parts = [*whole.split(b"&"), *(name + b"=" + value for name, value in pairs)]
    body = b"&".join(data.draw(st.permutations(parts)))
    check(body[: data.draw(st.integers(0, len(body)))], FORM)


@given(
    st.fixed_dictionaries(
        {"smsMsgId": st.from_regex(r"[0-9a-z_-]{1,50}", fullmatch=True)}
        | {"status": st.from_regex(r"[A-Z0-9:]{1,12}", fullmatch=True)},
        optional={
            "extend": st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
                min_size=1,
                max_size=128,
            ),
            "to": st.from_regex(r"\+[0-9]{5,20}", fullmatch=True),
        },
    )
)
def test_what_was_written_is_read(fields: dict[str, str]) -> None:
    """Forms and JSON give back what went in."""
    for body, content_type in (
        (urlencode(fields, quote_via=quote).encode(), FORM),
        (urlencode(fields).encode(), FORM),
        (json.dumps(fields).encode(), JSON),
    ):
        report = one(parse_push(body, content_type))
        assert report.message_id == fields["smsMsgId"]
        assert report.status == fields["status"]
        assert report.extend == fields.get("extend")
        assert report.number == fields.get("to")
