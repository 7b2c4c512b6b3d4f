"""Huawei's own signer, as a second opinion on signatures."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import override

from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer


class HashingSigner(Signer):
    """Huawei's signer, made to hash forms too instead of leaving them unsigned."""

    @classmethod
    @override
    def _process_content_header(cls, request: SdkRequest) -> None:
        """Add no X-Sdk-Content-Sha256."""


def signed(
    method: str,
    path: str,
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    body: bytes,
    key: str,
    secret: str,
    *,
    hash_forms: bool = True,
) -> dict[str, str]:
    """Return all headers of a request as Huawei's signer leaves them."""
    request = SdkRequest(
        method=method,
        schema="https",
        host=headers["Host"],
        resource_path=path,
        query_params=list(query),
        header_params=dict(headers),
        body=body,
    )
    signer = HashingSigner if hash_forms else Signer
    signer(SimpleNamespace(ak=key, sk=secret)).sign(request)
    result: dict[str, str] = request.header_params
    return result


def signature_of(authorization: str) -> str:
    """Return the signature of an Authorization header."""
    return authorization.rpartition("Signature=")[2]
