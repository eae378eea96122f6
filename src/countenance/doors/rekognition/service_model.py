"""Amazon's own description of its API, as botocore ships it: operations, and the shapes of their members."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import botocore.session

if TYPE_CHECKING:
    from botocore.model import ServiceModel

TARGET_PREFIX = "RekognitionService."


@functools.cache
def service_model() -> ServiceModel:
    """Return botocore's service model of Rekognition; reading it takes about a tenth of a second, once."""
    return botocore.session.get_session().get_service_model("rekognition")
