"""Writes the pages that explain each code, from the integration's catalogue of codes.

Standard library only: it runs with whatever Python a machine has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import NotRequired, TypedDict

_PROJECT = Path(__file__).resolve().parent.parent
_CATALOGUE = (
    _PROJECT / "custom_components" / "huawei_cloud_sms" / "msgsms" / "codes.json"
)

# The catalogue says so in the notes of such entries.
_DOUBT = "certain"

_Text = dict[str, str]


class _Entry(TypedDict):
    """What a page needs of an entry."""

    code: str
    billed: NotRequired[bool]
    pattern: NotRequired[bool]
    meaning: str | _Text
    remedy: str | _Text
    note: NotRequired[str]


class _Catalogue(TypedDict):
    """The catalogue; its lists are those that the pages show."""

    texts: dict[str, _Text]
    own: list[_Entry]
    send: list[_Entry]
    report: list[_Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The words of a page around the catalogue's."""

    file: str
    language: str
    introduction: str
    send: str
    report: str
    families: str
    own: str
    columns: str
    charged: str
    not_charged: str
    any_other: str
    doubt: str


_PAGES = (
    _Page(
        file="codes.md",
        language="en",
        introduction="""\
English | [简体中文](codes.zh-Hans.md)

# Codes

What each code means and what you can do, as the integration says it in errors, in the
responses of its actions and in the attributes `meaning` and `remedy` of the event
*Delivery report*. The ones that people meet are in the [README](../README.md#troubleshooting).

*Charged*: whether the platform bills a message that ended so; `?` where the code alone
does not tell.""",
        send="""\
## Answers to sending

The state is `accepted` with `000000` and `refused` with all others.""",
        report="""\
## Status reports

The state is `delivered` with `DELIVRD` and `failed` with all others that are final.
What a code of the carriers means differs between them; new ones appear at any time.""",
        families="""\
## Status reports that are not in the list

The beginning of such a code tells where the message stopped.""",
        own="""\
## Words of the integration

They stand in the place of a code where the platform gave none.""",
        columns="| Code | Meaning | What to do | Charged |",
        charged="yes",
        not_charged="no",
        any_other="any other",
        doubt="† Not certain: what is published leaves it open.",
    ),
    _Page(
        file="codes.zh-Hans.md",
        language="zh-Hans",
        introduction="""\
[English](codes.md) | 简体中文

# 返回码与状态码

本页列出每个代码的含义和处理办法，与错误提示、动作的响应以及“状态报告”事件的
`meaning`、`remedy` 属性一致。常见的代码见 [README](../README.zh-Hans.md#故障排查)。

“计费”表示以该代码结束的短信是否收费；`?` 表示仅凭代码无法判断。""",
        send="""\
## 发送请求的返回码

返回 `000000` 时状态为 `accepted`，其他返回码均为 `refused`。""",
        report="""\
## 状态报告的状态码

`DELIVRD` 对应状态 `delivered`，其他最终状态码均对应 `failed`。
运营商的状态码含义并不统一，也随时可能出现新的状态码。""",
        families="""\
## 未单独列出的状态码

这类状态码的开头说明短信停在了哪一环节。""",
        own="""\
## 本集成自己的代码

平台没有返回代码时，用这些代码说明情况。""",
        columns="| 代码 | 含义 | 处理办法 | 计费 |",
        charged="是",
        not_charged="否",
        any_other="其他",
        doubt="† 未经证实：公开资料没有说明。",
    ),
)


def main() -> int:
    """Write the pages; returns the exit status."""
    for path, content in pages():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
        print(path)
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Return each page's file with its content."""
    catalogue: _Catalogue = json.loads(_CATALOGUE.read_text("utf-8"))
    for page in _PAGES:
        yield _PROJECT / "docs" / page.file, _written(page, catalogue)


def _written(page: _Page, catalogue: _Catalogue) -> str:
    """Return a page's content."""
    report = catalogue["report"]
    sections = (
        (page.send, catalogue["send"]),
        (page.report, [it for it in report if not it.get("pattern")]),
        (page.families, [it for it in report if it.get("pattern")]),
        (page.own, catalogue["own"]),
    )
    parts = [page.introduction]
    for heading, entries in sections:
        rows = [_row(page, entry, catalogue["texts"]) for entry in entries]
        parts += [
            heading,
            "\n".join((page.columns, "| --- | --- | --- | --- |", *rows)),
        ]
        if any(map(_doubtful, entries)):
            parts.append(page.doubt)
    return "\n\n".join(parts) + "\n"


def _row(page: _Page, entry: _Entry, texts: dict[str, _Text]) -> str:
    """Return a line of a table."""
    code = f"`{entry['code']}`"
    if entry.get("pattern"):
        beginning = entry["code"].removesuffix("*")
        code = f"`{beginning}`…" if beginning else page.any_other
    meaning, remedy = (
        (texts[text] if isinstance(text, str) else text)[page.language]
        for text in (entry["meaning"], entry["remedy"])
    )
    mark = " †" if _doubtful(entry) else ""
    billed = {True: page.charged, False: page.not_charged, None: "?"}
    charged = billed[entry.get("billed")]
    return f"| {code}{mark} | {meaning} | {remedy} | {charged} |"


def _doubtful(entry: _Entry) -> bool:
    """Tell whether the catalogue is not sure of an entry."""
    return _DOUBT in entry.get("note", "")


if __name__ == "__main__":
    sys.exit(main())
