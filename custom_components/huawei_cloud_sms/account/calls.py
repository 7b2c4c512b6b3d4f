"""How a flow asks an account: one that is set up, or one that was just entered."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from homeassistant.const import CONF_REGION

from ..msgsms.errors import InvalidRequestError
from ..msgsms.management.client import ManagementClient
from ..msgsms.management.errors import ManagementError
from ..session import create_session
from .access import AccountAccess, Right, account_error, create_client

# Raises AccountError; what is asked needs the right.
type Calls = Callable[[Right], AbstractAsyncContextManager[ManagementClient]]


@asynccontextmanager
async def calls_of(
    access: AccountAccess, right: Right
) -> AsyncGenerator[ManagementClient]:
    """Let calls be made to the account of an application that runs."""
    with access.calls(right) as client:
        yield client


@asynccontextmanager
async def first_calls(
    data: Mapping[str, str], right: Right
) -> AsyncGenerator[ManagementClient]:
    """Let calls be made to an account that no application has yet."""
    async with create_session() as session:
        try:
            yield create_client(session, data)
        except (ManagementError, InvalidRequestError) as err:
            raise account_error(err, right, data[CONF_REGION]) from err
