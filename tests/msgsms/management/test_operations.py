"""Every operation of the management client, against the simulator."""

from dataclasses import asdict, replace

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.errors import InvalidRequestError
from custom_components.huawei_cloud_sms.msgsms.management.account import Account
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.errors import (
    NotFoundError,
    RejectedError,
)
from custom_components.huawei_cloud_sms.msgsms.management.models import (
    AppCount,
    Application,
    AppRegion,
    AppStatus,
    ContentType,
    Country,
    FlowStatus,
    Signature,
    SignatureStatus,
    Template,
    VariableType,
)
from custom_components.huawei_cloud_sms.msgsms.management.orders import (
    ApplicationUpdate,
    NewApplication,
    SignatureOrder,
    TemplateOrder,
    VariableOrder,
)
from simulator.platform import Platform
from simulator.server import Server
from tests.msgsms.conftest import KEY

NOTICE = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a01"
GENERAL = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a07"
NOT_APPROVED = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a08"
ABROAD = "0b2e6d3fac7e4f84b9d16e2a3c4f5b01"


async def _application(client: ManagementClient) -> Application:
    """Return the mainland application."""
    found = [one async for one in client.applications(region=AppRegion.MAINLAND)]
    assert len(found) == 1
    return found[0]


async def _template(client: ManagementClient, template_id: str) -> Template:
    """Return a template by the id that sending wants."""
    found = [one async for one in client.templates(template_id=template_id)]
    assert len(found) == 1
    return found[0]


async def _signature(client: ManagementClient, name: str) -> Signature:
    """Return a signature by its name."""
    found = [one async for one in client.signatures(signature_name=name)]
    assert len(found) == 1
    return found[0]


async def test_applications(client: ManagementClient, server: Server) -> None:
    """Applications are listed and shown with all that sending needs."""
    mainland = await _application(client)
    assert mainland.app_key == KEY
    assert mainland.app_name == "晨光家园"
    assert mainland.app_access_addr == server.url
    assert mainland.status == AppStatus.LAUNCHED
    assert mainland.up_link_addr is None
    assert mainland.tenant is not None
    assert mainland.tenant.enterprise_name == "Chenguang Home"
    assert await client.application(mainland.id) == mainland
    every = [one async for one in client.applications()]
    assert [one.intl_channel_num for one in every] == [None, "isms000000001"]
    assert await client.application_count() == AppCount(total=4, used=2)
    assert await client.application_count("cn") == AppCount(total=2, used=1)


async def test_update_application(client: ManagementClient, console: Platform) -> None:
    """Another address for replies is written, and nothing else is lost by it."""
    console.state.set_application(
        {"enterprise_project_id": "ep-7", "enterprise_project_name": "home"}
    )
    read = await _application(client)
    update = replace(
        ApplicationUpdate.of(read), up_link_addr="https://home.example/replies"
    )
    written = await client.update_application(read.id, update)
    assert (written.id, written.app_key) == (read.id, KEY)
    after = await client.application(read.id)
    assert after.update_time != read.update_time
    assert asdict(after) == {
        **asdict(read),
        "up_link_addr": "https://home.example/replies",
        "update_time": after.update_time,
    }
    assert console.state.application().uplink_url == "https://home.example/replies"


async def test_update_loses_what_is_left_out(
    client: ManagementClient, console: Platform
) -> None:
    """The simulator replaces the whole record, as the platform does."""
    console.state.set_application(
        {"enterprise_project_id": "ep-7", "uplink_url": "https://home.example/"}
    )
    read = await _application(client)
    order = ApplicationUpdate(app_name="New name", region="cn")
    await client.update_application(read.id, order)
    after = await client.application(read.id)
    assert (after.app_name, after.enterprise_project_id) == ("New name", "0")
    assert after.up_link_addr is None


async def test_create_application(client: ManagementClient, console: Platform) -> None:
    """A new application has keys; the secret is told when it is asked for."""
    order = NewApplication(app_name="Second", region=AppRegion.MAINLAND)
    silent = await client.create_application(order)
    assert silent.app_secret is None
    told = await client.create_application(replace(order, show_secret=True))
    assert told.app_key is not None
    assert told.app_secret == console.state.application(told.app_key).app_secret


async def test_signatures(client: ManagementClient) -> None:
    """Signatures are listed, narrowed, and shown with their channel number."""
    every = [one async for one in client.signatures()]
    assert len(every) == 4
    promotions = [
        one async for one in client.signatures(signature_type=ContentType.PROMOTION)
    ]
    assert [one.signature_name for one in promotions] == ["晨光优选"]
    shown = await client.signature(promotions[0].id)
    assert shown == promotions[0]
    assert shown.channel_num == "8824110600003"
    assert shown.status == SignatureStatus.REVIEW_PASSED


async def test_life_of_a_signature(client: ManagementClient, console: Platform) -> None:
    """A signature is created, rejected, changed, approved, activated and deleted."""
    application = await _application(client)
    order = SignatureOrder(
        app_id=application.id,
        signature_name="晨光小店",
        signature_type=ContentType.NOTIFICATION,
        signature_source=4,
        apply_desc="为住户服务",
    )
    created = await client.create_signature(order)
    with pytest.raises(RejectedError) as caught:
        await client.create_signature(order)
    assert caught.value.code == "MSGSMS.0004"
    with pytest.raises(RejectedError) as caught:
        await client.update_signature(created.id, order)
    assert caught.value.code == "MSGSMS.0007"

    def becomes(status: str, reason: str = "") -> None:
        """Change its state in the console."""
        signatures = console.state.console.signatures
        signatures[created.id] = replace(
            signatures[created.id], status=status, review_desc=reason
        )

    becomes("REVIEW_NOT_PASS", "材料不全")
    rejected = await client.signature(created.id)
    assert (rejected.status, rejected.review_desc) == ("REVIEW_NOT_PASS", "材料不全")
    changed = await client.update_signature(
        created.id, replace(order, signature_name="晨光商店")
    )
    assert (changed.id, changed.signature_name) == (created.id, "晨光商店")
    with pytest.raises(RejectedError) as caught:
        await client.enable_signature(created.id)
    assert caught.value.code == "MSGSMS.0130"
    becomes("TO_BE_ACTIVATED")
    await client.enable_signature(created.id)
    active = await client.signature(created.id)
    assert active.status == SignatureStatus.REVIEW_PASSED
    assert active.channel_num
    await client.delete_signature(created.id)
    with pytest.raises(NotFoundError) as missing:
        await client.signature(created.id)
    assert missing.value.code == "MSGSMS.0005"


async def test_files(client: ManagementClient) -> None:
    """A file arrives whole, whatever is in it, and is found again."""
    content = bytes(range(256)) * 40 + b"\r\n--\r\n"
    file_id = await client.upload_signature_file("营业 执照.pdf", content, "a&b 说明")
    file = await client.signature_file(file_id)
    assert file.file_id == file_id
    assert (file.file_name, file.file_size) == ("营业 执照.pdf", len(content))
    assert file.file_desc == "a&b 说明"
    await client.upload_signature_file("b.png", b"1")
    with pytest.raises(RejectedError) as caught:
        await client.upload_signature_file("malware.exe", b"1")
    assert caught.value.code == "MSGSMS.0132"


async def test_templates(client: ManagementClient) -> None:
    """Templates are listed, narrowed, and shown with their text and state."""
    every = [one async for one in client.templates()]
    assert len(every) == 11
    of_application = [one async for one in client.templates(app_key=KEY)]
    assert {one.region for one in of_application} == {"cn"}
    notice = await _template(client, NOTICE)
    assert notice == await client.template(notice.id)
    assert notice.template_content == "家中提醒：${1}"
    assert notice.flow_status == FlowStatus.ADOPTED
    assert notice.has_variable == "true"
    assert not notice.is_general
    signature = await _signature(client, "晨光家园")
    assert notice.sign_id == signature.id
    assert (await _template(client, GENERAL)).is_general
    rejected = [one async for one in client.templates(flow_status=FlowStatus.REJECTED)]
    assert [one.template_id for one in rejected] == [NOT_APPROVED]
    newest = [
        one.template_name
        async for one in client.templates(sort_key="template_name", sort_dir="desc")
    ]
    assert newest == sorted(newest, key=str, reverse=True)


async def test_template_variables(client: ManagementClient) -> None:
    """Variables come in order, with attribute and length, in both kinds."""
    notice = await client.template_variables((await _template(client, NOTICE)).id)
    assert [(one.variable_type, one.variable_length) for one in notice] == [
        (VariableType.TEXT, 400)
    ]
    abroad = await client.template_variables((await _template(client, ABROAD)).id)
    assert [(one.variable_index, one.variable_length) for one in abroad] == [(1, 300)]


async def test_life_of_a_template(client: ManagementClient, console: Platform) -> None:
    """A template is created, shown, switched off and deleted."""
    application = await _application(client)
    signature = await _signature(client, "晨光家园")
    order = TemplateOrder(
        app_id=application.id,
        region=AppRegion.MAINLAND,
        template_name="Parcel",
        template_content="您有${1}件包裹，请到${2}领取。",
        sign_id=signature.id,
        template_type=ContentType.NOTIFICATION,
        universal_template=0,
        variable_attributes=(
            VariableOrder(variable_index=1, variable_type=VariableType.CHARDIGIT),
            VariableOrder(
                variable_index=2, variable_type=VariableType.TEXT, variable_desc="place"
            ),
        ),
    )
    created = await client.create_template(order)
    assert created.template_name == "Parcel"
    shown = await client.template(created.id)
    assert shown.flow_status == FlowStatus.REVIEWING
    assert shown.template_id in console.state.console.templates
    variables = await client.template_variables(created.id)
    assert [one.variable_type for one in variables] == ["CHARDIGIT", "TEXT"]
    updated = await client.update_template(
        created.id, replace(order, flow_status=FlowStatus.DISABLED)
    )
    assert updated.id == created.id
    assert (await client.template(created.id)).flow_status == FlowStatus.DISABLED
    await client.delete_template(created.id)
    with pytest.raises(NotFoundError) as caught:
        await client.template(created.id)
    assert caught.value.code == "MSGSMS.0009"


async def test_international_template(client: ManagementClient) -> None:
    """A template for abroad names its countries."""
    abroad = [one async for one in client.applications(region="intl")][0]
    created = await client.create_template(
        TemplateOrder(
            app_id=abroad.id,
            region=AppRegion.INTERNATIONAL,
            template_name="Hello",
            template_content="Hello ${TXT_20}",
            send_country=(3, 1),
        )
    )
    shown = await client.template(created.id)
    assert (shown.send_country1, shown.send_country2) == (3, 1)
    assert shown.country_name == "Germany~Singapore"
    assert shown.template_type is None


async def test_countries(client: ManagementClient) -> None:
    """Countries come as a bare list, which can be narrowed."""
    assert len(await client.countries()) == 3
    assert await client.countries(country_name_zh="德国") == (
        Country(country_id="3", country_name_en="Germany", country_name_zh="德国"),
    )


async def test_integer_ids(client: ManagementClient, console: Platform) -> None:
    """Primary keys may be numbers too, as the documentation has them."""
    console.state.set_options({"integer_ids": True})
    application = await _application(client)
    assert application.id == "1001"
    assert (await client.application(application.id)).id == "1001"


async def test_unknown_application(client: ManagementClient) -> None:
    """A key that is not in the account is told as such."""
    with pytest.raises(NotFoundError) as caught:
        [one async for one in client.templates(app_key="AnotherKey")]
    assert caught.value.code == "MSGSMS.0076"


async def test_bad_arguments(
    session: aiohttp.ClientSession, keys: Account, console: Platform
) -> None:
    """What cannot be sent is refused before anything is."""
    client = ManagementClient(session, keys)
    for bad in ("", "../apps", "1 2", "x" * 65, "1?a=b"):
        with pytest.raises(InvalidRequestError) as caught:
            await client.template(bad)
        assert (caught.value.field, caught.value.rule) == ("record_id", "characters")
    for name, content, field, rule in (
        ('a".pdf', b"1", "file_name", "characters"),
        ("a\r\n.pdf", b"1", "file_name", "characters"),
        ("", b"1", "file_name", "characters"),
        ("a.pdf", b"", "content", "empty"),
        ("a.pdf", bytes(12 * 1024 * 1024), "content", "size"),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            await client.upload_signature_file(name, content)
        assert (caught.value.field, caught.value.rule) == (field, rule)
    assert console.calls.count == 0
