"""The platform's refusals of a whole request: code, HTTP status and text."""

ACCEPTED = "000000"

# Codes whose text is not known have one of our own; clients must not read it.
_REFUSALS: dict[str, tuple[int, str]] = {
    "E000000": (400, "System error."),
    "E000001": (400, "Authorization not contained in the HTTP header."),
    "E000002": (400, "realm not contained in Authorization."),
    "E000003": (400, "profile not contained in Authorization."),
    "E000004": (400, "The value of realm in Authorization must be SDP."),
    "E000005": (400, "The value of profile in Authorization must be UsernameToken."),
    "E000006": (400, "The value of type in Authorization must be app_key."),
    "E000007": (400, "type not contained in Authorization."),
    "E000008": (400, "WSSE not contained in Authorization."),
    "E000020": (400, "X-WSSE not contained in the HTTP header."),
    "E000021": (400, "UserName not contained in X-WSSE."),
    "E000022": (400, "Nonce not contained in X-WSSE."),
    "E000023": (400, "Created not contained in X-WSSE."),
    "E000024": (400, "PasswordDigest not contained in X-WSSE."),
    "E000025": (400, "The format of Created in X-WSSE is incorrect."),
    "E000026": (400, "UsernameToken not contained in X-WSSE."),
    "E000027": (400, "Illegal request."),
    "E000040": (400, "The Content-Type is incorrect."),
    "E000041": (400, "X-Sdk-Date header is empty."),
    "E000042": (400, "The format of X-Sdk-Date header is invalid."),
    "E000043": (400, "The format of Authorization is invalid."),
    "E000044": (400, "X-Sdk-Date has expired."),
    "E000045": (400, "Signature verification failed."),
    "E000101": (401, "Authentication failed."),
    "E000102": (401, "Invalid app_key."),
    "E000103": (401, "The app_key is unavailable."),
    "E000104": (401, "Invalid app_secret."),
    "E000105": (401, "Invalid PasswordDigest."),
    "E000106": (401, "The app_key has no permission to call this API."),
    "E000109": (401, "The user status is deactivated."),
    "E000110": (401, "Time out limit."),
    "E000111": (401, "The user name or password is incorrect."),
    "E000112": (401, "The subscriber status is frozen."),
    "E000503": (400, "The parameter format is incorrect."),
    "E000510": (400, "The SMS fails to be sent. For details, see status."),
    "E000620": (403, "The app client ip is not in ip white list."),
    "E000623": (403, "The number of SMSs sent reaches the limit."),
    "E000630": (403, "The quota of the country or region is used up."),
    "E200037": (400, "The SMS fails to be sent. For details, see status."),
}


class RefusedRequestError(Exception):
    """The request as a whole is refused with a code."""

    def __init__(self, code: str) -> None:
        """Take the code; status and text follow from it."""
        super().__init__(code)
        self.code = code

    @property
    def http_status(self) -> int:
        """HTTP status that goes with the code; 400 for one that is not listed."""
        return http_status(self.code)


def http_status(code: str) -> int:
    """Return the HTTP status of a response with this code."""
    if code == ACCEPTED:
        return 200
    return _REFUSALS.get(code, (400, ""))[0]


def description(code: str) -> str:
    """Return the English text of a code."""
    if code == ACCEPTED:
        return "Success"
    return _REFUSALS.get(code, (400, "The request is refused."))[1]
