"""Searches whose answers people must review."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from conformance import pictures

if TYPE_CHECKING:
    from rest.api import Api
    from serving import RunningServer

MOST_SIMILAR = "collins"


class Reviewed:
    """A collection whose answers people must review, with several candidates that are all alike."""

    def __init__(self, console: RunningServer, api: Api, mode: str, picture: bytes, portraits: str) -> None:
        self.collection_id = f"reviewed-{uuid.uuid4()}"
        self.picture = picture
        self.client = console.boto3_client()
        policy = {"review": mode, "portraits": portraits}
        made = api.post("/v1/collections", {"collection_id": self.collection_id, "policy": policy})
        assert made.status == 201, made.body
        opened = pictures.opened(picture)
        for name, side in ((MOST_SIMILAR, 280), ("ann", 250), ("bea", 220), ("cat", 200), ("dot", 180)):
            self.client.index_faces(
                CollectionId=self.collection_id,
                Image={"Bytes": pictures.jpeg(opened.resize((side, side)))},
                ExternalImageId=name,
                MaxFaces=1,
            )

    def ask(self) -> str:
        """Search, and return the review that the answer waits for."""
        answer = self.client.search_faces_by_image(
            CollectionId=self.collection_id, Image={"Bytes": self.picture}
        )
        return str(answer["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"])
