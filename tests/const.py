"""What the tests' application looks like."""

APP_KEY = "ExampleAppKey00000000000001"
APP_SECRET = "ExampleAppSecret/0000+0001="

# From the simulator's own console
TEMPLATE_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a01"
TWO_VARIABLES_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a02"
NO_VARIABLES_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a03"
GENERAL_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a07"
CHANNEL_NUMBER = "8824110600001"
SIGNATURE = "晨光家园"

TEMPLATE_SUBENTRY = "01TEMPLATE0000000000000001"
RECIPIENT_SUBENTRY = "01RECIPIENT000000000000001"
RECIPIENT_NUMBER = "+8613700000001"

# Endings that the simulator treats in a way of its own
OTHER_NUMBER = "+8613700000002"

WEBHOOK_ID = "0123456789abcdef" * 4

PUSH_KEY = "ExamplePushKey0001"
PUSH_SECRET = "ExamplePushSecret0001"

# Of nobody in the simulator's console
UNKNOWN_ID = "0fffffffffffffffffffffffffffffff"

NOTIFY_ENTITY = "notify.mei"
REPORT_EVENT = "event.sms_delivery_report"
REPLY_EVENT = "event.sms_reply"
