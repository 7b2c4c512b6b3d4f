"""The account that an application belongs to, and what its errors mean to a person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from math import ceil

import aiohttp

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import (
    CONF_ACCESS_KEY,
    CONF_ACCOUNT,
    CONF_APP_KEY,
    CONF_AUTH,
    CONF_IAM_ADDRESS,
    CONF_IAM_DOMAIN,
    CONF_IAM_PASSWORD,
    CONF_IAM_USER,
    CONF_MANAGEMENT_ADDRESS,
    CONF_PROJECT_ID,
    CONF_SECRET_KEY,
    DOMAIN,
    AccountAuth,
)
from ..msgsms.errors import InvalidRequestError, MsgSmsError
from ..msgsms.management.account import AccessKey, Account, IamUser
from ..msgsms.management.client import ManagementClient
from ..msgsms.management.errors import (
    ForbiddenError,
    ManagementError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    WrongCredentialsError,
    WrongProjectError,
    WrongProjectOrRegionError,
    WrongRegionError,
)
from ..msgsms.management.models import Application
from ..msgsms.management.regions import REGIONS
from ..sending import reactions

# About the account as a whole; each right has one of its own beside it.
ACCOUNT_ISSUE = "account_access"

# What is wrong, as far as the platform tells.
_WRONG_FIELDS: Mapping[type[WrongProjectOrRegionError], str] = {
    WrongProjectError: "project",
    WrongRegionError: "region",
    WrongProjectOrRegionError: "project_or_region",
}

# seconds
_REFUSED_FOR = 3600


class Right(StrEnum):
    """What an IAM user needs for a call, as IAM calls it."""

    APPLICATIONS = "msgsms:applications:getApp"
    SIGNATURES = "msgsms:signatures:getSignature"
    TEMPLATES = "msgsms:templates:getMsgtemplate"
    # which action each write needs is not documented; the policy has them all
    WRITE = "MSGSMS FullAccess"


class AccountError(HomeAssistantError):
    """The account could not be asked, or did not do what it was asked for.

    `lasting` is True for what only a person can mend; `retry_after` is in seconds.
    """

    def __init__(
        self,
        kind: str,
        *,
        lasting: bool,
        retry_after: float | None = None,
        **placeholders: str,
    ) -> None:
        """Keep the kind: forms, actions and issues have a text for each."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=f"account_{kind}",
            translation_placeholders=placeholders,
        )
        self.key = f"account_{kind}"
        self.placeholders = placeholders
        self.lasting = lasting
        self.retry_after = retry_after


def account_error(err: MsgSmsError, right: Right, region: str) -> AccountError:
    """Return what an error of the management API means; `right` names the call's."""
    code = (err.code if isinstance(err, ManagementError) else None) or "-"
    match err:
        case WrongCredentialsError() if reactions.is_clock_off(err.server_time):
            return AccountError("clock", lasting=False)
        case WrongCredentialsError():
            return _credentials_error(code)
        case WrongProjectOrRegionError():
            return AccountError(
                _WRONG_FIELDS[type(err)], lasting=True, code=code, region=region
            )
        case ForbiddenError():
            return AccountError(
                "forbidden", lasting=True, code=code, right=right, region=region
            )
        case RateLimitedError():
            pause = err.retry_after
            minutes = max(1, ceil((pause or 0) / 60))
            return AccountError(
                "rate", lasting=False, retry_after=pause, minutes=str(minutes)
            )
        case NotFoundError() | RejectedError() | InvalidRequestError():
            return AccountError("refused", lasting=True, code=code)
        case _:
            return AccountError("unreachable", lasting=False, code=code)


def create_client(
    session: aiohttp.ClientSession, data: Mapping[str, str]
) -> ManagementClient:
    """Return a client for an account as a config entry keeps it.

    Raises InvalidRequestError for what could not be sent.
    """
    region = REGIONS[data[CONF_REGION]]
    return ManagementClient(
        session,
        Account(
            AccessKey(data[CONF_ACCESS_KEY], data[CONF_SECRET_KEY])
            if data[CONF_AUTH] == AccountAuth.ACCESS_KEY
            else IamUser(
                data[CONF_IAM_DOMAIN], data[CONF_IAM_USER], data[CONF_IAM_PASSWORD]
            ),
            data[CONF_PROJECT_ID],
            replace(
                region,
                management=data.get(CONF_MANAGEMENT_ADDRESS, region.management),
                iam=data.get(CONF_IAM_ADDRESS, region.iam),
            ),
        ),
    )


async def async_find_application(client: ManagementClient, app_key: str) -> Application:
    """Return the record of an application; raises AccountError if there is none."""
    async for application in client.applications():
        if application.app_key == app_key:
            return application
    raise AccountError("application_missing", lasting=True)


class AccountAccess:
    """An application's way to its account, for all that need it.

    Repair issues tell of what only a person can mend about it.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: ManagementClient
    ) -> None:
        """Initialize the access with the credentials as they are now."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self.data: Mapping[str, str] = entry.data[CONF_ACCOUNT]
        # the platform's code for credentials that it refused
        self._refused: str | None = None
        self._refused_at = 0.0

    @callback
    def async_renew(self) -> None:
        """Forget what was refused: it was changed, or a person tried it again."""
        self._refused = None

    @contextmanager
    def calls(self, right: Right) -> Iterator[ManagementClient]:
        """Let calls be made that need a right; raises AccountError.

        Credentials that were refused are left alone for an hour: IAM locks users out.
        """
        now = self._hass.loop.time()
        try:
            if self._refused is not None and now < self._refused_at + _REFUSED_FOR:
                raise _credentials_error(self._refused)
            yield self._client
        except (ManagementError, InvalidRequestError) as err:
            error = account_error(err, right, self.data[CONF_REGION])
            if isinstance(err, WrongCredentialsError) and error.lasting:
                self._refused, self._refused_at = error.placeholders["code"], now
            self._tell(error, right)
            raise error from None
        except AccountError as err:
            self._tell(err, right)
            raise
        for key in (ACCOUNT_ISSUE, _issue_of(right)):
            reactions.clear_issue(self._hass, self._entry, key)

    async def async_application(self) -> Application:
        """Return the record of the application; raises AccountError."""
        with self.calls(Right.APPLICATIONS) as client:
            return await async_find_application(client, self._entry.data[CONF_APP_KEY])

    def _tell(self, error: AccountError, right: Right) -> None:
        """Raise an issue about what any other call meets as well."""
        match error.key:
            case "account_credentials" | "account_project" | "account_region":
                key = ACCOUNT_ISSUE
            case "account_project_or_region":
                key = ACCOUNT_ISSUE
            case "account_forbidden" | "account_application_missing":
                key = _issue_of(right)
            case _:
                return
        reactions.raise_issue(
            self._hass,
            self._entry,
            key,
            error.key,
            fixable=True,
            **error.placeholders,
        )


@callback
def async_clear_account_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back what was found wrong about an account."""
    for key in (ACCOUNT_ISSUE, *map(_issue_of, Right)):
        reactions.clear_issue(hass, entry, key)


def _credentials_error(code: str) -> AccountError:
    """Return what it means that the credentials were refused."""
    return AccountError("credentials", lasting=True, code=code)


def _issue_of(right: Right) -> str:
    """Return the key of the issue about a right."""
    return f"{ACCOUNT_ISSUE}_{right.name.lower()}"
