"""Huawei's own signer and client, as judges of the simulator."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
import json
from types import SimpleNamespace
from typing import override
from urllib.parse import parse_qsl, urlsplit

from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdksmsapi.v1.smsapi_client import SMSApiClient
from huaweicloudsdksmsapi.v1.smsapi_credentials import SMSApiCredentials


class _HashingSigner(Signer):
    """Huawei's signer, made to hash forms too."""

    @classmethod
    @override
    def _process_content_header(cls, request: SdkRequest) -> None:
        """Add no X-Sdk-Content-Sha256."""


def signed_headers(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    key: str,
    secret: str,
    hashed: bool = True,
    method: str = "POST",
) -> dict[str, str]:
    """Return the headers, the host's and those of Huawei's signer."""
    parts = urlsplit(url)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    request = SdkRequest(
        method=method,
        schema=parts.scheme,
        host=parts.netloc,
        resource_path=parts.path,
        uri=parts.path,
        query_params=parse_qsl(parts.query, keep_blank_values=True),
        header_params={"X-Sdk-Date": now, **headers},
        body=body,
    )
    signer = _HashingSigner if hashed else Signer
    signer(SimpleNamespace(ak=key, sk=secret)).sign(request)
    return dict(request.header_params)


def push_signature(
    url: str, body: bytes, headers: Mapping[str, str], secret: str
) -> str:
    """Return the signature that a push should have."""
    found = dict(part.strip().split("=", 1) for part in _parts(headers))
    names: Sequence[str] = found["SignedHeaders"].split(";")
    made = signed_headers(
        url,
        body,
        {
            "X-Sdk-Date" if name == "x-sdk-date" else name: headers[name]
            for name in names
        },
        key=found["Access"],
        secret=secret,
    )
    return made["Authorization"].rpartition("Signature=")[2]


def _parts(headers: Mapping[str, str]) -> Iterable[str]:
    """Return the parts of an Authorization header."""
    algorithm, _, rest = headers["Authorization"].partition(" ")
    assert algorithm == "SDK-HMAC-SHA256"
    return rest.split(",")


def call_sdk(
    url: str, key: str, secret: str, operation: str, request: object
) -> dict[str, object]:
    """Call with Huawei's client; a refusal is returned as its code and HTTP status."""
    client = (
        SMSApiClient.new_builder()
        .with_credentials(SMSApiCredentials(key, secret))
        .with_endpoint(url)
        .build()
    )
    try:
        response = getattr(client, operation)(request)
    except SdkException as error:
        # It knows no field `description`, so it gives the whole body as its message.
        refusal = json.loads(error.error_msg)
        return {"http_status": error.status_code, **refusal}
    else:
        return {"http_status": response.status_code, **response.to_json_object()}
    finally:
        client.close()
        client.get_http_client().executor.shutdown()
