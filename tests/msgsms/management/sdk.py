"""Huawei's own client of the management API, as a second opinion."""

from collections.abc import Callable
from typing import override

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.sdk_response import SdkResponse
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkmsgsms.v2.msgsms_client import MsgsmsClient


class TokenCredentials(BasicCredentials):
    """Shows a token instead of signing, which this client does not do by itself."""

    def __init__(self, token: str, project_id: str) -> None:
        """Take a token."""
        super().__init__("unused", "unused", project_id)
        self._token = token

    @override
    def sign_request(self, request: SdkRequest) -> SdkRequest:
        """Add the token."""
        request.header_params["X-Auth-Token"] = self._token
        Signer.process_request_uri(request)
        return request


# It looks at the name of the class.
TokenCredentials.__name__ = BasicCredentials.__name__


def call_sdk(
    url: str, credentials: BasicCredentials, call: Callable[[MsgsmsClient], object]
) -> dict[str, object]:
    """Have Huawei's client call; a refusal is its HTTP status and code."""
    client = (
        MsgsmsClient.new_builder()
        .with_credentials(credentials)
        .with_endpoint(url)
        .build()
    )
    try:
        response = call(client)
    except SdkException as error:
        return {"http_status": error.status_code, "error_code": error.error_code}
    else:
        assert isinstance(response, SdkResponse)
        found = response.to_json_object() or {}
        named = found if isinstance(found, dict) else {"body": found}
        return {"http_status": response.status_code, **named}
    finally:
        client.close()
        client.get_http_client().executor.shutdown()
