"""Tests of the client of the management API."""
