"""Takes the place of a package that cleans up sound; it is imported, never used."""


class AudioProcessor:
    """Cleans up nothing."""
