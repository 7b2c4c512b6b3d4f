"""Custom components; a package, so that the tests' own namespace does not hide it."""
