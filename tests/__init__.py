"""Tests of Huawei Cloud SMS for Home Assistant."""
