"""Tests of the layers: imports go one way, and each module may use what is its."""

import ast
from collections.abc import Iterator
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
        "phone_number",
        "privacy",
        "const",
        "ledger",
        "endpoints",
        "template_text",
        "variables",
        "variable_rules",
        "mending",
        "message_parts",
        "markup",
        "approval_states",
        "words",
        "session",
    },
    {
        "templates",
        "migration",
        "explain",
        "answers",
        "reactions",
        "public_address",
        "reachability",
        "forms",
        "account",
        "approval_issues",
    },
    {"account_calls", "account_records", "standing", "approvals"},
    {
        "orders",
        "filling",
        "drafting",
        "problems",
        "preparing",
        "batching",
        "exchange",
        "guard",
        "sending",
        "outbox",
        "picture",
    },
    {"application"},
    {"recipients", "responses", "permissions", "entity", "webhook", "way_back"},
    {"uplink", "pasted_address"},
    {
        "connection_form",
        "account_form",
        "push_keys_form",
        "variables_form",
        "sample_form",
        "template_form",
        "template_steps",
        "template_offer",
        "template_picking",
        "template_flow",
        "recipient_flow",
        "options_flow",
        "component",
    },
    {
        "connection_flow",
        "reply_address_flow",
        "account_flow",
        "form_repair",
        "button",
        "notify",
        "event",
        "sensor",
        "diagnostics",
        "repairs",
        "signature_activation",
        "backup",
    },
    {
        "config_flow",
        "action_orders",
        "action_fields",
        "action_terms",
        "preview",
        "batch_messages",
        "send_batch",
        "list_messages",
        "list_account",
        "services",
        "legacy_notify",
    },
    {""},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}

# What the client is made of besides Python itself
CLIENT_LIBRARIES = {"aiohttp", "orjson", "yarl"}


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
    """Return the modules or packages of ours that a file of ours imports."""
    return {
        imported.removeprefix(NAME).lstrip(".").split(".")[0]
        for imported in imports(path, PACKAGE, NAME)
        if imported.split(".")[:2] == NAME.split(".")
    }


def module_of(path: Path) -> str:
    """Return the module or package directly in ours that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_module_has_its_layer() -> None:
    """No module is left out of the order, and none is in it that is gone."""
    assert {module_of(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda it: str(it.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """Nothing points back up."""
    module = module_of(path)
    for imported in own_imports(path):
        assert LEVEL[imported] <= LEVEL[module], imported


def test_no_circles() -> None:
    """Within a layer, too, no two modules need each other."""
    needs: dict[str, set[str]] = {}
    for path in FILES:
        module = module_of(path)
        needs.setdefault(module, set()).update(own_imports(path) - {module})
    while needs:
        ready = {module for module, needed in needs.items() if not needed & set(needs)}
        assert ready, sorted(needs)
        needs = {module: it for module, it in needs.items() if module not in ready}


@pytest.mark.parametrize(
    ("module", "used"),
    [
        ("msgsms", set()),
        ("ledger", {"msgsms"}),
        ("phone_number", set()),
        ("privacy", set()),
        ("variables", {"const"}),
        ("variable_rules", {"const", "variables"}),
        ("template_text", {"const", "variables"}),
        ("message_parts", {"const"}),
        ("const", set()),
        ("templates", {"const", "variables"}),
    ],
)
def test_bottom_layers_need_little(module: str, used: set[str]) -> None:
    """What is below knows nothing of what it is used for."""
    found = set()
    for path in FILES:
        if module_of(path) == module:
            found |= own_imports(path)
    assert found - {module} == used


@pytest.mark.parametrize(
    "module",
    [
        "msgsms",
        "ledger",
        "phone_number",
        "privacy",
        "variable_rules",
        "mending",
        "message_parts",
        "template_text",
    ],
)
def test_home_assistant_is_not_needed(module: str) -> None:
    """Client, ledger, and what reads and checks values work without Home Assistant."""
    for path in FILES:
        if module_of(path) == module:
            for imported in imports(path, PACKAGE, NAME):
                assert imported.split(".")[0] != "homeassistant", path


def test_client_stands_alone() -> None:
    """The client could be a library of its own."""
    for path in FILES:
        if module_of(path) == "msgsms":
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
