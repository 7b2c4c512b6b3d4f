"""The durable record of messages, parts, reports and replies."""
