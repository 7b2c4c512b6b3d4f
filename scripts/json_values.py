"""Reads values out of JSON that came over HTTP."""

from collections.abc import Mapping


class UnexpectedAnswerError(Exception):
    """An answer does not look as it should."""


def at(value: object, *path: str | int) -> object:
    """Return what lies at a path of names and positions.

    Raises UnexpectedAnswerError where there is nothing.
    """
    for step in path:
        match value, step:
            case Mapping(), str() if step in value:
                value = value[step]
            case list(), int() if -len(value) <= step < len(value):
                value = value[step]
            case _:
                raise UnexpectedAnswerError(f"nothing at {path}")
    return value


def text(value: object, *path: str | int) -> str:
    """Return the text at a path; raises UnexpectedAnswerError for anything else."""
    found = at(value, *path)
    if not isinstance(found, str):
        raise UnexpectedAnswerError(f"no text at {path}")
    return found


def number(value: object, *path: str | int) -> int:
    """Return the integer at a path; raises UnexpectedAnswerError for anything else."""
    found = at(value, *path)
    if not isinstance(found, int):
        raise UnexpectedAnswerError(f"no integer at {path}")
    return found


def items(value: object, *path: str | int) -> list[object]:
    """Return the list at a path; raises UnexpectedAnswerError for anything else."""
    found = at(value, *path)
    if not isinstance(found, list):
        raise UnexpectedAnswerError(f"no list at {path}")
    return found
