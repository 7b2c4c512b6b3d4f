"""Client for Huawei Cloud Message & SMS: asyncio and aiohttp, typed results.

Knows nothing of Home Assistant. Section numbers in the docstrings of this package are
those of the reference of the platform that the project keeps.
"""
