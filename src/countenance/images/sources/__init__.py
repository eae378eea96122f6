"""Where pictures come from besides local paths: the request itself, local buckets, S3."""

from countenance.images.sources.local import LocalBuckets
from countenance.images.sources.pictures import ImageSource, PictureSources
from countenance.images.sources.s3 import S3Buckets
from countenance.images.sources.stored import StoredObject
from countenance.images.sources.videos import VideoSources

__all__ = ["ImageSource", "LocalBuckets", "PictureSources", "S3Buckets", "StoredObject", "VideoSources"]
