"""Tests of what describes the integration and its repository."""
