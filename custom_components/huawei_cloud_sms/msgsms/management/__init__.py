"""The client of the management API: what an account has and how it stands.

Section 9 of the platform's reference.
"""
