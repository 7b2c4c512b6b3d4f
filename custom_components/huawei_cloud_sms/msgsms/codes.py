"""The catalogue of the platform's codes: what each means, what to do, how to react.

The data is in codes.json beside this file, one entry a line.
Reference: section 7 (codes), section 10 (what a code says about the credentials).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
import json
from pathlib import Path
from typing import NotRequired, TypedDict

# The longest documented code has 11 characters; what a push says is not bounded.
CODE_LIMIT = 64


class Reaction(StrEnum):
    """What the program has to do about a code, besides telling the person."""

    NONE = "none"
    REAUTHENTICATE = "reauthenticate"  # app key or app secret is wrong
    IP_NOT_ALLOWED = "ip_not_allowed"  # our address is not on the allow-list
    ACCOUNT = "account"  # the credentials are right, the account cannot send
    VOLUME_LIMIT = "volume_limit"  # a quota of the account is used up
    CLOCK = "clock"  # our clock is off; the credentials were not judged
    TRY_AGAIN = "try_again"  # nothing was sent; the same may work later
    CALLER = "caller"  # what was asked for cannot be sent as it is
    FAULT = "fault"  # this client, or a proxy, wrote a bad request


class CodeClass(StrEnum):
    """What a code is about."""

    PLATFORM = "platform"
    AUTH = "auth"
    ACCOUNT = "account"
    REQUEST = "request"
    QUOTA = "quota"
    CONTENT = "content"


@lru_cache(maxsize=8)
def _is_chinese(language: str) -> bool:
    """Return whether a language tag stands for Chinese.

    Traditional Chinese too: its readers get on better with it than with English.
    """
    return language.replace("_", "-").split("-")[0].lower() == "zh"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the languages of the catalogue."""

    english: str
    chinese: str

    def in_language(self, language: str) -> str:
        """Return the text for a language tag, English if there is no better one."""
        return self.chinese if _is_chinese(language) else self.english


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code, as it was received, and what is known about it.

    `final`: no other state follows. `billed`: whether the message is charged, None
    if that cannot be told from the code. `known`: False for a code that neither an
    entry nor a family of the catalogue covers.
    """

    code: str
    code_class: CodeClass
    reaction: Reaction
    final: bool
    delivered: bool
    billed: bool | None
    known: bool
    meaning_text: Text = field(repr=False)
    remedy_text: Text = field(repr=False)

    def meaning(self, language: str) -> str:
        """Return what happened, as a sentence for a person.

        `language` is a language tag such as "en" or "zh-Hans". Every Chinese tag
        gives Simplified Chinese, any other one English.
        """
        return self.meaning_text.in_language(language)

    def remedy(self, language: str) -> str:
        """Return what the person can do; `language` as for `meaning`."""
        return self.remedy_text.in_language(language)


type _TextData = dict[str, str]

_EntryData = TypedDict(
    "_EntryData",
    {
        "code": str,
        "class": str,
        "reaction": NotRequired[str],
        "final": NotRequired[bool],
        "delivered": NotRequired[bool],
        "billed": NotRequired[bool],
        "pattern": NotRequired[bool],
        "meaning": str | _TextData,
        "remedy": str | _TextData,
        "note": NotRequired[str],
    },
)


class _CatalogueData(TypedDict):
    """The content of codes.json."""

    about: str
    texts: dict[str, _TextData]
    own: list[_EntryData]
    send: list[_EntryData]
    report: list[_EntryData]


class _Catalogue:
    """Codes that are looked up exactly first, then by the longest pattern."""

    def __init__(
        self, entries: Iterable[_EntryData], texts: dict[str, _TextData]
    ) -> None:
        """Index the entries; the last resort is the pattern `*`."""
        self._exact: dict[str, Code] = {}
        by_prefix: dict[str, Code] = {}
        for entry in entries:
            code = _code(entry, texts)
            if entry.get("pattern", False):
                by_prefix[code.code.removesuffix("*")] = code
            else:
                self._exact[code.code] = code
        self._families = sorted(by_prefix.items(), key=lambda item: -len(item[0]))

    def find(self, code: str) -> Code:
        """Return the entry for a code, or that of its family under its own name."""
        code = code[:CODE_LIMIT].strip()
        if (exact := self._exact.get(code)) is not None:
            return exact
        family = next(
            family for prefix, family in self._families if code.startswith(prefix)
        )
        return replace(family, code=code)


def _code(entry: _EntryData, texts: dict[str, _TextData]) -> Code:
    """Make a code of its entry."""
    return Code(
        code=entry["code"],
        code_class=CodeClass(entry["class"]),
        reaction=Reaction(entry.get("reaction", "none")),
        final=entry.get("final", True),
        delivered=entry.get("delivered", False),
        billed=entry.get("billed"),
        known=entry["code"] != "*",
        meaning_text=_text(entry["meaning"], texts),
        remedy_text=_text(entry["remedy"], texts),
    )


def _text(data: str | _TextData, texts: dict[str, _TextData]) -> Text:
    """Make a text of its two languages, or of the name of a shared one."""
    languages = texts[data] if isinstance(data, str) else data
    return Text(english=languages["en"], chinese=languages["zh-Hans"])


_DATA: _CatalogueData = json.loads(
    Path(__file__).with_name("codes.json").read_text(encoding="utf-8")
)
_SEND = _Catalogue([*_DATA["own"], *_DATA["send"]], _DATA["texts"])
_REPORT = _Catalogue(_DATA["report"], _DATA["texts"])


def send_code(code: str) -> Code:
    """Look up the `code` of a response or a `status` of its result.

    Words of our own stand where there is no code, such as `unconfirmed_timeout`.
    Never raises: a code that is not in the catalogue is kept as it is (blanks around
    it removed, cut at 64 characters) and has `known` False.
    Reference: sections 7.1 and 7.2.
    """
    found = _SEND.find(code)
    if found.known:
        return found
    # The platform's own report codes, those never billed, may turn up here as well.
    report = _REPORT.find(code)
    return report if report.billed is False else found


def report_code(code: str) -> Code:
    """Look up the `status` of a status report.

    The exact entry wins, then the longest pattern. Never raises: a code that is not
    in the catalogue is kept as for `send_code` and is a final failure.
    Reference: section 7.3.
    """
    return _REPORT.find(code)
