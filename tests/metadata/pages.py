"""The pages that people read, in both languages."""

from pathlib import Path
import re

from .files import ROOT

# The English page first
PAIRS = [
    (ROOT / "README.md", ROOT / "README.zh-Hans.md"),
    (ROOT / "docs" / "codes.md", ROOT / "docs" / "codes.zh-Hans.md"),
    (ROOT / "docs" / "account.md", ROOT / "docs" / "account.zh-Hans.md"),
    (ROOT / "docs" / "actions.md", ROOT / "docs" / "actions.zh-Hans.md"),
    (ROOT / "docs" / "templates.md", ROOT / "docs" / "templates.zh-Hans.md"),
]
READMES = PAIRS[0]
CODES = PAIRS[1]
PAGES = [page for pair in PAIRS for page in pair]

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    """Name the case of a test."""
    return path.name


def english_name(pair: tuple[Path, Path]) -> str:
    """Name the case of a test of two pages."""
    return pair[0].name


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCED.sub("", page.read_text("utf-8"))
