"""Where the management API and IAM answer (section 1.2)."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The addresses of a region: scheme, host and perhaps port."""

    name: str
    management: str = field(repr=False)
    iam: str = field(repr=False)


def _region(name: str, domain: str) -> Region:
    """Return a region whose hosts are named as all of them are."""
    return Region(
        name=name,
        management=f"https://msgsms.{name}.{domain}",
        iam=f"https://iam.{name}.{domain}",
    )


REGIONS: Final = {
    region.name: region
    for region in (
        _region("cn-north-4", "myhuaweicloud.com"),
        _region("cn-south-1", "myhuaweicloud.com"),
        _region("ap-southeast-1", "myhuaweicloud.com"),
        _region("eu-west-101", "myhuaweicloud.eu"),
    )
}
