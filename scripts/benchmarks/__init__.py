"""How fast this is, beside Huawei's SDK and bare aiohttp.

Each measuring module has one function `rows(*, quick)`, which returns its figures; with
`quick` it measures so little that only the running counts.
"""
