"""Signatures against the worked examples and against Huawei's own signer."""

from datetime import UTC, datetime
import json
from urllib.parse import parse_qsl

from hypothesis import given, strategies as st
import pytest

from custom_components.huawei_cloud_sms.msgsms.checks import check_templated
from custom_components.huawei_cloud_sms.msgsms.models import TemplatedSms
from custom_components.huawei_cloud_sms.msgsms.signing import (
    canonical_request,
    hash_payload,
    sdk_headers,
    sign,
    wsse_headers,
)
from custom_components.huawei_cloud_sms.msgsms.wire import form_body

from .conftest import KEY, SECRET
from .oracle import signature_of, signed

DATE = "20241101T020304Z"
NOW = datetime(2024, 11, 1, 2, 3, 4, tzinfo=UTC)
HOST = "smsapi.cn-north-4.myhuaweicloud.com:443"
FORM = "application/x-www-form-urlencoded"
FORM_BODY = (
    b"from=8824110605123&to=%2B8613700000001%2C%2B8613700000002"
    b"&templateId=1d18a7f4e1b84f6c8fc1546b48b3baea"
    b"&templateParas=%5B%223%22%2C%22%E4%BA%BA%E6%B0%91%E5%85%AC%E5%9B%AD"
    b"%20%E6%AD%A3%E9%97%A8%22%5D"
    b"&statusCallback=https%3A%2F%2Fsms.example.org%2Fhw%2Freport&extend=order-7"
)
JSON_BODY = (
    '{"from":"8824110605123","statusCallback":"https://sms.example.org/hw/report",'
    '"smsContent":[{"to":["+8613700000001"],'
    '"templateId":"1d18a7f4e1b84f6c8fc1546b48b3baea",'
    '"templateParas":["3","人民公园 正门"]},{"to":["+8613700000002"],'
    '"templateId":"8ff55eac1d0b478ab3c06c3c6a492300","templateParas":["369751"],'
    '"signature":"华为云短信测试"}],"extend":"order-7"}'
).encode()
V1_URI = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs"
V6_URI = "/v2/0123456789abcdef0123456789abcdef/msgsms/templates"

# Method, path, query, signed headers, payload hash, secret; then both hashes.
VECTORS = {
    "V1": (
        "GET",
        V1_URI,
        [("limit", "2"), ("marker", "13551d6b-755d-4757-b956-536f674975c0")],
        {
            "content-type": "application/json",
            "host": "service.region.example.com",
            "x-sdk-date": "20191115T033655Z",
        },
        hash_payload(b""),
        "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
        "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
        "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
    ),
    "V2": (
        "POST",
        "/sms/batchSendSms/v1",
        [],
        {"content-type": FORM, "host": HOST, "x-sdk-date": DATE},
        hash_payload(FORM_BODY),
        SECRET,
        "0646da6d5ea3fce2e6ffe2ceb84a06271f89de4b4e0f0eb8aa30201871f151d0",
        "ac994b33f044f81880fe6912255de3a9b3dc4693bb3019f3878ecbb46774db33",
    ),
    "V3": (
        "POST",
        "/sms/batchSendSms/v1",
        [],
        {
            "content-type": FORM,
            "host": HOST,
            "x-sdk-content-sha256": "UNSIGNED-PAYLOAD",
            "x-sdk-date": DATE,
        },
        "UNSIGNED-PAYLOAD",
        SECRET,
        "e20445e57659f9c7d114596f03ebff49d87c1b96a90c33b8eaa5ca4e3a2a8813",
        "a38b59ede604fe4ed287f167f5e24637e718f471bef320fea1829019ae71dbf0",
    ),
    "V4": (
        "POST",
        "/sms/batchSendDiffSms/v1",
        [],
        {"content-type": "application/json", "host": HOST, "x-sdk-date": DATE},
        "2803b7ad992f241562a53d678cffef15c6b1d61fe7588e58b5d7d2818ce66202",
        SECRET,
        "0d2cb07930c51d7835edeba323bb90801f8a0b86c3dcfefebd09aed91d48e427",
        "1dd43deae1e9b4427306f8cf4307722e4753e14723bf00b8c9ba084d63357ae6",
    ),
    "V5": (
        "POST",
        "/sms/batchSendSms/v1",
        [],
        {"host": HOST.removesuffix(":443"), "x-sdk-date": DATE},
        hash_payload(FORM_BODY.replace(b"%20", b"+")),
        SECRET,
        "0b8cc3c076b22fba529968fc65ed5ca4c3628f4a9511fc27a4080fe2bfd00b3e",
        "a60cbdf858aa8687ed22af937a6aaf06b163c6556026c49136bd627c6891b50c",
    ),
    "V6": (
        "GET",
        V6_URI,
        [("limit", "10"), ("app_name", "测试 app"), ("offset", "0")],
        {
            "content-type": "application/json",
            "host": "msgsms.cn-north-4.myhuaweicloud.com",
            "x-sdk-date": DATE,
        },
        hash_payload(b""),
        "ExampleIamSk",
        "a8c185c92bdc705f053e1a6f80e6c156f9a90752cae8c4b79cd48d5f91437fc1",
        "824c3b42a42688d0cceef22490a7a59ef318e167861ffb9f5af4de8dc4c74dfd",
    ),
    "V7": (
        "POST",
        "/hw/report",
        [],
        {
            "connection": "close",
            "content-length": "173",
            "content-type": FORM,
            "host": "sms.example.org",
            "x-sdk-date": DATE,
        },
        "cf5dd0f2c2439c9f8edcec68c8360716b8f45bff03cbe3b484173d58c36224c6",
        "push-sk-1",
        "91a1d84a5b046ddcfb309a6167b7e7af91e83a8c188ecc23fdeeffb13d4ff13d",
        "8d49ce349a38b0262c30a7a7f46e6052507d17dab031ed35809415e2a6b1f2d6",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_worked_example(name: str) -> None:
    """Each worked example gives its two hashes."""
    method, path, query, headers, payload, secret, hashed, signature = VECTORS[name]
    canonical = canonical_request(
        method, path, query, headers, sorted(headers), payload
    )
    assert hash_payload(canonical.encode()) == hashed
    assert sign(secret, headers["x-sdk-date"], canonical) == signature


def test_payloads_of_the_worked_examples() -> None:
    """The bodies are the documented ones, byte for byte."""
    assert len(FORM_BODY) == 269
    assert hash_payload(FORM_BODY).startswith("d1b1b781")
    assert len(JSON_BODY) == 366
    assert hash_payload(JSON_BODY) == VECTORS["V4"][4]


def test_headers_of_a_send() -> None:
    """The headers are those of the documented request."""
    assert sdk_headers(
        KEY,
        SECRET,
        "/sms/batchSendSms/v1",
        {"Host": HOST, "Content-Type": FORM},
        FORM_BODY,
        NOW,
    ) == {
        "X-Sdk-Date": DATE,
        "Authorization": f"SDK-HMAC-SHA256 Access={KEY}, "
        "SignedHeaders=content-type;host;x-sdk-date, Signature="
        "ac994b33f044f81880fe6912255de3a9b3dc4693bb3019f3878ecbb46774db33",
    }


def test_wsse() -> None:
    """The worked example of X-WSSE, digest in its hex form."""
    assert wsse_headers(KEY, SECRET, "0a1b2c3d4e5f", NOW) == {
        "Authorization": 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"',
        "X-WSSE": f'UsernameToken Username="{KEY}",PasswordDigest="MWY4YjNkN2Y0ZDNmOTZm'
        "MmM3MGVhMmYyMWVlNDU3ZGVkODU2NzI2ZGE5NmY5NjMxMWJiODYyNDllMjY3YmY5Mg=="
        '",Nonce="0a1b2c3d4e5f",Created="2024-11-01T02:03:04Z"',
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
hosts = st.from_regex(r"[a-z0-9.\-]{1,20}(:[0-9]{1,5})?", fullmatch=True)
bodies = st.binary(max_size=300)
encoded = st.sampled_from(["%E4%B8%AD", "a%20b", "%2F", "%7e", "%25", "%2541"])
segments = st.lists(st.text("aZ09-_.~ %+&=/é中", max_size=6) | encoded, max_size=4)
blanks = st.sampled_from(["", " ", "  ", "\t"])
padded = st.tuples(blanks, printable, blanks).map("".join)
header_names = st.from_regex(r"[A-Za-z0-9-]{1,10}", fullmatch=True)


@given(
    path=segments,
    headers=st.dictionaries(header_names, padded, max_size=4),
    host=hosts,
    body=bodies,
    key=st.from_regex(r"[A-Za-z0-9]{1,30}", fullmatch=True),
    secret=secrets,
    now=st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1)),
)
def test_sends_are_signed_as_huawei_signs_them(
    path: list[str],
    headers: dict[str, str],
    host: str,
    body: bytes,
    key: str,
    secret: str,
    now: datetime,
) -> None:
    """The signer agrees with Huawei's own, whatever is signed."""
    by_name = {name.lower(): value for name, value in headers.items()}
    by_name |= {"Content-Type": "application/json"}
    for special in ("content-type", "host", "x-sdk-date", "x-sdk-content-sha256"):
        by_name.pop(special, None)
    ours = sdk_headers(
        key, secret, "/" + "/".join(path), {**by_name, "Host": host}, body, now
    )
    theirs = signed(
        "POST",
        "/" + "/".join(path),
        [],
        {**by_name, "Host": host, "X-Sdk-Date": ours["X-Sdk-Date"]},
        body,
        key,
        secret,
    )
    assert ours["Authorization"] == theirs["Authorization"]


@given(
    method=st.sampled_from(["get", "POST", "Put", "DELETE"]),
    path=segments,
    query=st.lists(st.tuples(texts, texts), max_size=6),
    host=hosts,
    body=bodies,
    secret=secrets,
    unsigned=st.booleans(),
)
def test_any_request_is_signed_as_huawei_signs_it(
    method: str,
    path: list[str],
    query: list[tuple[str, str]],
    host: str,
    body: bytes,
    secret: str,
    unsigned: bool,
) -> None:
    """Methods, queries and bodies that are left out give Huawei's signatures."""
    headers = {"Host": host, "X-Sdk-Date": DATE, "Content-Type": FORM}
    uri = "/" + "/".join(path)
    theirs = signed(
        method, uri, query, headers, body, "k", secret, hash_forms=not unsigned
    )
    values = {
        name.lower(): value for name, value in theirs.items() if name != "Authorization"
    }
    assert ("x-sdk-content-sha256" in values) is unsigned
    # Huawei's signer hashes an empty body even then.
    payload = "UNSIGNED-PAYLOAD" if unsigned and body else hash_payload(body)
    canonical = canonical_request(method, uri, query, values, sorted(values), payload)
    assert sign(secret, DATE, canonical) == signature_of(theirs["Authorization"])


@given(
    variables=st.lists(texts.filter(bool), max_size=20),
    extend=texts.filter(lambda text: bool(text) and not {"{", "}"} & {*text}),
    signature=texts,
    host=hosts,
    secret=secrets,
)
def test_any_parameters_are_written_and_signed_right(
    variables: list[str], extend: str, signature: str, host: str, secret: str
) -> None:
    """A form says what was to be said, and Huawei's signer agrees on it."""
    number = "+8613700000001"
    sms = TemplatedSms(
        numbers=(number,),
        template_id="1",
        variables=tuple(variables),
        extend=extend,
        signature=signature,
    )
    check_templated(sms)
    body = form_body(sms)
    fields = dict(parse_qsl(body.decode("ascii"), strict_parsing=True))
    assert json.loads(fields.pop("templateParas", "[]")) == variables
    assert fields.pop("signature", "") == signature
    assert fields == {"to": number, "templateId": "1", "extend": extend}
    path = "/sms/batchSendSms/v1"
    covered = {"Host": host, "Content-Type": FORM}
    ours = sdk_headers("k", secret, path, covered, body, NOW)
    theirs = signed(
        "POST", path, [], {**covered, "X-Sdk-Date": DATE}, body, "k", secret
    )
    assert ours["Authorization"] == theirs["Authorization"]
