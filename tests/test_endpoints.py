"""Tests of reading addresses."""

import re
from typing import cast

from aiohttp import ClientSession
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.huawei_cloud_sms.endpoints import (
    REGIONS,
    AddressError,
    AddressProblem,
    normalize_endpoint,
    normalize_public_address,
    region_of,
)
from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.models import Credentials


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("cn-north-4", "https://smsapi.cn-north-4.myhuaweicloud.com"),
        (" eu-west-101\n", "https://smsapi.eu-west-101.myhuaweicloud.eu"),
        # as the console writes it
        (
            "https://smsapi.cn-south-1.myhuaweicloud.com:443",
            "https://smsapi.cn-south-1.myhuaweicloud.com",
        ),
        ("smsapi.example.org:10743/", "https://smsapi.example.org:10743"),
        ("HTTPS://SMSAPI.Example.org", "https://smsapi.example.org"),
        ("https://example.org/sms/batchSendSms/v1", "https://example.org"),
        ("https://example.org/sms/batchSendDiffSms/v1/", "https://example.org"),
        ("https://短信.example.org", "https://xn--vuq298g.example.org"),
        ("http://127.0.0.1:8700/", "http://127.0.0.1:8700"),
        ("http://[::1]:8700", "http://[::1]:8700"),
        ("http://10.1.2.3", "http://10.1.2.3"),
        ("http://localhost:80", "http://localhost"),
        ("http://simulator:8700", "http://simulator:8700"),
        ("http://sms.home.arpa", "http://sms.home.arpa"),
        ("http://sms.local.", "http://sms.local."),
    ],
)
def test_endpoint(typed: str, address: str) -> None:
    """Regions, pasted calls and addresses in one's own network are understood."""
    assert normalize_endpoint(typed) == address


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", AddressProblem.INVALID),
        ("https://", AddressProblem.INVALID),
        ("https://:8700", AddressProblem.INVALID),
        ("https://example.org:99999", AddressProblem.INVALID),
        ("https://example org", AddressProblem.INVALID),
        ("https://example.org/a b", AddressProblem.INVALID),
        ("https://exa_mple.org", AddressProblem.INVALID),
        ("https://1.2.3.400", AddressProblem.INVALID),
        ("http://[fe80::1%25eth0]:8700", AddressProblem.INVALID),
        ("ftp://127.0.0.1", AddressProblem.INVALID),
        ("file:///etc/hosts", AddressProblem.INVALID),
        ("https://https://example.org", AddressProblem.PATH),
        ("http://example.org", AddressProblem.INSECURE),
        ("http://8.8.8.8", AddressProblem.INSECURE),
        ("http://[2001:4860:4860::8888]", AddressProblem.INSECURE),
        ("http://local.example.org", AddressProblem.INSECURE),
        ("https://me@example.org", AddressProblem.USER_INFO),
        ("https://:secret@example.org", AddressProblem.USER_INFO),
        ("https://example.org?", AddressProblem.QUERY),
        ("https://example.org#", AddressProblem.QUERY),
        ("https://example.org/api", AddressProblem.PATH),
    ],
)
def test_endpoint_refused(typed: str, problem: AddressProblem) -> None:
    """What is wrong with an address is told apart; the address stays unnamed."""
    with pytest.raises(AddressError) as caught:
        normalize_endpoint(typed)
    assert caught.value.problem is problem
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ha.example.org/home/", "https://ha.example.org/home"),
        ("https://ha.example.org/api/webhook/0a1b/", "https://ha.example.org"),
        ("ha.example.org:8443/home/api/webhook", "https://ha.example.org:8443/home"),
        ("ha.example.org//api/webhook/0a1b", "https://ha.example.org"),
        ("ha.example.org/api/webhooks", "https://ha.example.org/api/webhooks"),
    ],
)
def test_public_address(typed: str, address: str) -> None:
    """A path may be there, but neither a last slash nor the webhook's own path."""
    assert normalize_public_address(typed) == address


def test_public_address_refused() -> None:
    """It must be as safe as an address of the platform."""
    with pytest.raises(AddressError):
        normalize_public_address("http://ha.example.org")


def test_regions() -> None:
    """All regions are addresses as they are kept, and are found again."""
    for region, address in REGIONS.items():
        assert normalize_endpoint(address) == address
        assert region_of(address) == region
    assert region_of("https://sms.example.org") == "https://sms.example.org"


@settings(deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"https?://[\[\]!-~]{1,30}"))
def test_any_address(typed: str) -> None:
    """Whatever is typed, the outcome is an address that stays, or the one error."""
    try:
        address = normalize_endpoint(typed)
    except AddressError:
        return
    assert re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", address)
    assert normalize_endpoint(address) == address
    # the client takes whatever is taken here
    SmsClient(cast("ClientSession", None), address, Credentials("key", "secret"))
