"""Tests of the layers: imports go one way, and each module may use what is its."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from custom_components import huawei_cloud_sms
import simulator

PACKAGE = Path(huawei_cloud_sms.__file__).parent
SIMULATOR = Path(simulator.__file__).parent
NAME = "custom_components.huawei_cloud_sms"

# From the bottom up: a module imports from its own layer or from those below.
LAYERS = [
    {"msgsms"},
    {
        "clock",
        "clock_watch",
        "const",
        "endpoints",
        "ledger",
        "markup",
        "phone_number",
        "privacy",
        "session",
        "templates",
    },
    {"explain", "migration", "picture", "public_address", "reachability"},
    {"sending"},
    {"account"},
    {"application"},
    {
        "component",
        "entity",
        "pasted_address",
        "permissions",
        "recipients",
        "responses",
        "uplink",
        "way_back",
        "webhook",
    },
    {"backup", "button", "diagnostics", "event", "notify", "sensor"},
    {"actions", "flows"},
    {"config_flow", "repairs", "services"},
    {""},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}

# What the client is made of besides Python itself
CLIENT_LIBRARIES = {"aiohttp", "multidict", "orjson", "yarl"}


def imports(path: Path, root: Path, name: str) -> Iterator[str]:
    """Return the full names of the modules that a file imports."""
    package = [name, *path.relative_to(root).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - node.level + 1]
                if node.module:
                    yield ".".join([*base, node.module])
                else:
                    yield from (".".join([*base, it.name]) for it in node.names)
            else:
                assert node.module is not None
                yield node.module


def own_imports(path: Path) -> set[str]:
    """Return the dotted names, within ours, of the modules that a file imports."""
    return {
        imported.removeprefix(NAME).lstrip(".")
        for imported in imports(path, PACKAGE, NAME)
        if imported.split(".")[:2] == NAME.split(".")
    }


def first_of(name: str) -> str:
    """Return the module or package directly in ours that a dotted name belongs to."""
    return name.split(".", maxsplit=1)[0]


def name_of(path: Path) -> str:
    """Return the dotted name, within ours, of a file."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_module_has_its_layer() -> None:
    """No module is left out of the order, and none is in it that is gone."""
    assert {first_of(name_of(path)) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda it: str(it.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """Nothing points back up."""
    level = LEVEL[first_of(name_of(path))]
    for imported in own_imports(path):
        assert LEVEL[first_of(imported)] <= level, imported


@pytest.mark.parametrize("reach", [first_of, str], ids=["packages", "modules"])
def test_no_circles(reach: Callable[[str], str]) -> None:
    """Within a layer, too, no two packages need each other, and no two modules."""
    needs: dict[str, set[str]] = {}
    for path in FILES:
        needs.setdefault(reach(name_of(path)), set()).update(
            reach(imported) for imported in own_imports(path)
        )
    while needs:
        ready = {
            module
            for module, needed in needs.items()
            if not (needed - {module}) & set(needs)
        }
        assert ready, sorted(needs)
        needs = {module: it for module, it in needs.items() if module not in ready}


@pytest.mark.parametrize(
    ("module", "used"),
    [
        ("msgsms", set()),
        ("ledger", {"msgsms", "phone_number"}),
        ("phone_number", set()),
        ("privacy", set()),
        ("const", set()),
        ("templates", {"const"}),
    ],
)
def test_bottom_layers_need_little(module: str, used: set[str]) -> None:
    """What is below knows nothing of what it is used for."""
    found = {
        first_of(imported)
        for path in FILES
        if first_of(name_of(path)) == module
        for imported in own_imports(path)
    }
    assert found - {module} == used


@pytest.mark.parametrize(
    "module",
    [
        "msgsms",
        "ledger",
        "phone_number",
        "privacy",
        "templates.rules",
        "templates.mending",
        "templates.parts",
        "templates.text",
    ],
)
def test_home_assistant_is_not_needed(module: str) -> None:
    """Client, ledger, and what reads and checks values work without Home Assistant."""
    for path in FILES:
        if name_of(path) == module or name_of(path).startswith(f"{module}."):
            for imported in imports(path, PACKAGE, NAME):
                assert imported.split(".")[0] != "homeassistant", path


def test_client_stands_alone() -> None:
    """The client could be a library of its own."""
    for path in FILES:
        if first_of(name_of(path)) == "msgsms":
            for imported in imports(path, PACKAGE, NAME):
                first = imported.split(".")[0]
                if first == "custom_components":
                    assert imported.startswith(f"{NAME}.msgsms"), path
                else:
                    assert first in CLIENT_LIBRARIES | standard_library(), path


def standard_library() -> set[str]:
    """Return the names of Python's own modules."""
    import sys  # noqa: PLC0415

    return set(sys.stdlib_module_names)


def test_simulator_shares_no_code() -> None:
    """The simulator is a second opinion: it uses nothing of what it judges."""
    for path in SIMULATOR.rglob("*.py"):
        for imported in imports(path, SIMULATOR, "simulator"):
            assert imported.split(".")[0] not in ("custom_components", "homeassistant")
    for path in FILES:
        for imported in imports(path, PACKAGE, NAME):
            assert imported.split(".")[0] not in ("simulator", "tests", "scripts")
