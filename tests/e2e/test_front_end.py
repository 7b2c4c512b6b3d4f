"""The front end gets what it needs to show more than that it is loading."""

from scripts.json_values import at, items, text

from .conftest import Scene


async def test_what_the_front_end_asks_for(scene: Scene) -> None:
    """Actions with their descriptions, and texts in both languages, are there."""
    async with scene.api.socket() as socket:
        # it fails as a whole if any part of Home Assistant cannot be imported
        actions = await socket.command("get_services")
        fields = at(actions, "huawei_cloud_sms", "send_sms", "fields")
        assert isinstance(fields, dict)
        assert {"config_entry_id", "numbers", "template", "variables"} <= set(fields)
        for language in ("en", "zh-Hans"):
            texts = await socket.command(
                "frontend/get_translations",
                language=language,
                category="services",
                integration=["huawei_cloud_sms"],
            )
            key = "component.huawei_cloud_sms.services.send_sms.name"
            assert text(texts, "resources", key)
        issues = await socket.command("repairs/list_issues")
        notifications = await socket.command("persistent_notification/get")
    # nothing of ours needs mending, and no part of Home Assistant failed to load
    assert "huawei_cloud_sms" not in {
        at(issue, "domain") for issue in items(issues, "issues")
    }
    assert "invalid_config" not in {
        at(notification, "notification_id") for notification in items(notifications)
    }
