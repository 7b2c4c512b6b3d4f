"""Take the place of packages that only a compiler could install.

Home Assistant's front end loads nothing unless every built-in part of Home Assistant
can be imported, even those that are never used. Two of them are about voices and need
packages in C. The process gets this folder as its PYTHONPATH instead.
"""
