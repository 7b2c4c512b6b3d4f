"""Huawei's client and ours make the same calls and read the same from them."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.formdata import FormFile
from huaweicloudsdkmsgsms import v2
from huaweicloudsdkmsgsms.v2.msgsms_client import MsgsmsClient
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.models import FlowStatus
from simulator.config import Account as Owner
from simulator.platform import Platform
from simulator.server import Server
from tests.msgsms.conftest import KEY, SECRET

from .sdk import TokenCredentials, call_sdk

type Sdk = Callable[[Callable[[MsgsmsClient], object]], object]


@pytest.fixture(params=["ak_sk", "token"])
def credentials(
    request: pytest.FixtureRequest, owner: Owner, console: Platform
) -> BasicCredentials:
    """Return credentials of Huawei's client, of both ways."""
    if request.param == "ak_sk":
        return BasicCredentials(owner.access_key, owner.secret_key, owner.project_id)
    end = console.state.now().replace(year=2100)
    return TokenCredentials(console.tokens.issue(2000, end), owner.project_id)


class Oracle:
    """Huawei's client, in a thread."""

    def __init__(self, server: Server, credentials: BasicCredentials) -> None:
        """Take where and as whom to call."""
        self._url = server.url
        self.credentials = credentials

    async def call(self, call: Callable[[MsgsmsClient], object]) -> dict[str, object]:
        """Have it call."""
        return await asyncio.to_thread(call_sdk, self._url, self.credentials, call)


@pytest.fixture
def oracle(server: Server, credentials: BasicCredentials) -> Oracle:
    """Return Huawei's client."""
    return Oracle(server, credentials)


@pytest.fixture
def client(request: pytest.FixtureRequest, credentials: object) -> ManagementClient:
    """Return our client, with the other way of proving than Huawei's."""
    ours = "keys" if isinstance(credentials, TokenCredentials) else "user"
    session = request.getfixturevalue("session")
    return ManagementClient(session, request.getfixturevalue(ours))


def _shown(value: object) -> object:
    """Return a value without what is not there, to be compared."""
    if isinstance(value, dict):
        # what could not be read is no field of the platform's
        return {
            name: _shown(entry)
            for name, entry in value.items()
            if entry is not None and name != "unread"
        }
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_shown(entry) for entry in value]
    return value


async def _all(records: AsyncIterable[object]) -> object:
    """Return all records as plain values."""
    return [_shown(asdict(one)) async for one in records]  # type: ignore[call-overload]


async def test_lists(oracle: Oracle, client: ManagementClient) -> None:
    """Both read the same applications, signatures, templates and countries."""
    apps = await oracle.call(
        lambda sdk: sdk.list_app_details(v2.ListAppDetailsRequest(limit=100))
    )
    assert apps["http_status"] == 200
    assert apps["total"] == 2
    assert _shown(apps["results"]) == await _all(client.applications())
    signatures = await oracle.call(
        lambda sdk: sdk.list_signature_details(
            v2.ListSignatureDetailsRequest(limit=100, signature_type="NOTIFY_TYPE")
        )
    )
    assert _shown(signatures["results"]) == await _all(
        client.signatures(signature_type="NOTIFY_TYPE")
    )
    templates = await oracle.call(
        lambda sdk: sdk.list_template_details(
            v2.ListTemplateDetailsRequest(
                limit=100, offset=1, flow_status="Adopted", app_key=KEY
            )
        )
    )
    ours = await _all(client.templates(flow_status=FlowStatus.ADOPTED, app_key=KEY))
    assert isinstance(ours, list)
    assert _shown(templates["results"]) == ours[1:]
    assert templates["total"] == len(ours) == 7
    countries = await oracle.call(
        lambda sdk: sdk.list_send_country_details(
            v2.ListSendCountryDetailsRequest(country_name_zh="德国")
        )
    )
    assert countries["body"] == [
        {"country_id": 3, "country_name_en": "Germany", "country_name_zh": "德国"}
    ]


async def test_records(oracle: Oracle, client: ManagementClient) -> None:
    """Both read the same of one record."""
    for theirs, ours in (
        (
            await oracle.call(lambda sdk: sdk.show_app(v2.ShowAppRequest("1001"))),
            await client.application("1001"),
        ),
        (
            await oracle.call(
                lambda sdk: sdk.show_signature(v2.ShowSignatureRequest("1003"))
            ),
            await client.signature("1003"),
        ),
        (
            await oracle.call(
                lambda sdk: sdk.show_template(v2.ShowTemplateRequest("1008"))
            ),
            await client.template("1008"),
        ),
        (
            await oracle.call(
                lambda sdk: sdk.show_app_count(v2.ShowAppCountRequest("cn"))
            ),
            await client.application_count("cn"),
        ),
    ):
        assert theirs.pop("http_status") == 200
        assert _shown(theirs) == _shown(asdict(ours))
    theirs = await oracle.call(
        lambda sdk: sdk.list_template_varilable_details(
            v2.ListTemplateVarilableDetailsRequest("1010")
        )
    )
    ours_too = [asdict(one) for one in await client.template_variables("1010")]
    assert len(ours_too) == theirs["total"] == 5
    for one in ours_too:
        one["id"] = int(one["id"])
    assert _shown(theirs["results"]) == _shown(ours_too)


async def test_writes(
    oracle: Oracle, client: ManagementClient, console: Platform
) -> None:
    """What Huawei's client writes is what ours then reads."""
    updated = await oracle.call(
        lambda sdk: sdk.update_app(
            v2.UpdateAppRequest(
                "1001",
                v2.SmsAppUpdateReq(
                    app_name="新名", region="cn", up_link_addr="https://a.example/b"
                ),
            )
        )
    )
    assert updated == {
        "http_status": 200,
        "id": "1001",
        "app_key": KEY,
        "app_name": "新名",
    }
    assert (await client.application("1001")).up_link_addr == "https://a.example/b"
    assert console.state.application(KEY).uplink_url == "https://a.example/b"
    signature = await oracle.call(
        lambda sdk: sdk.create_signature(
            v2.CreateSignatureRequest(
                v2.SmsSignatureReq(
                    app_id="1001",
                    signature_name="晨光小店",
                    signature_type="NOTIFY_TYPE",
                    signature_source=0,
                )
            )
        )
    )
    assert signature["http_status"] == 201
    found = await client.signature(str(signature["id"]))
    assert found.signature_id == signature["signature_id"]
    template = await oracle.call(
        lambda sdk: sdk.create_template(
            v2.CreateTemplateRequest(
                v2.SmsTemplateReq(
                    app_id="1001",
                    region="cn",
                    sign_id=found.id,
                    template_name="Parcel",
                    template_type="NOTIFY_TYPE",
                    template_content="取件码${1}",
                    variable_attributes=[
                        v2.SmsTemplateVariableAttrReq(
                            variable_index=1, variable_type="CHARDIGIT"
                        )
                    ],
                )
            )
        )
    )
    record_id = str(template["id"])
    assert (await client.template(record_id)).template_content == "取件码${1}"
    deleted = await oracle.call(
        lambda sdk: sdk.delete_template(v2.DeleteTemplateRequest(record_id))
    )
    assert deleted == {"http_status": 204}
    assert record_id not in [one.id async for one in client.templates()]


async def test_refusals(oracle: Oracle, owner: Owner) -> None:
    """Huawei's client reads the refusals of the simulator."""
    refused = await oracle.call(
        lambda sdk: sdk.enable_signature(v2.EnableSignatureRequest("1003"))
    )
    assert refused == {"http_status": 400, "error_code": "MSGSMS.0130"}
    # An application's keys do not open this API.
    oracle.credentials = BasicCredentials(KEY, SECRET, owner.project_id)
    refused = await oracle.call(
        lambda sdk: sdk.list_app_details(v2.ListAppDetailsRequest())
    )
    assert refused == {"http_status": 401, "error_code": "APIGW.0301"}


async def test_upload(oracle: Oracle, client: ManagementClient, tmp_path: Path) -> None:
    """A file that Huawei's client uploads is found by ours."""
    licence = tmp_path / "licence.pdf"
    licence.write_bytes(b"%PDF-1")
    uploaded = await oracle.call(
        lambda sdk: sdk.upload_signature_file(
            v2.UploadSignatureFileRequest(
                "licence",
                v2.UploadSignatureFileRequestBody(FormFile(str(licence))),
            )
        )
    )
    assert uploaded["http_status"] == 201, uploaded
    file = await client.signature_file(str(uploaded["file_id"]))
    assert (file.file_name, file.file_size) == ("licence.pdf", 6)
