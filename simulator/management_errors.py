"""The refusals of the management API and of IAM: code, HTTP status and text."""

_REFUSALS: dict[str, tuple[int, str]] = {
    "APIGW.0101": (404, "The API does not exist or has not been published."),
    "APIGW.0301": (401, "Incorrect IAM authentication information"),
    "APIGW.0302": (403, "The IAM user is not authorized to access the API."),
    "APIGW.0307": (401, "The token must be updated."),
    "APIGW.0308": (429, "The throttling threshold has been reached"),
    "APIGW.0310": (403, "The project is unavailable."),
    "APIGW.0601": (500, "Internal server error"),
    "APIGW.0801": (403, "The service is unavailable in the selected region."),
    "APIGW.0802": (403, "The IAM user is forbidden in the selected region."),
    "MSGSMS.0001": (500, "Internal error."),
    "MSGSMS.0002": (400, "Invalid parameter."),
    "MSGSMS.0003": (401, "Unauthorized."),
    "MSGSMS.0004": (400, "The signature already exists."),
    "MSGSMS.0005": (404, "The signature does not exist."),
    "MSGSMS.0007": (400, "Only rejected signatures can be changed."),
    "MSGSMS.0008": (400, "The template already exists."),
    "MSGSMS.0009": (404, "The template does not exist."),
    "MSGSMS.0029": (500, "The operation failed."),
    "MSGSMS.0076": (404, "The application does not exist."),
    "MSGSMS.0130": (400, "The signature is not waiting for activation."),
    "MSGSMS.0132": (400, "Invalid file name."),
}


class ManagementRefusal(Exception):
    """A call is refused with a code; `detail` is what the platform adds to its text."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Take the code; status and text follow from it."""
        super().__init__(code)
        self.code = code
        self.detail = detail


def management_status(code: str) -> int:
    """Return the HTTP status that goes with a code; 400 for one that is not listed."""
    return _REFUSALS.get(code, (400, ""))[0]


def management_text(code: str) -> str:
    """Return the English text of a code."""
    return _REFUSALS.get(code, (400, "The request is refused."))[1]
