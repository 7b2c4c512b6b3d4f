"""The manifests are what Home Assistant and HACS take, and tell the truth."""

import ast
from importlib.util import find_spec
from pathlib import Path
import re

import pytest
import voluptuous as vol

from custom_components import huawei_cloud_sms
from homeassistant.const import Platform

from .files import PACKAGE, ROOT, load, trees

MANIFEST = load(PACKAGE / "manifest.json")
TEXTS = [vol.All(str, vol.Length(min=1))]
ADDRESS = vol.Match(r"https://(?!www\.home-assistant\.io)[^\s?#]+$")

# Parts of Home Assistant that ask an integration for a module of their name
PLATFORMS = {*Platform, "diagnostics", "repairs", "system_health"}

# What a custom integration may say there, and what it has to
MANIFEST_SCHEMA = vol.Schema(
    {
        vol.Required("domain"): vol.Match(r"[a-z][a-z0-9_]+$"),
        vol.Required("name"): str,
        vol.Optional("after_dependencies"): TEXTS,
        vol.Optional("categories"): TEXTS,
        vol.Required("codeowners"): [vol.Match(r"@[\w-]+$")],
        vol.Required("config_flow"): True,
        vol.Optional("connectivity"): TEXTS,
        vol.Optional("dependencies"): TEXTS,
        vol.Required("documentation"): ADDRESS,
        vol.Required("integration_type"): vol.In(
            {"device", "hardware", "helper", "hub", "service", "system"}
        ),
        vol.Required("iot_class"): vol.In(
            {
                "assumed_state",
                "calculated",
                "cloud_polling",
                "cloud_push",
                "local_polling",
                "local_push",
            }
        ),
        vol.Required("issue_tracker"): ADDRESS,
        vol.Optional("loggers"): TEXTS,
        vol.Optional("quality_scale"): vol.In({"bronze", "silver", "gold", "platinum"}),
        vol.Optional("requirements"): TEXTS,
        vol.Required("version"): str,
    }
)

HACS_SCHEMA = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Required("homeassistant"): vol.Match(r"\d{4}\.\d+\.\d+$"),
        vol.Optional("hide_default_branch"): bool,
        # an archive has to be named if there is one
        vol.Required("zip_release"): True,
        vol.Required("filename"): vol.Match(r"\w+\.zip$"),
    }
)


def test_manifest() -> None:
    """The manifest has what is needed, and nothing unknown."""
    MANIFEST_SCHEMA(MANIFEST)


def test_hacs() -> None:
    """So has what HACS reads."""
    HACS_SCHEMA(load(ROOT / "hacs.json"))


def test_home_assistants_own_reading_of_hacs() -> None:
    """The part of Home Assistant that took HACS in accepts each value."""
    validate = pytest.importorskip(
        "homeassistant.components.marketplace.utils.validate",
        reason="this release has no marketplace",
    )
    for key, value in load(ROOT / "hacs.json").items():
        validate.REPOSITORY_MANIFEST_VALUES[key](value)


def components(path: Path, node: ast.AST) -> set[str]:
    """Return the parts of Home Assistant that a statement imports."""
    found: set[str] = set()
    match node:
        case ast.ImportFrom(module="homeassistant.components", names=names):
            found = {name.name for name in names}
        case ast.ImportFrom(module=str(module)):
            found = set(re.findall(r"^homeassistant\.components\.(.+)", module))
        case ast.Import(names=names):
            modules = "\n".join(name.name for name in names)
            found = set(re.findall(r"(?m)^homeassistant\.components\.(.+)", modules))
    for component in found:
        assert "." not in component, f"{path} looks into {component}"
    return found


def test_dependencies() -> None:
    """What is imported of Home Assistant is a dependency, and nothing else is."""
    declared = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    assert len(declared) == len(MANIFEST["dependencies"]) + len(
        MANIFEST["after_dependencies"]
    )
    imported: set[str] = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            imported |= components(path, node)
    own_platforms = {
        name for name in imported & PLATFORMS if (PACKAGE / f"{name}.py").is_file()
    }
    assert imported - own_platforms <= declared <= imported
    for name in imported:
        assert find_spec(f"homeassistant.components.{name}")


def test_set_up_by_yaml_is_refused() -> None:
    """What is set up as a component says that YAML cannot configure it."""
    assert huawei_cloud_sms.async_setup
    assert huawei_cloud_sms.CONFIG_SCHEMA({}) == {}


@pytest.mark.parametrize("platform", huawei_cloud_sms.PLATFORMS)
def test_platforms(platform: Platform) -> None:
    """Each platform has its module; they are in order."""
    assert (PACKAGE / f"{platform}.py").is_file()
    assert sorted(huawei_cloud_sms.PLATFORMS) == huawei_cloud_sms.PLATFORMS
