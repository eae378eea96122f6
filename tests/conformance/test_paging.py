"""Every paginator that botocore has for what is served, with pages of several sizes against the full list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from conformance import pictures
from countenance.doors.rekognition.actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 8
LISTS = {"ListCollections": "CollectionIds", "ListFaces": "Faces", "ListUsers": "Users"}


@pytest.fixture(scope="module")
def crowded(client: Any, collins: bytes) -> Iterator[str]:
    """A collection with eight faces and eight users, beside seven other collections."""
    names = [f"page-{number}" for number in range(COUNT)]
    face = pictures.jpeg(pictures.opened(collins).crop((40, 20, 240, 260)))
    crowd = pictures.tiled(face, columns=4, rows=2, height_px=130)
    for name in names:
        client.create_collection(CollectionId=name)
        client.create_user(CollectionId=names[0], UserId=f"user-{name}")
    indexed = client.index_faces(CollectionId=names[0], Image={"Bytes": crowd}, QualityFilter="NONE")
    assert len(indexed["FaceRecords"]) == COUNT
    yield names[0]
    for name in names:
        client.delete_collection(CollectionId=name)


def test_all_of_botocores_paginators_of_what_is_served_are_tested() -> None:
    model = botocore.session.get_session().get_paginator_model("rekognition")
    paged = {name for name in ACTIONS if _has_paginator(model, name)}
    assert paged == set(LISTS)


@pytest.mark.parametrize("page_size", [1, 2, 7, 8, 9])
@pytest.mark.parametrize("operation", LISTS)
def test_the_pages_of_a_list_are_the_list(client: Any, crowded: str, operation: str, page_size: int) -> None:
    method = botocore.xform_name(operation)
    asked = {} if operation == "ListCollections" else {"CollectionId": crowded}
    full = getattr(client, method)(**asked)
    pages = list(client.get_paginator(method).paginate(**asked, PaginationConfig={"PageSize": page_size}))
    member = LISTS[operation]
    assert [item for page in pages for item in page[member]] == full[member]
    assert len(full[member]) >= COUNT
    assert all(len(page[member]) == page_size for page in pages[:-1])
    assert len(pages) == -(-len(full[member]) // page_size)
    assert "NextToken" not in pages[-1]


@pytest.mark.usefixtures("crowded")
def test_pages_of_collections_pair_each_with_its_model(client: Any) -> None:
    for page in client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 3}):
        assert len(page["FaceModelVersions"]) == len(page["CollectionIds"])


def test_a_list_goes_on_where_a_client_stopped(client: Any, crowded: str) -> None:
    pages = client.get_paginator("list_faces").paginate
    first = pages(CollectionId=crowded, PaginationConfig={"PageSize": 2, "MaxItems": 3}).build_full_result()
    rest = pages(
        CollectionId=crowded, PaginationConfig={"PageSize": 2, "StartingToken": first["NextToken"]}
    ).build_full_result()
    assert first["Faces"] + rest["Faces"] == client.list_faces(CollectionId=crowded)["Faces"]


def test_what_is_added_between_two_pages_comes_at_the_end_and_nothing_twice(
    client: Any, collection: str
) -> None:
    for number in range(4):
        client.create_user(CollectionId=collection, UserId=f"user-{number}")
    first = client.list_users(CollectionId=collection, MaxResults=2)
    client.delete_user(CollectionId=collection, UserId="user-0")
    client.create_user(CollectionId=collection, UserId="user-4")
    rest = client.list_users(CollectionId=collection, NextToken=first["NextToken"])
    listed = [user["UserId"] for user in first["Users"] + rest["Users"]]
    assert listed == [f"user-{number}" for number in range(5)]


def _has_paginator(model: Any, operation: str) -> bool:
    try:
        model.get_paginator(operation)
    except ValueError:
        return False
    return True
