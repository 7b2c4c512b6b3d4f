"""Reads untyped data (YAML, JSON) into dataclasses, with errors that name the place."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import StrEnum
import types
from typing import TYPE_CHECKING, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class InvalidValueError(ValueError):
    """A value does not fit; the text names the place, never the value."""


def read[T](kind: type[T], value: object, where: str = "") -> T:
    """Read a mapping into a dataclass.

    Raises:
        InvalidValueError: a name is unknown or missing, or a value does not fit.
    """
    converted = _values(kind, value, where)
    for field in fields(cast("type[DataclassInstance]", kind)):
        required = field.default is MISSING and field.default_factory is MISSING
        if required and field.name not in converted:
            raise InvalidValueError(f"{_join(where, field.name)} is missing")
    return kind(**converted)


def changed[T](instance: T, value: object, where: str = "") -> T:
    """Return a copy of a dataclass with the values of a mapping.

    Raises:
        InvalidValueError: a name is unknown or a value does not fit.
    """
    changes = _values(type(instance), value, where)
    return cast("T", replace(cast("DataclassInstance", instance), **changes))


def as_mapping(value: object, where: str) -> Mapping[str, object]:
    """Return the value if it is a mapping with text keys."""
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return cast("dict[str, object]", value)
    raise InvalidValueError(f"{where or 'the value'} must be an object")


def _join(where: str, name: str) -> str:
    """Return the path of a name."""
    return f"{where}.{name}" if where else name


def _values(kind: type, value: object, where: str) -> dict[str, object]:
    """Convert each value of a mapping to the type of its field."""
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    converted = {}
    for name, item in as_mapping(value, where).items():
        if name not in known:
            raise InvalidValueError(f"{_join(where, name)} is unknown")
        converted[name] = _convert(hints[name], item, _join(where, name))
    return converted


def _convert(hint: object, value: object, where: str) -> object:
    """Convert a value to a type hint."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is types.UnionType:
        if value is None and types.NoneType in arguments:
            return None
        return _convert(arguments[0], value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise InvalidValueError(f"{where} must be a list")
        return tuple(
            _convert(arguments[0], item, f"{where}[{index}]")
            for index, item in enumerate(value)
        )
    if origin is dict:
        if not isinstance(value, dict):
            raise InvalidValueError(f"{where} must be an object")
        return {
            _convert(arguments[0], key, where): _convert(
                arguments[1], item, f"{where}.{key}"
            )
            for key, item in value.items()
        }
    return _scalar(cast("type", hint), value, where)


def _scalar(hint: type, value: object, where: str) -> object:
    """Convert a value to a plain type, an enumeration or a dataclass."""
    if is_dataclass(hint):
        return value if isinstance(value, hint) else read(hint, value, where)
    if issubclass(hint, StrEnum):
        if isinstance(value, str) and value in hint:
            return hint(value)
        raise InvalidValueError(f"{where} must be one of {', '.join(hint)}")
    if hint is int and isinstance(value, str) and value.isdecimal():
        return int(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, hint) and isinstance(value, bool) == (hint is bool):
        return value
    raise InvalidValueError(f"{where} must be of type {hint.__name__}")
