"""The blueprints do what they say, in a real Home Assistant."""

from scripts.json_values import at, text
from scripts.simulator_process import CHANNEL_NUMBER
from scripts.sms_application import Person, add_recipient, notify_entity
from scripts.stage import MEI

from .conftest import Scene

# The simulated network cannot reach numbers that end like these.
_LAN = Person("Lan", "+8613700009001")
_TAO = Person("Tao", "+8613800009001")
_STRANGER = "+8613700000023"


async def test_alarm_with_escalation(scene: Scene) -> None:
    """The second recipient gets the alarm when the first cannot be reached.

    When that one cannot be reached either, it ends there.
    """
    entry_id = scene.application.entry_id
    lan = await add_recipient(scene.api, entry_id, _LAN)
    tao = await add_recipient(scene.api, entry_id, _TAO)
    await scene.api.add_automation(
        "alarm",
        {
            "alias": "Alarm",
            "use_blueprint": {
                "path": "huawei_cloud_sms/alarm_with_escalation.yaml",
                "input": {
                    "alarm": "input_boolean.alarm",
                    "message": "烟雾报警",
                    "recipients": [lan],
                    "second_recipients": [tao],
                    "reports": scene.application.reports,
                },
            },
        },
    )

    await scene.api.act(
        "input_boolean", "turn_on", {"entity_id": "input_boolean.alarm"}
    )
    (escalated,) = await scene.control.wait_for_messages(_TAO.number, 1, 60)
    assert text(escalated, "text").endswith("烟雾报警")
    shown = await scene.observer.wait_for(
        4, lambda event: event.get("recipient") in (_LAN.name, _TAO.name)
    )
    assert [(event["recipient"], event["event_type"]) for event in shown] == [
        (_LAN.name, "accepted"),
        (_LAN.name, "failed"),
        (_TAO.name, "accepted"),
        (_TAO.name, "failed"),
    ]

    # one more escalation would have gone out before this
    await scene.api.act(
        "huawei_cloud_sms", "send_sms", {"numbers": [_STRANGER], "variables": ["完"]}
    )
    assert len(await scene.control.messages(_LAN.number)) == 1
    assert len(await scene.control.messages(_TAO.number)) == 1


async def test_act_on_reply(scene: Scene) -> None:
    """Only the keyword counts, and only from somebody who may answer."""
    mei = await notify_entity(scene.api, scene.application.entry_id, MEI)
    before = len(await scene.control.messages(MEI.number))
    strangers = len(await scene.control.messages(_STRANGER))
    await scene.api.add_automation(
        "answer",
        {
            "alias": "Answer",
            "use_blueprint": {
                "path": "huawei_cloud_sms/act_on_reply.yaml",
                "input": {
                    "replies": scene.application.replies,
                    "recipients": [mei],
                    "keywords": ["1", "好"],
                    "actions": [
                        {
                            "action": "input_boolean.toggle",
                            "target": {"entity_id": "input_boolean.light"},
                        }
                    ],
                    "answer": "灯开了",
                },
            },
        },
    )
    for number, reply in (
        (MEI.number, "不用"),
        (_STRANGER, "1"),
        (MEI.number, " 1 "),
    ):
        push = await scene.control.call(
            "POST",
            "reply",
            {"number": number, "text": reply, "channel_number": CHANNEL_NUMBER},
        )
        assert at(push, "push", "http_status") == 200
    *_, answer = await scene.control.wait_for_messages(MEI.number, before + 1, 60)
    assert text(answer, "text").endswith("灯开了")

    # a second answer would have come before the report on this one
    await scene.observer.wait_for(
        1,
        lambda event: (
            event.get("message_id") == text(answer, "message_id")
            and event["event_type"] == "delivered"
        ),
    )
    assert len(await scene.control.messages(MEI.number)) == before + 1
    assert len(await scene.control.messages(_STRANGER)) == strangers
    light = await scene.api.state("input_boolean.light")
    assert at(light, "state") == "on"
