"""Lists of the management API: narrowed, sorted and cut into pages."""

from collections.abc import Iterable, Mapping, Sequence

from .management_errors import ManagementRefusal
from .records import Json

INVALID = "MSGSMS.0002"

_DEFAULT_LIMIT = 10


def listed(
    records: Iterable[Json],
    query: Mapping[str, str],
    filters: Sequence[str],
    page_limit: int,
) -> Json:
    """Return a page of records and how many there are in all.

    Raises:
        ManagementRefusal: a number or a name in the query is bad.
    """
    found = [
        record
        for record in records
        if all(
            str(record.get(name) or "") == query[name]
            for name in filters
            if query.get(name)
        )
        and query.get("start_time", "") <= str(record["create_time"])
        and str(record["create_time"]) <= query.get("end_time", "9")
    ]
    key = query.get("sort_key")
    if key:
        if any(key not in record for record in found):
            raise ManagementRefusal(INVALID, key)
        descending = query.get("sort_dir") == "desc"
        found.sort(key=lambda record: str(record[key] or ""), reverse=descending)
    limit = min(_number(query, "limit", _DEFAULT_LIMIT), page_limit)
    offset = _number(query, "offset", 0)
    return {"results": list(found[offset : offset + limit]), "total": len(found)}


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a number of the query."""
    text = query.get(name, str(default))
    if not text.isdecimal() or len(text) > 9:
        raise ManagementRefusal(INVALID, name)
    return int(text)
