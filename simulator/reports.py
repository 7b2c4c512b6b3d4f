"""The bodies of the three pushes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
import json
from urllib.parse import urlencode

from .config import Application, Kind
from .options import Options
from .records import Message, Reply
from .times import write_time

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_DESCRIPTIONS = {
    "DELIVRD": "用户已成功收到短信",
    "EXPIRED": "短信已超过有效期",
    "UNDELIV": "短信未能送达",
    "REJECTD": "短信被拒绝接收",
}
_OTHER_DESCRIPTION = "短信发送失败"
_BY_PLATFORM, _BY_CARRIER, _BY_HUAWEI = "1", "2", "3"


def _source(status: str, *, made_by_platform: bool) -> str:
    """Return who made a report, as a status of this kind has it."""
    if made_by_platform:
        return _BY_PLATFORM
    if status.startswith(("SC:", "E2", "E0")):
        return _BY_HUAWEI
    return _BY_CARRIER


def report_fields(
    message: Message,
    status: str,
    part: int,
    *,
    application: Application,
    options: Options,
    made_by_platform: bool,
    now: datetime,
) -> dict[str, str]:
    """Return the fields of a status report."""
    fields = {"sequence": str(part), "total": str(message.parts)}
    if application.kind is Kind.INTERNATIONAL:
        fields["orgCode"] = "000"
    if options.report_description:
        fields["statusDesc"] = _DESCRIPTIONS.get(status, _OTHER_DESCRIPTION)
    if options.report_time and not made_by_platform:
        fields["updateTime"] = write_time(now)
    fields["source"] = _source(status, made_by_platform=made_by_platform)
    fields["smsMsgId"] = message.message_id
    fields["status"] = status
    if options.report_extend and message.extend is not None:
        fields["extend"] = message.extend
        if options.report_number:
            fields["to"] = message.number
    return fields


def reply_fields(reply: Reply, options: Options) -> dict[str, str]:
    """Return the fields of an uplink push."""
    fields = {
        "from": reply.number,
        "to": reply.channel_number,
        "body": reply.text,
        "smsMsgId": reply.message_id,
    }
    if options.uplink_time:
        fields["createTime"] = write_time(reply.at)
    return fields


def form_body(fields: Mapping[str, str]) -> bytes:
    """Encode the body of a report or reply."""
    return urlencode(fields).encode()


def batch_body(reports: Sequence[Mapping[str, object]]) -> bytes:
    """Encode the body of a batch of reports."""
    return json.dumps(
        {"statusReportList": [dict(report) for report in reports]},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
