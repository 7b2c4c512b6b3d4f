"""Tests of what the manifest promises, and of what has to agree with it."""

from importlib import metadata
import json
from pathlib import Path
import tomllib
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy

from custom_components import huawei_cloud_sms
from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.const import __version__ as HA_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

PACKAGE = Path(huawei_cloud_sms.__file__).parent
ROOT = Path(__file__).parent.parent
FLOOR = "2026.10.0"


def load(path: Path) -> dict[str, Any]:
    """Return a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


MANIFEST = load(PACKAGE / "manifest.json")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_order_and_keys() -> None:
    """Domain and name come first, the rest in order."""
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert MANIFEST["domain"] == DOMAIN == PACKAGE.name


def test_requirements() -> None:
    """What Home Assistant installs is what the tests run with, pinned."""
    assert sorted(MANIFEST["requirements"]) == sorted(
        PROJECT["dependency-groups"]["integration"]
    )
    for requirement in MANIFEST["requirements"]:
        name, _, pinned = requirement.partition("==")
        assert metadata.version(name) == pinned


def test_version() -> None:
    """There is one version, and it is one that Home Assistant accepts."""
    version = AwesomeVersion(MANIFEST["version"])
    assert version.strategy is AwesomeVersionStrategy.SEMVER
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PROJECT["project"]


def test_owner_and_home() -> None:
    """Code owner, documentation and issue tracker belong together."""
    assert MANIFEST["codeowners"] == ["@ha-huawei-cloud-sms"]
    home = "https://github.com/ha-huawei-cloud-sms/huawei-cloud-sms"
    assert MANIFEST["documentation"] == home
    assert MANIFEST["issue_tracker"] == f"{home}/issues"


def test_floor() -> None:
    """The oldest Home Assistant is named for HACS, and tested."""
    hacs = load(ROOT / "hacs.json")
    assert hacs["homeassistant"] == FLOOR
    assert hacs["name"] == MANIFEST["name"]
    assert AwesomeVersion(HA_VERSION) >= AwesomeVersion(FLOOR)
    assert FLOOR.removesuffix(".0") in (ROOT / "README.md").read_text("utf-8")


async def test_home_assistant_loads_it(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    """Home Assistant finds the integration and what it depends on."""
    integration = await async_get_integration(hass, DOMAIN)
    assert not integration.is_built_in
    assert integration.config_flow
    assert set(integration.dependencies) == {"notify", "webhook"}
    assert integration.after_dependencies == ["cloud"]
    assert integration.iot_class == "cloud_push"
