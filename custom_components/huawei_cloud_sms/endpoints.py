"""Addresses that people type: of the platform, and of their Home Assistant."""

from enum import StrEnum
from ipaddress import ip_address
import re
from typing import Final

from yarl import URL

from homeassistant.util.network import is_host_valid, is_ip_address, is_local

from .msgsms.client import BATCH_SEND_DIFF_PATH, BATCH_SEND_PATH

# Section 1.1 of the platform's reference; the names are the platform's regions.
REGIONS: Final = {
    "cn-north-4": "https://smsapi.cn-north-4.myhuaweicloud.com",
    "cn-south-1": "https://smsapi.cn-south-1.myhuaweicloud.com",
    "ap-southeast-1": "https://smsapi.ap-southeast-1.myhuaweicloud.com",
    "eu-west-101": "https://smsapi.eu-west-101.myhuaweicloud.eu",
}

# People paste the address of a call instead of the address that all calls begin with.
_CALLS = (BATCH_SEND_PATH, BATCH_SEND_DIFF_PATH)

# People paste the whole reply address instead of the address that it begins with.
_WEBHOOK = re.compile(r"/api/webhook(/[^/]*)?$")

# Names that never lead out of one's own network; so do names without a dot.
_PRIVATE_SUFFIXES = (".home.arpa", ".internal", ".lan", ".local", ".localhost")


class AddressProblem(StrEnum):
    """Why an address cannot be used."""

    INVALID = "invalid"
    INSECURE = "insecure"
    USER_INFO = "user_info"
    QUERY = "query"
    PATH = "path"


class AddressError(Exception):
    """An address cannot be used."""

    def __init__(self, problem: AddressProblem) -> None:
        """Keep the reason; the address stays out of the text."""
        super().__init__(problem.value)
        self.problem = problem


def normalize_endpoint(text: str) -> str:
    """Return the address of the platform that a region or an address stands for.

    Raises AddressError.
    """
    text = text.strip()
    url = _parse(REGIONS.get(text, text))
    if url.path.rstrip("/") not in ("", *_CALLS):
        raise AddressError(AddressProblem.PATH)
    return str(url.origin())


def normalize_origin(text: str) -> str:
    """Return the address of a server: scheme, host and perhaps port.

    Raises AddressError.
    """
    url = _parse(text.strip())
    if url.path.rstrip("/"):
        raise AddressError(AddressProblem.PATH)
    return str(url.origin())


def region_of(endpoint: str) -> str:
    """Return the region of one of the platform's addresses, other addresses as is."""
    regions = {address: region for region, address in REGIONS.items()}
    return regions.get(endpoint, endpoint)


def normalize_public_address(text: str) -> str:
    """Return an address under which Home Assistant can be reached from outside.

    It may have a path, which a proxy then takes away. Raises AddressError.
    """
    address = str(_parse(text.strip())).rstrip("/")
    return _WEBHOOK.sub("", address).rstrip("/")


def _parse(text: str) -> URL:
    """Return an address that has nothing beyond scheme, host, port and path."""
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = URL(text)
    except ValueError:
        raise AddressError(AddressProblem.INVALID) from None
    host = url.raw_host or ""
    # blanks in a path would be percent-encoded silently, and "%" begins an IPv6 zone
    if not is_host_valid(host) or "%" in host or any(map(str.isspace, text)):
        raise AddressError(AddressProblem.INVALID)
    if url.user is not None or url.password is not None:
        raise AddressError(AddressProblem.USER_INFO)
    if "?" in text or "#" in text:
        raise AddressError(AddressProblem.QUERY)
    if url.scheme not in ("http", "https"):
        raise AddressError(AddressProblem.INVALID)
    if url.scheme == "http" and not is_private(host):
        raise AddressError(AddressProblem.INSECURE)
    return url


def is_private(host: str) -> bool:
    """Tell whether a host is surely within one's own network."""
    if is_ip_address(host):
        return is_local(ip_address(host))
    host = host.casefold().removesuffix(".")
    return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
