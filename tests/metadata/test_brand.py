"""The pictures have the sizes that Home Assistant and HACS ask for."""

from PIL import Image
import pytest

from .files import PACKAGE

BRAND = PACKAGE / "brand"
VARIANTS = [
    f"{theme}{kind}{density}"
    for theme in ("", "dark_")
    for kind in ("icon", "logo")
    for density in ("", "@2x")
]


def test_files() -> None:
    """Every variant is there, and nothing else."""
    assert {path.name for path in BRAND.iterdir()} == {f"{it}.png" for it in VARIANTS}


@pytest.mark.parametrize("name", VARIANTS)
def test_size(name: str) -> None:
    """Icons are squares, logos have a short side of the same measure."""
    shortest = 512 if name.endswith("@2x") else 256
    with Image.open(BRAND / f"{name}.png") as image:
        assert image.format == "PNG"
        if "icon" in name:
            assert image.size == (shortest, shortest)
        else:
            assert shortest / 2 <= min(image.size) <= shortest
            assert image.width > image.height


@pytest.mark.parametrize("name", VARIANTS)
def test_transparent_and_trimmed(name: str) -> None:
    """The background is transparent, and there is no needless room around."""
    with Image.open(BRAND / f"{name}.png") as image:
        assert image.mode == "RGBA"
        alpha = image.getchannel("A")
        assert alpha.getextrema() == (0, 255)
        left, top, right, bottom = alpha.getbbox()
        across = (right - left, bottom - top)
    if "icon" in name:
        # a square has room beside or above what is not square
        assert max(across) == image.width
    else:
        assert across == image.size
