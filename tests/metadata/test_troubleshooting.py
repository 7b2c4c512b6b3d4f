"""What people see and the codes that they meet are explained."""

from pathlib import Path
import re

import pytest

from scripts import codes_pages

from .files import PACKAGE, load
from .pages import CODES, READMES, name, prose

# Headings above the tables of what people see, and of codes that they meet
BY_SYMPTOM = {READMES[0]: "### By symptom", READMES[1]: "### 按现象排查"}
BY_CODE = {READMES[0]: "### By code", READMES[1]: "### 按代码排查"}


def known_codes() -> set[str]:
    """Return the codes of the catalogue that are no families."""
    catalogue = load(PACKAGE / "msgsms" / "codes.json")
    return {
        entry["code"]
        for group in ("own", "send", "report")
        for entry in catalogue[group]
        if not entry.get("pattern")
    }


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_codes(readme: Path) -> None:
    """The codes that people meet are in the catalogue, and each is there once."""
    section = prose(readme).partition(f"\n{BY_CODE[readme]}\n")[2]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    codes = re.findall(r"`([^`]+)`", " ".join(cells))
    assert 20 <= len(codes) == len(set(codes))
    elsewhere = re.findall(r"`(E\d{6}|SC:\d{4}|MI:\d{4})`", prose(readme))
    assert {*codes, *elsewhere} <= known_codes()


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_symptoms(readme: Path) -> None:
    """What the platform is asked about most is found by what people see."""
    section = prose(readme).partition(f"\n{BY_SYMPTOM[readme]}\n")[2]
    section = section.partition(f"\n{BY_CODE[readme]}\n")[0]
    assert set(re.findall(r"`([^`]+)`", section)) >= {
        "http_404",
        "E000112",  # arrears
        "E200030",  # a template that is disabled
        "E200019",  # a signature without a channel number
        "SC:0018",  # one that the carriers do not know
        "E200028",  # signs that are not allowed
        "012345",  # a code that lost its zero
        "unconfirmed",
        "no_report",
        "MI:0144",  # garbled on the phone
    }


def test_codes_pages() -> None:
    """The pages of all codes are what the script makes of the catalogue."""
    written = dict(codes_pages.pages())
    assert set(written) == set(CODES)
    for page, content in written.items():
        assert page.read_text("utf-8") == content, "run python3 -m scripts.codes_pages"
