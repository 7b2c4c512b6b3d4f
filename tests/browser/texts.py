"""What a person reads, in both languages: our texts, and Home Assistant's buttons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import json
import re
from typing import Any

from scripts.home_assistant import PROJECT

_TRANSLATIONS = PROJECT / "custom_components" / "huawei_cloud_sms" / "translations"

# Home Assistant's own words, as both of the tested releases have them.
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "add": "Add",
        "add_integration": "Add integration",
        "configure": "Configure",
        "created": "Created configuration",
        "delete": "Delete",
        "edit": "Edit",
        "finish": "Skip and finish",
        "menu": "Menu",
        "next": "Next",
        "notifiers": "Notifiers",
        "perform": "Perform action",
        "reconfigure": "Reconfigure",
        "save": "Save",
        "submit": "Submit",
    },
    "zh-Hans": {
        "add": "添加",
        "add_integration": "添加集成",
        "configure": "配置",
        "created": "创建了配置",
        "delete": "删除",
        "edit": "编辑",
        "finish": "跳过并完成",
        "menu": "菜单",
        "next": "下一步",
        "notifiers": "通知程序",
        "perform": "执行动作",
        "reconfigure": "重新配置",
        "save": "保存",
        "submit": "提交",
    },
}

# What people write themselves.
_STORIES: dict[str, dict[str, str]] = {
    "en": {
        "template": "Home notice",
        "other_template": "Parcels",
        "person": "Mei",
        "other_person": "Lan",
        "message": "Somebody is at the door",
        "reply": "I am coming home",
    },
    "zh-Hans": {
        "template": "家中提醒",
        "other_template": "包裹通知",
        "person": "小梅",
        "other_person": "小兰",
        "message": "门口有人",
        "reply": "我马上回家",
    },
}

LANGUAGES = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class Field:
    """What belongs to a field of a form."""

    label: str
    help: str


@dataclass(frozen=True, slots=True)
class Form:
    """The texts of a step; fields by their keys, those of sections included."""

    title: str
    fields: Mapping[str, Field]
    sections: tuple[str, ...]


class Texts:
    """All texts of one language.

    Attributes:
        language: Its code.
        words: Home Assistant's own words.
        story: What people write themselves.
    """

    def __init__(self, language: str) -> None:
        """Read our translation."""
        self.language = language
        self.words = _WORDS[language]
        self.story = _STORIES[language]
        self._ours: dict[str, Any] = json.loads(
            (_TRANSLATIONS / f"{language}.json").read_text("utf-8")
        )

    def of(self, *path: str) -> str:
        """Return one of our texts."""
        found: Any = self._ours
        for key in path:
            found = found[key]
        assert isinstance(found, str)
        return found

    def keys(self, *path: str) -> list[str]:
        """Return the keys that a part of our texts has."""
        found: Any = self._ours
        for key in path:
            found = found[key]
        return list(found)

    def form(self, *path: str) -> Form:
        """Return the texts of a step."""
        step: Any = self._ours
        for key in path:
            step = step[key]
        sections = step.get("sections", {}).values()
        fields: dict[str, Field] = {}
        for part in (step, *sections):
            labels = part.get("data", {})
            fields |= {
                key: Field(labels[key], part["data_description"][key]) for key in labels
            }
        names = tuple(section["name"] for section in sections)
        return Form(step["title"], fields, names)

    def fields(self, *path: str) -> dict[str, Field]:
        """Return the texts of the fields that a line of a list has."""
        return {
            key: Field(self.of(*path, key, "name"), self.of(*path, key, "description"))
            for key in self.keys(*path)
        }

    def raw_keys(self) -> re.Pattern[str]:
        """Return what finds a key where a text should be.

        A key without an underscore may be a word; part of an id it may be as well.
        """
        keys = {key for key in _keys(self._ours) if "_" in key}
        return re.compile(
            rf"(?<![\w.])(?:{'|'.join(sorted(keys))})(?![\w.])"
            r"|component\.\w|\bui\.\w+\.|\[object |\bundefined\b|\bNaN\b"
        )


def _keys(translation: Mapping[str, Any]) -> Iterator[str]:
    """Return all keys of a translation, of all depths."""
    for key, value in translation.items():
        yield key
        if isinstance(value, Mapping):
            yield from _keys(value)
