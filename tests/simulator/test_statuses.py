"""What becomes of each number: templates, signatures, numbers, limits."""

import pytest

from .caller import (
    ABROAD,
    ABROAD_CHANNEL,
    CHANNEL,
    CHANNEL_OTHER,
    CHANNEL_VERIFICATION,
    GENERAL,
    NO_VARIABLES,
    NOT_APPROVED,
    NOTICE,
    NUMBER,
    TWO_VARIABLES,
    VERIFICATION,
    Caller,
)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"template": "0" * 32}, "E200033"),
        ({"template": ABROAD}, "E200033"),
        ({"template": NOT_APPROVED}, "E200030"),
        ({"channel": "1069000000001"}, "E200018"),
        ({"channel": CHANNEL_VERIFICATION}, "E200029"),
        ({"channel": CHANNEL_OTHER}, "E200033"),
        ({"template": GENERAL, "signature": "没有"}, "E200029"),
        ({"template": GENERAL, "signature": "晨光验证"}, "E200029"),
        ({"template": GENERAL, "signature": "晨光物业"}, "E200033"),
        ({"values": None}, "E200028"),
        ({"values": []}, "E200028"),
        ({"values": ["a", "b"]}, "E200028"),
        ({"values": [""]}, "E200028"),
        ({"values": [None]}, "E200028"),
        ({"values": ["a.b"]}, "E200028"),
        ({"template": NO_VARIABLES, "values": ["a"]}, "E200028"),
        ({"template": TWO_VARIABLES, "values": ["a"]}, "E200028"),
        ({"template": TWO_VARIABLES, "values": ["一", "a"]}, "E200028"),
        ({"to": "+8612000000000"}, "E200031"),
        ({"to": "+86137000000010"}, "E200031"),
        ({"to": "8613700000001"}, "E200031"),
        ({"to": "1+37"}, "E200031"),
        ({"to": "++8613700000001"}, "E200031"),
        ({"to": "+4915100000000"}, "E200024"),
    ],
)
async def test_refused(caller: Caller, fields: dict[str, str], status: str) -> None:
    """A number that is refused has its reason and an smsMsgId, and gets nothing."""
    answer = await caller.send(**fields)
    assert answer.code == (400, "E000510")
    assert (
        answer.json["description"]
        == "The SMS fails to be sent. For details, see status."
    )
    assert answer.statuses == [status]
    assert answer.results[0]["total"] == 0
    assert answer.ids[0]
    assert (await caller.control("GET", "messages"))["count"] == 0


async def test_international(caller: Caller, abroad: Caller) -> None:
    """International applications have their own templates and one channel number."""
    values = ["Door open"]
    for number, status in (
        ("+4915100000000", "000000"),
        ("+8613700000001", "000000"),
        ("13700000001", "E200031"),
        ("+0015100000000", "E200031"),
    ):
        answer = await abroad.send(
            number, template=ABROAD, channel=ABROAD_CHANNEL, values=values
        )
        assert answer.statuses == [status]
    for template, channel, status in (
        (ABROAD, CHANNEL, "E200018"),
        (NOTICE, ABROAD_CHANNEL, "E200033"),
    ):
        answer = await abroad.send(template=template, channel=channel, values=values)
        assert answer.statuses == [status]
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["text"] == "Home notice: Door open"


async def test_country(abroad: Caller) -> None:
    """The country is told where it is known."""
    answer = await abroad.send(
        "+85290000000,+35380000000,+12125550100,+2412000000,+999123456789",
        template=ABROAD,
        channel=ABROAD_CHANNEL,
    )
    countries = [result.get("countryId") for result in answer.results]
    assert countries == ["HK", "IE", "US", "GA", None]


async def test_general_template_chooses_channel(caller: Caller) -> None:
    """Without `from` the platform takes the channel number of the signature."""
    answer = await caller.send(template=GENERAL, channel=None, signature="晨光物业")
    assert answer.results[0]["from"] == CHANNEL_OTHER
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["text"] == "【晨光物业】通知：您好"


async def test_duplicates(caller: Caller) -> None:
    """The same content to the same number is sent once, however it is written."""
    answer = await caller.send(f"{NUMBER},13700000002,{NUMBER[3:]}")
    assert answer.statuses == ["000000", "000000", "E200041"]
    assert (await caller.control("GET", "messages"))["count"] == 2
    content = {"to": [NUMBER], "templateId": NOTICE, "templateParas": ["一"]}
    answer = await caller.send_diff(
        {
            "from": CHANNEL,
            "smsContent": [content, {**content, "templateParas": ["二"]}, content],
        }
    )
    assert answer.statuses == ["000000", "000000", "E200041"]


async def test_mixed(caller: Caller) -> None:
    """Good numbers are sent to though others are bad; code and HTTP status vary."""
    to = f"{NUMBER},+8612000000000"
    answer = await caller.send(to)
    assert answer.code == (400, "E000510")
    assert answer.statuses == ["000000", "E200031"]
    await caller.options(mixed_code="000000", mixed_http_status=200)
    assert (await caller.send(to)).code == (200, "000000")
    assert (await caller.control("GET", "messages"))["count"] == 2


async def test_options_of_refusals(caller: Caller) -> None:
    """How a refused number looks can be chosen."""
    await caller.options(
        refused_code="E200037",
        refused_ids=False,
        refused_parts=1,
        invalid_number_status="E200099",
    )
    answer = await caller.send("+8612000000000")
    assert answer.code == (400, "E200037")
    (result,) = answer.results
    assert "smsMsgId" not in result
    assert result["total"] == 1
    assert result["status"] == "E200099"


async def test_extended_variable(caller: Caller) -> None:
    """A variable whose length was extended takes so much and no more."""
    assert (await caller.send(values=["字" * 400])).statuses == ["000000"]
    assert (await caller.send(values=["字" * 401])).statuses == ["E200028"]


async def test_current_frequency(caller: Caller) -> None:
    """Two verification codes a minute, ten notices a minute, fifty a day."""
    await caller.options(frequency="current")
    code = {"template": VERIFICATION, "channel": CHANNEL_VERIFICATION}
    statuses = [
        (await caller.send(values=[str(n)], **code)).statuses[0] for n in range(3)
    ]
    assert statuses == ["000000", "000000", "E200048"]
    statuses = [(await caller.send(values=[str(n)])).statuses[0] for n in range(11)]
    assert statuses == ["000000"] * 10 + ["E200048"]
    assert (await caller.send("+8613700000002")).statuses == ["000000"]


async def test_frequency_over_a_day(caller: Caller) -> None:
    """After fifty there is nothing more for a day, and then there is again."""
    await caller.options(frequency="current")
    statuses = []
    for minute in range(51):
        # Within the tolerance of the signature: five messages every minute.
        await caller.options(clock_offset=(minute // 5) * 61)
        statuses.append((await caller.send(values=[str(minute)])).statuses[0])
    assert statuses == ["000000"] * 50 + ["E200048"]


async def test_older_frequency(caller: Caller) -> None:
    """The older page: fifteen a minute, the same content twice in 59 seconds."""
    await caller.options(frequency="older")
    statuses = [(await caller.send(values=["同"])).statuses[0] for _ in range(3)]
    assert statuses == ["000000", "000000", "E200048"]
    statuses = [(await caller.send(values=[str(n)])).statuses[0] for n in range(14)]
    assert statuses == ["000000"] * 13 + ["E200048"]
    same = []
    for minute in range(1, 5):
        await caller.options(clock_offset=minute * 61)
        same.append((await caller.send(values=["同"])).statuses[0])
    assert same == ["000000", "000000", "000000", "E200048"]


async def test_no_frequency_limit_abroad(abroad: Caller) -> None:
    """International applications have no such limit, nor has anybody by default."""
    await abroad.options(frequency="current")
    for n in range(12):
        answer = await abroad.send(
            "+4915100000000", template=ABROAD, channel=ABROAD_CHANNEL, values=[str(n)]
        )
        assert answer.statuses == ["000000"]


async def test_volume(caller: Caller) -> None:
    """When the volume is used up, or a country's quota, the request is refused."""
    await caller.options(volume_limit=1)
    assert (await caller.send()).code == (200, "000000")
    assert (await caller.send()).code == (403, "E000623")
    await caller.options(volume_limit=None, blocked_countries=["CN"])
    assert (await caller.send()).code == (403, "E000630")
    await caller.options(blocked_countries=["DE"])
    assert (await caller.send()).code == (200, "000000")


@pytest.mark.parametrize("code", ["E000106", "E000109", "E000111", "E000112"])
async def test_account(caller: Caller, code: str) -> None:
    """A frozen account, and the other states, are told to the authentic only."""
    await caller.control("PATCH", "application", {"account_code": code})
    assert (await caller.send()).code == (401, code)
    headers = caller.sign("/sms/batchSendSms/v1", b"", secret="wrong")
    answer = await caller.post("/sms/batchSendSms/v1", b"", headers)
    assert answer.code == (400, "E000045")


async def test_unusable_key(caller: Caller) -> None:
    """A key that cannot be used is told before the signature is looked at."""
    await caller.control("PATCH", "application", {"account_code": "E000103"})
    headers = caller.sign("/sms/batchSendSms/v1", b"", secret="wrong")
    answer = await caller.post("/sms/batchSendSms/v1", b"", headers)
    assert answer.code == (401, "E000103")


async def test_allow_list(caller: Caller) -> None:
    """The allow-list is looked at after the signature, or before it."""
    await caller.control("PATCH", "application", {"allowed_ips": ["203.0.113.1"]})
    answer = await caller.send()
    assert answer.code == (403, "E000620")
    assert answer.json["description"] == "The app client ip is not in ip white list."
    headers = caller.sign("/sms/batchSendSms/v1", b"", secret="wrong")
    answer = await caller.post("/sms/batchSendSms/v1", b"", headers)
    assert answer.code == (400, "E000045")
    await caller.options(allow_list_place="before_signature")
    answer = await caller.post("/sms/batchSendSms/v1", b"", headers)
    assert answer.code == (403, "E000620")
    await caller.control(
        "PATCH", "application", {"allowed_ips": ["203.0.113.1", "127.0.0.1"]}
    )
    assert (await caller.send()).code == (200, "000000")
