"""What a template and values make, and which rules that breaks; nothing is sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..const import Kind
from .mending import mend
from .parts import Estimate, estimate
from .rules import BrokenRule, Rule, broken_rules
from .template import SmsTemplate
from .text import MAX_TEXT, compose
from .variables import Variable


class TextRule(StrEnum):
    """A rule that the whole text can break."""

    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY_PARTS = "too_many_parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A rule that is broken: by the variable at a place from 1, or by the whole text.

    `offending` is the one character that must not be there, and `position` its place in
    the value from 1. There is `count` of something, but there may be `limit`.
    """

    rule: Rule | TextRule
    variable: int | None = None
    name: str | None = None
    offending: str | None = None
    position: int | None = None
    count: int | None = None
    limit: int | None = None

    @classmethod
    def of(cls, place: int, variable: Variable, broken: BrokenRule) -> Problem:
        """Return the problem that a variable has."""
        return cls(
            rule=broken.rule,
            variable=place,
            name=variable.name,
            offending=broken.offending,
            position=broken.position,
            count=broken.count,
            limit=broken.limit,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a template and values make.

    `variables` are the values as they would be sent, `text` what a phone would get,
    None if the template's text is not known here; then `parts` is what there are at
    least.
    """

    variables: tuple[str, ...] = field(repr=False)
    text: str | None = field(repr=False)
    estimate: Estimate | None
    parts: int
    problems: tuple[Problem, ...]


def draft(template: SmsTemplate, values: Sequence[str], kind: Kind) -> Draft:
    """Return what a template and as many values as it takes make.

    Values that break a rule are mended where their variable says so.
    """
    variables = template.variables or _unknown(len(values))
    mended = tuple(
        mend(variable, value, kind, template.text)
        for variable, value in zip(variables, values, strict=True)
    )
    text = None
    if template.text is not None:
        # abroad there are none, and one that is given has no effect
        signature = template.signature if kind is Kind.MAINLAND else None
        text = compose(template.text, mended, signature)
    # of one that is not known so much is there at least
    known = "".join(mended) if text is None else text
    likely = estimate(known, kind)
    problems = [
        Problem.of(place, variable, broken)
        for place, (variable, value) in enumerate(
            zip(variables, mended, strict=True), start=1
        )
        for broken in broken_rules(variable, value, kind)
    ]
    return Draft(
        variables=mended,
        text=text,
        estimate=None if text is None else likely,
        parts=likely.parts,
        problems=(*problems, *_text_problems(template, known, likely)),
    )


def _unknown(count: int) -> tuple[Variable, ...]:
    """Return variables of which nothing is known."""
    return tuple(Variable(name=str(place)) for place in range(1, count + 1))


def _text_problems(
    template: SmsTemplate, text: str, likely: Estimate
) -> Iterator[Problem]:
    """Return the rules that a whole text breaks, or what is known of it."""
    if len(text) > MAX_TEXT:
        yield Problem(rule=TextRule.TEXT_TOO_LONG, count=len(text), limit=MAX_TEXT)
    if template.max_parts is not None and likely.parts > template.max_parts:
        yield Problem(
            rule=TextRule.TOO_MANY_PARTS, count=likely.parts, limit=template.max_parts
        )
