"""Tests of what the approved text of a template tells of its variables."""

import pytest

from custom_components.huawei_cloud_sms.const import Kind
from custom_components.huawei_cloud_sms.templates.parts import Encoding, estimate
from custom_components.huawei_cloud_sms.templates.text import variables_of
from simulator.config import Kind as SimulatedKind
from simulator.segments import count_parts


@pytest.mark.parametrize(
    ("kind", "text", "variables"),
    [
        (Kind.MAINLAND, "门铃响了", []),
        (Kind.MAINLAND, "提醒：${1}", [("message", "other", None)]),
        (Kind.MAINLAND, "电话：${PHONE}", [("message", "phone", None)]),
        (
            Kind.MAINLAND,
            "${2}的${1}，${2}再见",
            [("variable_1", "other", None), ("variable_2", "other", None)],
        ),
        (
            Kind.MAINLAND,
            "${TEXT}于${DATETIME}付${MONEY}，单号${CHARDIGIT}，${TEXT}",
            [
                ("text_1", "text", None),
                ("datetime_1", "datetime", None),
                ("money_1", "money", None),
                ("chardigit_1", "chardigit", None),
                ("text_2", "text", None),
            ],
        ),
        (
            Kind.INTERNATIONAL,
            "${NUM_6} ${TXT_20} ${DATE} ${TIME}",
            [
                ("num_1", "num", 6),
                ("txt_1", "txt", 20),
                ("date_1", "date", None),
                ("time_1", "time", None),
            ],
        ),
        # what a kind does not know, or writes in another way, is nothing that is known
        (
            Kind.MAINLAND,
            "${NUM_6} ${text} ${TEXT_9} ${NEWTEXT}",
            [(f"variable_{place}", "other", None) for place in (1, 2, 3, 4)],
        ),
        (
            Kind.INTERNATIONAL,
            "${TXT} ${DATE_3} ${TEXT} ${TXT_0} ${TXT_1000}",
            [(f"variable_{place}", "other", None) for place in (1, 2, 3, 4, 5)],
        ),
    ],
)
def test_variables(
    kind: Kind, text: str, variables: list[tuple[str, str, int | None]]
) -> None:
    """Number, order, attributes and lengths are in the text; names are suggested."""
    found = variables_of(text, kind)
    assert [(it.name, it.attribute, it.length) for it in found] == variables


@pytest.mark.parametrize(
    ("kind", "text", "characters", "encoding", "parts"),
    [
        (Kind.MAINLAND, "a" * 70, 70, Encoding.UCS_2, 1),
        (Kind.MAINLAND, "a" * 71, 71, Encoding.UCS_2, 2),
        (Kind.MAINLAND, "门" * 134, 134, Encoding.UCS_2, 2),
        (Kind.MAINLAND, "门" * 135, 135, Encoding.UCS_2, 3),
        (Kind.MAINLAND, "门" * 201, 201, Encoding.UCS_2, 3),
        (Kind.MAINLAND, "门" * 202, 202, Encoding.UCS_2, 4),
        (Kind.MAINLAND, "😀" * 35, 70, Encoding.UCS_2, 1),
        (Kind.MAINLAND, "😀" * 36, 72, Encoding.UCS_2, 2),
        (Kind.INTERNATIONAL, "a" * 160, 160, Encoding.GSM_7, 1),
        (Kind.INTERNATIONAL, "a" * 161, 161, Encoding.GSM_7, 2),
        (Kind.INTERNATIONAL, "a" * 306, 306, Encoding.GSM_7, 2),
        (Kind.INTERNATIONAL, "a" * 307, 307, Encoding.GSM_7, 3),
        # an extension character counts twice
        (Kind.INTERNATIONAL, "€" * 80, 160, Encoding.GSM_7, 1),
        (Kind.INTERNATIONAL, "€" * 81, 162, Encoding.GSM_7, 2),
        (Kind.INTERNATIONAL, "a" * 70 + "ç", 71, Encoding.UCS_2, 2),
        (Kind.INTERNATIONAL, "", 0, Encoding.GSM_7, 1),
    ],
)
def test_estimate(
    kind: Kind, text: str, characters: int, encoding: Encoding, parts: int
) -> None:
    """Parts hold what section 8.4 of the reference says, as in the simulator."""
    likely = estimate(text, kind)
    assert (likely.characters, likely.encoding, likely.parts) == (
        characters,
        encoding,
        parts,
    )
    assert count_parts(text, SimulatedKind(kind)) == parts
    assert likely.cost(0.05) == round(parts * 0.05, 6)
    assert likely.cost(0.1, 3) == round(parts * 0.3, 6)
