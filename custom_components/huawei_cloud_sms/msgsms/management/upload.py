"""The body of an upload (section 9, UploadSignatureFile)."""

import re
import secrets

from ..errors import InvalidRequestError

# Of a whole body, by the rules of signing (section 4.1).
_MAX_BODY = 12 * 1024 * 1024
_NAME = re.compile(r'[^"\\\x00-\x1f\x7f]{1,255}')


def multipart_body(file_name: str, content: bytes) -> tuple[str, bytes]:
    """Return Content-Type and body of a form with one file in its field `file`.

    Raises InvalidRequestError for `file_name` (characters), `content` (empty, size).
    """
    if not _NAME.fullmatch(file_name):
        raise InvalidRequestError("file_name", "characters")
    if not content:
        raise InvalidRequestError("content", "empty")
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = b"".join((head.encode(), content, f"\r\n--{boundary}--\r\n".encode()))
    if len(body) > _MAX_BODY:
        raise InvalidRequestError("content", "size")
    return f"multipart/form-data; boundary={boundary}", body
