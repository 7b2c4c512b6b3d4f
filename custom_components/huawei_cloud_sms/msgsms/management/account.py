"""The account that owns applications, and the two ways of proving to be it (section 9).

An application's own key and secret are no use here, nor are these for sending.
"""

from dataclasses import dataclass, field
import re

from ..errors import InvalidRequestError
from .regions import Region

# It stands before a comma in a header.
_ACCESS_KEY = re.compile(r"[!-+\--~]+")
_PROJECT = re.compile(r"[A-Za-z0-9_\-]{1,64}")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Access key and secret of an IAM user."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IamUser:
    """An IAM user; `domain` is the name of the account it belongs to."""

    domain: str = field(repr=False)
    name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Where applications are managed, and by whom.

    `project_id` is the id of the project, not its name; other addresses than the
    platform's own are a `Region` of one's own.
    """

    credentials: AccessKey | IamUser
    project_id: str = field(repr=False)
    region: Region

    def check(self) -> None:
        """Raise InvalidRequestError (empty, characters) for what cannot be sent."""
        of = self.credentials
        if isinstance(of, AccessKey):
            _check_filled(access_key=of.access_key, secret_key=of.secret_key)
            if not _ACCESS_KEY.fullmatch(of.access_key):
                raise InvalidRequestError("access_key", "characters")
        else:
            _check_filled(domain=of.domain, name=of.name, password=of.password)
        _check_filled(project_id=self.project_id)
        if not _PROJECT.fullmatch(self.project_id):
            raise InvalidRequestError("project_id", "characters")


def _check_filled(**values: str) -> None:
    """Raise InvalidRequestError for the first empty value."""
    for name, value in values.items():
        if not value:
            raise InvalidRequestError(name, "empty")
