"""The sensors say the truth from the moment they are there."""

import asyncio

from scripts.home_assistant_api import ApiError
from scripts.json_values import at, items, text

from .conftest import Scene

_KEYS = ("sent", "delivered", "failed", "waiting", "parts_this_month", "last_push")
_NUMBER = "+8613700000021"


async def test_truthful_after_a_restart(scene: Scene) -> None:
    """What the sensors of an application first show is what they showed before."""
    async with scene.api.socket() as socket:
        registered = items(await socket.command("config/entity_registry/list"))
    sensors = {
        text(entity, "unique_id").removeprefix(f"{scene.application.entry_id}_"): text(
            entity, "entity_id"
        )
        for entity in registered
        if at(entity, "platform") == "huawei_cloud_sms"
    }
    # reports on what other tests sent must not come in between
    await scene.control.call("POST", "reset")
    await scene.control.push_replies_to(scene.application.reply_address)
    await _deliver(scene, sensors["delivered"], "厨房")
    await _deliver(scene, sensors["delivered"], "燃气")
    shown = {key: text(await scene.api.state(sensors[key]), "state") for key in _KEYS}

    scene.stage.home.stop()
    scene.stage.home.start()
    await scene.stage.home.wait_until_answering(scene.api, 60)
    assert {key: await _first_state(scene, sensors[key]) for key in _KEYS} == shown
    await scene.stage.home.wait_until_running(scene.api, 60)


async def _deliver(scene: Scene, delivered: str, place: str) -> None:
    """Send a message and wait until the sensor has counted it as well."""
    before = text(await scene.api.state(delivered), "state")
    await scene.api.act_with_response(
        "huawei_cloud_sms",
        "send_sms",
        {"numbers": [_NUMBER], "variables": [place], "wait_for": "delivered"},
    )
    async with asyncio.timeout(30):
        while text(await scene.api.state(delivered), "state") == before:
            await asyncio.sleep(0.05)


async def _first_state(scene: Scene, entity_id: str) -> str:
    """Return the first state of an entity that its platform wrote."""
    async with asyncio.timeout(60):
        while True:
            try:
                state = text(await scene.api.state(entity_id), "state")
            except ApiError:  # it is not there yet
                state = "unavailable"
            if state != "unavailable":
                return state
            await asyncio.sleep(0.01)
