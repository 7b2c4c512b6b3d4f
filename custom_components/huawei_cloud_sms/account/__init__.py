"""The account that an application belongs to, and how the platform approves of it."""
