"""The files that the tests look at."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import tomllib
from typing import Any

import yaml

from custom_components import huawei_cloud_sms

PACKAGE = Path(huawei_cloud_sms.__file__).parent
ROOT = PACKAGE.parent.parent


def load(path: Path) -> Any:
    """Return the content of a JSON, TOML or YAML file."""
    text = path.read_text("utf-8")
    match path.suffix:
        case ".json":
            return json.loads(text)
        case ".toml":
            return tomllib.loads(text)
        case _:
            return yaml.safe_load(text)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Return the integration's modules, relative to its folder, with their syntax."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text("utf-8"))
