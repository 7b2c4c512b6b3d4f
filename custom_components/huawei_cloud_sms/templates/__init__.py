"""Approved templates: what they ask of their variables, filling and checking."""
