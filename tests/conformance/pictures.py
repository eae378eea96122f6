"""Pictures made of two photographs in the public domain: encoded, altered, and put together."""

from __future__ import annotations

import io

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

GREY = (128, 128, 128)


def opened(encoded: bytes) -> Image.Image:
    """Return a picture's pixels, upright."""
    with Image.open(io.BytesIO(encoded)) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def jpeg(image: Image.Image, quality: int = 92, **options: object) -> bytes:
    """Return a picture as JPEG."""
    return encoded(image, "JPEG", quality=quality, **options)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture in a format of Pillow's."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def side_by_side(*pictures: tuple[bytes, int]) -> bytes:
    """Return one JPEG of several pictures from left to right, each scaled to a height in pixels."""
    scaled = []
    for content, height_px in pictures:
        image = opened(content)
        scaled.append(image.resize((round(image.width * height_px / image.height), height_px)))
    canvas = Image.new("RGB", (sum(image.width for image in scaled), max(i.height for i in scaled)), GREY)
    left = 0
    for image in scaled:
        canvas.paste(image, (left, 0))
        left += image.width
    return jpeg(canvas)


def tiled(picture: bytes, columns: int, rows: int, height_px: int) -> bytes:
    """Return one JPEG that shows a picture many times."""
    image = opened(picture)
    image = image.resize((round(image.width * height_px / image.height), height_px))
    canvas = Image.new("RGB", (columns * image.width, rows * image.height), GREY)
    for place in range(columns * rows):
        canvas.paste(image, (place % columns * image.width, place // columns * image.height))
    return jpeg(canvas)


def lighter(picture: bytes, factor: float) -> bytes:
    """Return a picture of the same person that has other bytes and another brightness."""
    return jpeg(ImageEnhance.Brightness(opened(picture)).enhance(factor))


def darkened(picture: bytes) -> bytes:
    """Return a picture so dark that the quality levels from MEDIUM on refuse it, while its face is found."""
    return lighter(picture, 0.15)


def blurred(picture: bytes) -> bytes:
    """Return a picture so blurred that the quality level HIGH refuses it, while its face is found."""
    return jpeg(opened(picture).filter(ImageFilter.GaussianBlur(4)))


def smaller(picture: bytes) -> bytes:
    """Return a picture whose face is found but has too few pixels for the quality level HIGH."""
    return side_by_side((picture, 140), (empty(), 140))


def turned(picture: bytes, orientation: int) -> bytes:
    """Return the same picture stored turned, with the EXIF orientation that turns it back."""
    back = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    image = opened(picture).transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(image, exif=exif.tobytes())


def large() -> bytes:
    """Return a PNG of few bytes and 30 megapixels, which takes a while to look at."""
    return encoded(Image.new("RGB", (6_000, 5_000), GREY), "PNG")


def empty(width_px: int = 320, height_px: int = 240) -> bytes:
    """Return a JPEG that shows nobody."""
    return jpeg(Image.new("RGB", (width_px, height_px), GREY))
