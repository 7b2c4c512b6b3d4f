"""Switches of the simulator: limits, how pushes look, and the platform's unknowns."""

from dataclasses import dataclass
from enum import StrEnum


class AllowListPlace(StrEnum):
    """When the allow-list of addresses is looked at."""

    BEFORE_SIGNATURE = "before_signature"
    AFTER_SIGNATURE = "after_signature"


class ContentTypePlace(StrEnum):
    """When the Content-Type is looked at."""

    BEFORE_AUTHENTICATION = "before_authentication"
    AFTER_AUTHENTICATION = "after_authentication"


class Frequency(StrEnum):
    """Which limits per number and time hold."""

    OFF = "off"
    CURRENT = "current"
    OLDER = "older"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All switches; times are seconds.

    Attributes:
        clock_offset: How far the platform's clock is ahead of this machine's.
        frequency: Limits per number (mainland only).
        volume_limit: Messages accepted before E000623; none without.
        blocked_countries: Country codes whose quota is used up (E000630).
        mixed_code: Code of a response with good and bad numbers.
        mixed_http_status: HTTP status of such a response.
        refused_code: Code when every number is refused (once E200037).
        refused_ids: Refused numbers have an smsMsgId.
        refused_parts: `total` of a refused number.
        country_and_parts: `countryId` and `total` are in the response.
        allow_list_place: Allow-list before or after the signature.
        content_type_place: Content-Type before or after authentication.
        unsigned_payload: UNSIGNED-PAYLOAD is honoured.
        reuse_nonce: A WSSE nonce may be used again.
        wsse_failure_code: Code of a wrong WSSE digest (E000105, E000001).
        wsse_expired_code: Code of a WSSE time out of its window (E000110, E000001).
        empty_to_code: Code of an empty `to` (E000503, E000000).
        extend_too_long_code: Code of an `extend` of more than 128 characters.
        invalid_number_status: Status of an ill-formed number.
        per_element_limit: 500 numbers per element of smsContent, not per request.
        gsm_extension_length: What a GSM-7 extension character counts.
        check_text_length: The n of `${TXT_n}` is enforced.
        report_delay: From acceptance to the report.
        report_time: Reports carry `updateTime`.
        report_description: Reports carry `statusDesc`.
        report_extend: Reports carry `extend` if the request had one.
        report_number: Reports carry `to` together with `extend`.
        batch_interval: How long reports are collected for a batch.
        uplink_time: Replies carry `createTime`.
        keep_callback_query: The query of a callback address survives.
        push_body_hashed: The signature of a push covers its body.
        push_connection: Value of the Connection header of pushes.
        push_separator: What stands between the parts of a push's Authorization.
        push_timeout: How long an answer to a push is waited for.
        token_life: How long a token of IAM is good for.
        token_length: How many characters it has.
        page_limit: The most records in a page of a list.
        integer_ids: Primary keys are numbers, not text.
    """

    clock_offset: float = 0
    frequency: Frequency = Frequency.OFF
    volume_limit: int | None = None
    blocked_countries: tuple[str, ...] = ()
    mixed_code: str = "E000510"
    mixed_http_status: int = 400
    refused_code: str = "E000510"
    refused_ids: bool = True
    refused_parts: int = 0
    country_and_parts: bool = True
    allow_list_place: AllowListPlace = AllowListPlace.AFTER_SIGNATURE
    content_type_place: ContentTypePlace = ContentTypePlace.BEFORE_AUTHENTICATION
    unsigned_payload: bool = True
    reuse_nonce: bool = True
    wsse_failure_code: str = "E000105"
    wsse_expired_code: str = "E000110"
    empty_to_code: str = "E000503"
    extend_too_long_code: str = "E000503"
    invalid_number_status: str = "E200031"
    per_element_limit: bool = False
    gsm_extension_length: int = 2
    check_text_length: bool = True
    report_delay: float = 0.2
    report_time: bool = True
    report_description: bool = True
    report_extend: bool = True
    report_number: bool = True
    batch_interval: float = 0.5
    uplink_time: bool = True
    keep_callback_query: bool = True
    push_body_hashed: bool = True
    push_connection: str = "close"
    push_separator: str = ","
    push_timeout: float = 10
    token_life: float = 86_400
    token_length: int = 12_000
    page_limit: int = 100
    integer_ids: bool = False
