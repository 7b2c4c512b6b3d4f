"""The READMEs and the pages behind them say the same in both languages, and are true."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import hass_frontend
import pytest
import yaml

from .files import PACKAGE, ROOT, load
from .pages import CODES, FENCED, PAGES, PAIRS, READMES, english_name, name, prose

HAN = re.compile(r"[\u4e00-\u9fff]")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PICTURE = re.compile(r'<img src="([^"]+)" alt="([^"]+)" width="(\d+)">')

# What the Chinese README puts in quotation marks or menu paths besides words of the
# user interface: the platform's console, HACS, and examples
NOT_OURS = {"消息&短信", "应用管理", "模板管理", "检测到漏水，回复 1 关闭阀门", "小梅"}
# Only newer front ends have these
OF_THE_MARKETPLACE = {"市场", "从链接添加", "自定义存储库"}


def headings(page: Path) -> list[tuple[str, str]]:
    """Return the marks and texts of a page's headings."""
    return re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)


def anchors(page: Path) -> list[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    return [
        re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-")
        for _, text in headings(page)
    ]


@pytest.mark.parametrize("pair", PAIRS, ids=english_name)
def test_headings(pair: tuple[Path, Path]) -> None:
    """Both languages have the same sections in the same order."""
    english, chinese = ([mark for mark, _ in headings(page)] for page in pair)
    assert english == chinese


def expressions(text: str) -> list[str]:
    """Return the templates in a text, without the texts in them."""
    return [re.sub(r"'[^']*'", "''", found) for found in re.findall(r"{{.*?}}", text)]


def assert_same(english: Any, chinese: Any) -> None:
    """Hold two values of examples together: only texts for people may differ."""
    if isinstance(english, dict):
        assert list(english) == list(chinese)
        for key, value in english.items():
            assert_same(value, chinese[key])
    elif isinstance(english, list):
        for pair in zip(english, chinese, strict=True):
            assert_same(*pair)
    elif english != chinese:
        assert HAN.search(chinese)
        assert expressions(english) == expressions(chinese)


def test_examples() -> None:
    """Both READMEs have the same examples, but for comments and texts for people."""
    english, chinese = (FENCED.findall(page.read_text("utf-8")) for page in READMES)
    for (language, ours), (theirs_language, theirs) in zip(
        english, chinese, strict=True
    ):
        assert language == theirs_language
        if language == "yaml":
            assert_same(yaml.safe_load(ours), yaml.safe_load(theirs))
        else:
            assert re.sub(r"#.*", "", ours) == re.sub(r"#.*", "", theirs)


def links(page: Path) -> Iterator[str]:
    """Return where a page's links go, in the names of the English pages."""
    for link in LINK.findall(prose(page)):
        if link.startswith("https://"):
            yield link
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        # an anchor is the place of its heading
        place = anchors(target).index(unquote(anchor)) if anchor else ""
        yield f"{str(target).replace('.zh-Hans.', '.')}#{place}"


@pytest.mark.parametrize("pair", PAIRS, ids=english_name)
def test_links(pair: tuple[Path, Path]) -> None:
    """Both languages link to the same places, which are there."""
    english, chinese = pair
    assert list(links(english)) == list(links(chinese))
    assert f"[简体中文]({chinese.name})" in english.read_text("utf-8")
    assert f"[English]({english.name})" in chinese.read_text("utf-8")


def test_all_pages() -> None:
    """There is no page that the tests do not look at, and examples are in READMEs."""
    assert set((ROOT / "docs").glob("*.md")) == set(PAGES) - set(READMES)
    for page in set(PAGES) - set(READMES):
        assert "```" not in page.read_text("utf-8"), page


@pytest.mark.parametrize("pair", PAIRS, ids=english_name)
def test_same_pictures(pair: tuple[Path, Path]) -> None:
    """Both languages show the same pictures, each in its language and with its text."""
    english, chinese = (PICTURE.findall(page.read_text("utf-8")) for page in pair)
    if pair == READMES:
        assert 5 <= len(english) <= 7
    for (ours, our_text, width), (theirs, their_text, their_width) in zip(
        english, chinese, strict=True
    ):
        assert ours.replace("/en/", "/zh-Hans/") == theirs
        assert width == their_width
        assert HAN.search(their_text)
        assert not HAN.search(our_text)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pictures_exist(page: Path) -> None:
    """Each picture is there, and no image is shown in another way."""
    text = page.read_text("utf-8")
    assert text.count("<img ") == len(PICTURE.findall(text))
    for file, _, _ in PICTURE.findall(text):
        assert (page.parent / file).is_file(), file


def spans(page: Path) -> list[set[str]]:
    """Return what stands in code style in each line of a page's tables."""
    lines = re.findall(r"^\|.*\|$", prose(page), re.MULTILINE)
    return [set(re.findall(r"`([^`]+)`", line)) for line in lines]


@pytest.mark.parametrize("pair", PAIRS, ids=english_name)
def test_tables(pair: tuple[Path, Path]) -> None:
    """Both languages have the same lines in their tables."""
    for english, chinese in zip(*map(spans, pair), strict=True):
        assert english == chinese


def figures(page: Path) -> list[list[str]]:
    """Return the numbers in each section of a page; small ones may be words."""
    text = LINK.sub("", PICTURE.sub("", prose(page)))
    sections = re.split(r"^#+ .+$", text, flags=re.MULTILINE)
    return [sorted(re.findall(r"\d[\d.,:]*\d", section)) for section in sections]


@pytest.mark.parametrize("pair", PAIRS, ids=english_name)
def test_figures(pair: tuple[Path, Path]) -> None:
    """Both languages name the same limits, times and lengths in each section."""
    for english, chinese in zip(*map(figures, pair), strict=True):
        assert english == chinese


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_import_buttons(readme: Path) -> None:
    """Buttons add the repository, the integration and each blueprint, as they are."""
    manifest = load(PACKAGE / "manifest.json")
    home = urlsplit(manifest["documentation"])
    owner, repository = home.path.strip("/").split("/")
    added = {"owner": owner, "repository": repository, "category": "integration"}
    blueprints = sorted((ROOT / "blueprints").rglob("*.yaml"))
    addresses = [
        f"{home.geturl()}/blob/main/{path.relative_to(ROOT).as_posix()}"
        for path in blueprints
    ]
    wanted = [
        f"hacs_repository/?{urlencode(added)}",
        f"config_flow_start/?domain={manifest['domain']}",
        *(f"blueprint_import/?{urlencode({'blueprint_url': it})}" for it in addresses),
    ]
    place = "https://my.home-assistant.io"
    buttons = re.findall(
        rf"\[!\[[^\]]+\]\({place}/badges/(\w+)\.svg\)\]\({place}/redirect/(\S+)\)",
        prose(readme),
    )
    assert [target for _, target in buttons] == wanted
    assert all(target.startswith(f"{badge}/?") for badge, target in buttons)


def words(tree: Any) -> Iterator[str]:
    """Return all texts in a JSON file."""
    match tree:
        case str():
            yield tree
        case dict() | list():
            for inner in tree.values() if isinstance(tree, dict) else tree:
                yield from words(inner)


@pytest.mark.parametrize(
    "page",
    [chinese for pair in PAIRS if pair != CODES for chinese in pair[1:]],
    ids=name,
)
def test_words_of_the_user_interface(page: Path) -> None:
    """What a Chinese page quotes is what the user interface says."""
    translations = hass_frontend.where() / "static" / "translations"
    shown = {
        text
        for file in (
            PACKAGE / "translations" / "zh-Hans.json",
            PACKAGE / "msgsms" / "codes.json",
            *translations.rglob("zh-Hans-*.json"),
        )
        for text in words(load(file))
    }
    text = prose(page)
    quoted = re.findall(r"“(.+?)”", text, re.DOTALL)
    paths = [bold for bold in re.findall(r"\*\*([^*\n]+)\*\*", text) if "→" in bold]
    found = {word.strip() for path in quoted + paths for word in path.split("→")}
    assert found or page.name == "actions.zh-Hans.md"
    assert len(found) > 20 or page != READMES[1]
    missing = {
        word
        for word in found - NOT_OURS
        # of an error the beginning is enough
        if not any(text.startswith(word) for text in shown)
    }
    assert not missing - OF_THE_MARKETPLACE
