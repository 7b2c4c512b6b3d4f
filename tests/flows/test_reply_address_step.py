"""Tests of the last step: the address for pushes, and the keys that sign them."""

from collections.abc import AsyncGenerator

from aiohttp.test_utils import TestClient
from hass_nabucasa.cloudhooks import CloudhookApiError
import pytest

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from simulator.server import Server
from tests.canned_platform import CannedPlatform, serve_canned
from tests.common import Events, make_entry, reply_from_phone, send_sms, wait_until
from tests.const import OTHER_NUMBER
from tests.fake_cloud import FakeCloud, install_cloud

from .flow_inputs import TEMPLATE, submit, suggested, walk

PUSH_KEYS = {"push_ak": "push-ak-1", "push_sk": "push-sk-1"}


@pytest.fixture
async def canned(
    hass: HomeAssistant, socket_enabled: None
) -> AsyncGenerator[CannedPlatform]:
    """Start a platform that answers as it is told."""
    async with serve_canned() as platform:
        yield platform


@pytest.fixture
def cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Sign in to the cloud."""
    return install_cloud(hass, monkeypatch)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"push_ak": "a"}, {"push_sk": "push_sk_missing"}),
        ({"push_ak": " ", "push_sk": "s"}, {"push_ak": "push_ak_missing"}),
        ({"push_ak": "a b", "push_sk": "s"}, {"push_ak": "push_key_characters"}),
        ({"push_ak": "a", "push_sk": "密"}, {"push_sk": "push_key_characters"}),
        ({"push_ak": "a,b", "push_sk": "s"}, {"push_ak": "push_ak_comma"}),
    ],
)
async def test_push_keys_typed_wrong(
    hass: HomeAssistant,
    canned: CannedPlatform,
    door: TestClient,
    typed: dict[str, str],
    errors: dict[str, str],
) -> None:
    """Push keys come in pairs; the address stays the same after an error."""
    form = await walk(hass, canned.url, TEMPLATE, {})
    address = form["description_placeholders"]["address"]
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("reply_address", errors)
    assert form["description_placeholders"] == {"address": address}
    assert "push_sk" not in suggested(form)
    result = await submit(hass, form, PUSH_KEYS)
    assert result["result"].data["push_keys"] == [PUSH_KEYS]
    assert address.endswith(result["result"].data["webhook_id"])


async def test_every_sign(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Pushes signed with any keys that the form takes are authentic."""
    signs = "".join(map(chr, range(ord("!"), ord("~") + 1)))
    keys = {"push_ak": signs.replace(",", ""), "push_sk": signs}
    await walk(hass, platform.url, TEMPLATE, {}, keys)
    await hass.async_block_till_done()
    replies = Events(hass, "event.huawei_cloud_sms_0001_reply")
    platform.platform.state.set_application(keys)
    await send_sms(hass, OTHER_NUMBER)
    await reply_from_phone(platform, OTHER_NUMBER, "好")
    await replies.wait_for(1)


async def test_no_public_address(hass: HomeAssistant, canned: CannedPlatform) -> None:
    """Without an address the application is set up all the same."""
    form = await walk(hass, canned.url, TEMPLATE, {})
    assert (form["step_id"], form["last_step"]) == ("no_reply_address", True)
    result = await submit(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert len(result["result"].data["webhook_id"]) == 64
    assert result["result"].data["push_keys"] == []


async def test_cloud_address(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient, cloud: FakeCloud
) -> None:
    """The cloud's address is shown, and stays with the entry."""
    form = await walk(hass, canned.url, TEMPLATE, {})
    assert form["description_placeholders"] == {
        "address": "https://hooks.example.org/1"
    }
    result = await submit(hass, form, {})
    await hass.async_block_till_done()
    assert list(cloud.hooks) == [result["result"].data["webhook_id"]]
    assert not cloud.deleted


@pytest.mark.parametrize(
    "trouble",
    [
        TimeoutError(),
        CloudhookApiError("The cloud is out of order"),
        ValueError("Cloud is not connected"),
    ],
    ids=lambda it: type(it).__name__,
)
async def test_cloud_in_trouble(
    hass: HomeAssistant,
    canned: CannedPlatform,
    door: TestClient,
    cloud: FakeCloud,
    trouble: Exception,
) -> None:
    """Where the cloud has no address to give, the external URL serves, or none."""
    cloud.trouble = trouble
    form = await walk(hass, canned.url, TEMPLATE, {})
    assert form["description_placeholders"]["address"].startswith(
        str(door.make_url("/api/webhook/"))
    )
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.config.async_update(external_url=None)
    form = await walk(hass, canned.url, TEMPLATE, {})
    assert form["step_id"] == "no_reply_address"
    result = await submit(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_abandoned(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient, cloud: FakeCloud
) -> None:
    """A flow that is closed leaves nothing behind, neither early nor late."""
    another = make_entry(canned.url)
    another.add_to_hass(hass)
    hass.config_entries.async_update_entry(another, unique_id="another")
    form = await walk(hass, canned.url, TEMPLATE)
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert not cloud.given

    form = await walk(hass, canned.url, TEMPLATE, {})
    assert len(cloud.hooks) == 1
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert not cloud.hooks
    assert len(cloud.deleted) == 1
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)


async def test_abandoned_while_the_cloud_is_slow(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient, cloud: FakeCloud
) -> None:
    """An address that comes when the flow is closed already is given back."""
    form = await walk(hass, canned.url, TEMPLATE)
    cloud.reachable.clear()
    step = hass.async_create_task(submit(hass, form, {}))
    await hass.async_add_executor_job(int)
    hass.config_entries.flow.async_abort(form["flow_id"])
    cloud.reachable.set()
    with pytest.raises(UnknownFlow):
        await step
    await wait_until(lambda: cloud.deleted)
    assert cloud.given == 1
    assert not cloud.hooks
