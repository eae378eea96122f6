"""What is shown of a picture is made anew from its pixels."""

from __future__ import annotations

import io

import numpy as np
from image_files import colourful
from PIL import Image

from countenance.images import open_image, preview

ORIENTATION, DESCRIPTION = 0x0112, 0x010E


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_a_large_picture_becomes_small_and_a_small_one_keeps_its_size() -> None:
    large, small = (Image.new("RGB", size, (9, 99, 199)) for size in ((300, 150), (40, 20)))
    shown = [open_image(preview(open_image(written(each, "PNG")), 100)) for each in (large, small)]
    assert [(each.width_px, each.height_px) for each in shown] == [(100, 50), (40, 20)]
    assert {each.format for each in shown} == {"JPEG"}


def test_it_is_upright_and_holds_nothing_that_came_with_the_file() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = 6, "whose holiday this was"
    file = written(Image.fromarray(colourful(60, 30)), "JPEG", exif=exif.tobytes(), comment=b"secret")
    shown = preview(open_image(file))
    assert (open_image(shown).width_px, open_image(shown).height_px) == (30, 60)
    assert b"holiday" not in shown
    assert b"secret" not in shown
    with Image.open(io.BytesIO(shown)) as image:
        assert not image.getexif()


def test_its_colours_are_those_of_the_picture() -> None:
    red = Image.new("RGB", (32, 32), (200, 30, 40))
    pixels = open_image(preview(open_image(written(red, "PNG")))).decode().pixels
    np.testing.assert_allclose(pixels.reshape(-1, 3).mean(axis=0), (200, 30, 40), atol=3)
