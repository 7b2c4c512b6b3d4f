"""Signatures and the files for their review in the management API."""

from dataclasses import replace
import re
import uuid

from .config import Signature
from .console import File
from .management_call import ManagementCall, Operation
from .management_errors import ManagementRefusal
from .management_lists import INVALID, listed
from .management_orders import Fields, number, one_of, read_body, text
from .management_views import TYPES, signature_view
from .records import Json

_EXISTS = "MSGSMS.0004"
_MISSING = "MSGSMS.0005"
_NOT_REJECTED = "MSGSMS.0007"
_FAILED = "MSGSMS.0029"
_NO_APPLICATION = "MSGSMS.0076"
_NOT_WAITING = "MSGSMS.0130"
_BAD_NAME = "MSGSMS.0132"
_FILTERS = (
    "app_name",
    "signature_id",
    "signature_name",
    "signature_type",
    "site",
    "status",
)
_MAX_RECORDS = 1000
_FILE_NAME = re.compile(r"[^/\\:*?\"<>|]{1,128}\.(?:jpe?g|png|gif|pdf|zip|rar|docx?)")
_BOUNDARY = re.compile(r'boundary="?(?P<text>[^";]+)')
_FILE_PART = re.compile(r'form-data; name="file"; filename="(?P<name>[^"]*)"')
_TYPES = {written: kind for kind, written in TYPES.items()}


def _view(call: ManagementCall, signature: Signature) -> Json:
    """Return a signature as it is shown."""
    return signature_view(signature, call.console, call.options.integer_ids)


def _found(call: ManagementCall) -> Signature:
    """Return the signature that is called for."""
    signature = call.console.signatures.get(call.record_id)
    if signature is None:
        raise ManagementRefusal(_MISSING, f"id={call.record_id}")
    return signature


def _list(call: ManagementCall) -> Json:
    """Answer ListSignatureDetails."""
    views = [_view(call, one) for one in call.console.signatures.values()]
    return listed(views, call.query, _FILTERS, call.options.page_limit)


def _show(call: ManagementCall) -> Json:
    """Answer ShowSignature."""
    return _view(call, _found(call))


def _create(call: ManagementCall) -> Json:
    """Answer CreateSignature."""
    fields = read_body(call.body)
    if len(call.console.signatures) >= _MAX_RECORDS:
        raise ManagementRefusal(_FAILED)
    return _write(call, call.console.new_id(), call.now, fields)


def _update(call: ManagementCall) -> Json:
    """Answer UpdateSignature."""
    signature = _found(call)
    fields = read_body(call.body)
    if signature.status != "REVIEW_NOT_PASS":
        raise ManagementRefusal(_NOT_REJECTED)
    return _write(call, signature.record_id, signature.create_time, fields)


def _write(call: ManagementCall, record_id: str, created: str, fields: Fields) -> Json:
    """Write a signature, which is then to be reviewed."""
    application = call.console.application_of(text(fields, "app_id"))
    if application is None:
        raise ManagementRefusal(_NO_APPLICATION)
    name = text(fields, "signature_name")
    if not 2 <= len(name) <= 16:
        raise ManagementRefusal(INVALID, "signature_name")
    same = call.console.signature_named(name)
    if same is not None and same.record_id != record_id:
        raise ManagementRefusal(_EXISTS)
    signature = Signature(
        record_id=record_id,
        create_time=created,
        update_time=call.now,
        name=name,
        type=_TYPES[one_of(fields, "signature_type", _TYPES)],
        status="PENDING_REVIEW",
        source=number(fields.get("signature_source", 0), "signature_source"),
        apply_desc=text(fields, "apply_desc", ""),
        app_key=application.app_key,
    )
    call.console.signatures[record_id] = signature
    view = _view(call, signature)
    return {name: view[name] for name in ("id", "signature_id", "signature_name")}


def _delete(call: ManagementCall) -> None:
    """Answer DeleteSignature."""
    del call.console.signatures[_found(call).record_id]


def _enable(call: ManagementCall) -> Json:
    """Answer EnableSignature."""
    signature = _found(call)
    if signature.status != "TO_BE_ACTIVATED":
        raise ManagementRefusal(_NOT_WAITING)
    call.console.signatures[signature.record_id] = replace(
        signature,
        status="REVIEW_PASSED",
        channel_number=signature.channel_number or call.console.new_channel(),
        update_time=call.now,
    )
    return {}


def _upload(call: ManagementCall) -> Json:
    """Answer UploadSignatureFile."""
    name, size = _read_upload(call)
    if not _FILE_NAME.fullmatch(name):
        raise ManagementRefusal(_BAD_NAME)
    if len(call.console.files) >= _MAX_RECORDS:
        raise ManagementRefusal(_FAILED)
    described = call.query.get("file_desc", "")
    file = File(uuid.uuid4().hex, name, size, described, call.now)
    call.console.files[file.id] = file
    return {"file_id": file.id}


def _read_upload(call: ManagementCall) -> tuple[str, int]:
    """Return name and size of the file in a form."""
    boundary = _BOUNDARY.search(call.content_type)
    parts = call.body.split(f"--{boundary['text']}".encode()) if boundary else []
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        match = _FILE_PART.search(head.decode("utf-8", "replace"))
        if match is not None:
            return match["name"], len(content.removesuffix(b"\r\n"))
    raise ManagementRefusal(INVALID, "file")


def _show_file(call: ManagementCall) -> Json:
    """Answer ShowSignatureFile."""
    file = call.console.files.get(call.query.get("file_id", ""))
    if file is None:
        raise ManagementRefusal(INVALID, "file_id")
    return {
        "file_id": file.id,
        "file_name": file.name,
        "file_ref": 0,
        "file_size": file.size,
        "file_type": 1,
        "module_type": 1,
        "operator": "chenguang",
        "file_desc": file.description,
        "update_time": file.update_time,
    }


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", "signatures"): _list,
    ("POST", "signatures"): _create,
    ("GET", "signatures/{id}"): _show,
    ("PUT", "signatures/{id}"): _update,
    ("DELETE", "signatures/{id}"): _delete,
    ("PUT", "signatures/{id}/active"): _enable,
    ("POST", "upload-files"): _upload,
    ("GET", "upload-files"): _show_file,
}
