"""The account: what cannot be used, the regions, and what is never shown."""

from dataclasses import replace

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.errors import InvalidRequestError
from custom_components.huawei_cloud_sms.msgsms.management.account import (
    AccessKey,
    Account,
    IamUser,
)
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.regions import REGIONS, Region

BEIJING = REGIONS["cn-north-4"]
KEYS = Account(AccessKey("key", "secret"), "project", BEIJING)
USER = Account(IamUser("domain", "name", "password"), "project", BEIJING)


def test_regions() -> None:
    """Each region has the platform's own hosts; those of Europe end otherwise."""
    assert {name: (one.management, one.iam) for name, one in REGIONS.items()} == {
        "cn-north-4": (
            "https://msgsms.cn-north-4.myhuaweicloud.com",
            "https://iam.cn-north-4.myhuaweicloud.com",
        ),
        "cn-south-1": (
            "https://msgsms.cn-south-1.myhuaweicloud.com",
            "https://iam.cn-south-1.myhuaweicloud.com",
        ),
        "ap-southeast-1": (
            "https://msgsms.ap-southeast-1.myhuaweicloud.com",
            "https://iam.ap-southeast-1.myhuaweicloud.com",
        ),
        "eu-west-101": (
            "https://msgsms.eu-west-101.myhuaweicloud.eu",
            "https://iam.eu-west-101.myhuaweicloud.eu",
        ),
    }


def _region(**changes: str) -> Region:
    """Return a region with another address."""
    return replace(BEIJING, **changes)


@pytest.mark.parametrize(
    ("account", "field", "rule"),
    [
        (replace(KEYS, credentials=AccessKey("", "s")), "access_key", "empty"),
        (replace(KEYS, credentials=AccessKey("k", "")), "secret_key", "empty"),
        (replace(KEYS, credentials=AccessKey("k,y", "s")), "access_key", "characters"),
        (replace(KEYS, credentials=AccessKey("k\n", "s")), "access_key", "characters"),
        (replace(USER, credentials=IamUser("", "n", "p")), "domain", "empty"),
        (replace(USER, credentials=IamUser("d", "", "p")), "name", "empty"),
        (replace(USER, credentials=IamUser("d", "n", "")), "password", "empty"),
        (replace(KEYS, project_id=""), "project_id", "empty"),
        (replace(KEYS, project_id="a/b"), "project_id", "characters"),
        (replace(KEYS, region=_region(management="ftp://a")), "management", "url"),
        (replace(KEYS, region=_region(management="http://[")), "management", "url"),
        (replace(KEYS, region=_region(management="https://a/b")), "management", "url"),
        (replace(KEYS, region=_region(management="https://")), "management", "url"),
        (replace(KEYS, region=_region(management="https://ä")), "management", ""),
        (replace(USER, region=_region(iam="iam.example")), "iam", "url"),
    ],
)
async def test_refused(
    session: aiohttp.ClientSession, account: Account, field: str, rule: str
) -> None:
    """What cannot be put into a call is refused at once, without its value."""
    if not rule:
        ManagementClient(session, account)
        return
    with pytest.raises(InvalidRequestError) as caught:
        ManagementClient(session, account)
    assert (caught.value.field, caught.value.rule) == (field, rule)


@pytest.mark.parametrize("account", [KEYS, USER])
def test_repr(account: Account) -> None:
    """Nothing that is secret stands in a repr."""
    for word in ("secret", "password", "key", "name=", "domain", "project", "http"):
        assert word not in repr(account).replace("name='cn-north-4'", "").replace(
            "AccessKey", ""
        )
