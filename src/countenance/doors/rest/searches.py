"""`/v1/collections/{collection_id}/searches`: who is like a face, and the articles of their pictures."""

from typing import TYPE_CHECKING

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.collections import Named
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.searches import NewSearch, PictureRecord, Search, SearchMatch
from countenance.doors.rest.models.templates import FoundFace
from countenance.doors.rest.opening import opener_of
from countenance.doors.rest.templates import face_shown
from countenance.operations.search_records import search_records

if TYPE_CHECKING:
    from countenance.operations.acts import Act
    from countenance.operations.search_records import RecordedMatch

router = new_router("searches")


@router.post(
    "/collections/{collection_id}/searches",
    responses=problems(
        _400="The body is not JSON, or the picture cannot be read.",
        _404="There is no such collection.",
        _409="Another pack of models filled it.",
        _413="The picture is too large.",
    ),
)
async def search_records_by_face(call: TheCall, collection_id: Named, new: NewSearch) -> Search:
    """Search for the largest face of a picture; matches lead back to the articles of their pictures."""
    opener = opener_of(call.desk, call.key, new.image)

    def search(act: "Act") -> Search:
        found = search_records(
            call.desk.vision,
            call.desk.gallery,
            act,
            collection_id,
            opener,
            most=new.most,
            least_similarity=new.least_similarity,
        )
        return Search(
            pack=found.answer.pack,
            searched_face=FoundFace(**face_shown(found.answer.searched)),
            review_id=act.review_id,
            matches=tuple(_shown(each) for each in found.matches),
        )

    return await call.do(search)


def _shown(each: "RecordedMatch") -> SearchMatch:
    face, similarity = each.match.face, each.match.similarity
    return SearchMatch(
        face_id=face.face_id,
        image_id=face.image_id,
        external_image_id=face.external_image_id,
        user_id=face.user_id,
        similarity_percent=similarity.percent,
        false_match_rate=similarity.false_match_rate,
        records=tuple(PictureRecord(**record.as_json()) for record in each.records),
    )
