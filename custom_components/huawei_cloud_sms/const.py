"""Names that more than one module of the integration uses."""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "huawei_cloud_sms"

# An application (config entry data)
CONF_APP_KEY: Final = "app_key"
CONF_APP_SECRET: Final = "app_secret"
CONF_AUTH: Final = "auth"
CONF_ENDPOINT: Final = "endpoint"
CONF_KIND: Final = "kind"
CONF_PUSH_AK: Final = "push_ak"
CONF_PUSH_KEYS: Final = "push_keys"
CONF_PUSH_SK: Final = "push_sk"

# The account that an application belongs to (config entry data, optional)
CONF_ACCESS_KEY: Final = "access_key"
CONF_ACCOUNT: Final = "account"
CONF_IAM_ADDRESS: Final = "iam_address"
CONF_IAM_DOMAIN: Final = "iam_domain"
CONF_IAM_PASSWORD: Final = "iam_password"
CONF_IAM_USER: Final = "iam_user"
CONF_MANAGEMENT_ADDRESS: Final = "management_address"
CONF_PROJECT_ID: Final = "project_id"
CONF_SECRET_KEY: Final = "secret_key"

# The uplink address that the platform has of an application (config entry data)
CONF_PASTED_ADDRESS: Final = "pasted_address"
CONF_REPLACED_ADDRESS: Final = "replaced_address"
CONF_WRITTEN_ADDRESS: Final = "written_address"

# An application (config entry options)
CONF_DEFAULT_COUNTRY: Final = "default_country"
CONF_KEEP_TEXTS: Final = "keep_texts"
CONF_MANAGE_REPLY_ADDRESS: Final = "manage_reply_address"
CONF_MAX_PARTS_PER_DAY: Final = "max_parts_per_day"
CONF_MAX_PARTS_PER_HOUR: Final = "max_parts_per_hour"
CONF_PRICE_PER_PART: Final = "price_per_part"
CONF_PUBLIC_ADDRESS: Final = "public_address"
CONF_RETENTION_DAYS: Final = "retention_days"

# Huawei keeps sending details for as long.
DEFAULT_RETENTION_DAYS: Final = 90

DEFAULT_MAX_PARTS_PER_HOUR: Final = 30
DEFAULT_MAX_PARTS_PER_DAY: Final = 200

# A template (subentry data)
CONF_CHANNEL_NUMBER: Final = "channel_number"
CONF_DEFAULT: Final = "default"
CONF_MAX_PARTS: Final = "max_parts"
CONF_SIGNATURE: Final = "signature"
CONF_TEMPLATE_ID: Final = "template_id"
CONF_TEMPLATE_TYPE: Final = "template_type"
CONF_TEXT: Final = "text"
CONF_VARIABLES: Final = "variables"

# A variable of a template
CONF_ATTRIBUTE: Final = "attribute"
CONF_LENGTH: Final = "length"
CONF_POLICY: Final = "policy"

# A recipient (subentry data)
CONF_NUMBER: Final = "number"
CONF_TEMPLATE: Final = "template"

SUBENTRY_RECIPIENT: Final = "recipient"
SUBENTRY_TEMPLATE: Final = "template"


class AccountAuth(StrEnum):
    """The two ways of proving to be an account."""

    ACCESS_KEY = "access_key"
    PASSWORD = "password"


class Kind(StrEnum):
    """The two kinds of applications that the platform knows."""

    MAINLAND = "mainland"
    INTERNATIONAL = "international"
