"""A picture comes from the request, from a folder, or from S3, and each has its own limit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from image_files import colourful, encoded

from countenance.errors import ImageError, ImageTooLarge, ObjectNotReadable
from countenance.images import ImageLimits
from countenance.images.sources import LocalBuckets, PictureSources, S3Buckets, StoredObject
from serving import free_port

PIXELS = colourful(12, 9)
DATA = encoded(PIXELS, "PNG")
LIMITS = ImageLimits(max_bytes=len(DATA))


@pytest.fixture
def sources(tmp_path: Path) -> PictureSources:
    """A folder as the bucket ``holidays``, and no S3."""
    (tmp_path / "beach.png").write_bytes(DATA)
    (tmp_path / "large.png").write_bytes(DATA + b" ")
    (tmp_path / "notes.txt").write_bytes(b"buy sun cream")
    return PictureSources(LocalBuckets({"holidays": tmp_path}), None)


def test_a_picture_is_opened_wherever_it_is(sources: PictureSources) -> None:
    for source in (DATA, StoredObject("holidays", "beach.png")):
        photograph = sources.open(source, LIMITS, len(DATA))
        np.testing.assert_array_equal(photograph.decode().pixels, PIXELS)


def test_an_object_may_be_larger_than_what_a_request_carries(sources: PictureSources) -> None:
    with pytest.raises(ImageTooLarge):
        sources.open(DATA + b" ", LIMITS, len(DATA) + 1)
    photograph = sources.open(StoredObject("holidays", "large.png"), LIMITS, len(DATA) + 1)
    np.testing.assert_array_equal(photograph.decode().pixels, PIXELS)


def test_what_a_request_carries_may_be_larger_than_an_object(sources: PictureSources) -> None:
    with pytest.raises(ImageTooLarge):
        sources.open(StoredObject("holidays", "beach.png"), LIMITS, len(DATA) - 1)
    np.testing.assert_array_equal(sources.open(DATA, LIMITS, 1).decode().pixels, PIXELS)


def test_an_objects_other_limits_are_those_of_any_picture(sources: PictureSources) -> None:
    with pytest.raises(ImageTooLarge):
        sources.open(StoredObject("holidays", "beach.png"), ImageLimits(max_pixels=100), len(DATA))


def test_an_object_that_is_no_picture_is_refused_as_such(sources: PictureSources) -> None:
    with pytest.raises(ImageError) as refused:
        sources.open(StoredObject("holidays", "notes.txt"), LIMITS, len(DATA))
    assert not isinstance(refused.value, ObjectNotReadable)


def test_a_bucket_that_is_not_there_is_named_with_the_way_out(sources: PictureSources) -> None:
    with pytest.raises(ObjectNotReadable) as refused:
        sources.open(StoredObject("archive", "beach.png"), LIMITS, len(DATA))
    for word in ("archive", "[buckets]", "s3_endpoint_url"):
        assert word in str(refused.value)


def test_a_folder_comes_before_s3_which_is_not_asked_for_its_pictures(tmp_path: Path) -> None:
    (tmp_path / "beach.png").write_bytes(DATA)
    nowhere = S3Buckets(f"http://127.0.0.1:{free_port()}", "us-east-1")
    sources = PictureSources(LocalBuckets({"holidays": tmp_path}), nowhere)
    photograph = sources.open(StoredObject("holidays", "beach.png"), LIMITS, len(DATA))
    np.testing.assert_array_equal(photograph.decode().pixels, PIXELS)
    with pytest.raises(ObjectNotReadable, match="has no readable file"):
        sources.open(StoredObject("holidays", "absent.png"), LIMITS, len(DATA))
