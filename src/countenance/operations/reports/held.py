"""The sections of a subject's report that show what is held of them, from faces to appearances in videos."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.governance import ReviewState, expiry_of
from countenance.reporting import Fact, Numbers, Picture, Section, Table, columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from countenance.archive.values import PictureRecord
    from countenance.governance import Consent, Expiry, Review
    from countenance.operations.reports.holdings import HeldFace, Holdings
    from countenance.reporting import Plain, Value


def face_sections(held: Holdings, law: str) -> Iterator[Section]:
    """Yield a section for each face."""
    for number, each in enumerate(held.faces, 1):
        heading = f"Face {number} of {len(held.faces)}, in {each.where.collection_id}"
        yield Section("face", heading, law, "", tuple(_face_facts(held, each)))


def _face_facts(held: Holdings, each: HeldFace) -> Iterator[Fact]:
    face, expiry = each.face, _expiry(held, each)
    yield Fact("face_id", "Face id", face.face_id)
    yield Fact("collection", "Collection", each.where.collection_id)
    yield Fact("purpose", "Purpose", each.where.purpose)
    yield Fact("external_image_id", "External image id", face.external_image_id)
    yield Fact("user_id", "User id", face.user_id)
    yield Fact("image_id", "Id of the picture it is from", face.image_id)
    yield Fact("source", "Where the picture came from", face.source)
    yield Fact("enrolled_at", "Enrolled", face.enrolled_at)
    yield Fact("last_interaction_at", "Last interaction", each.last_interaction_at)
    yield Fact("expires_at", "Will be erased", expiry.at if expiry else None)
    yield Fact("expiry_clause", "By the clause", expiry.clause if expiry else None)
    yield Fact("under_hold", "Kept by a legal hold", _under_hold(held, each))
    yield Fact("usable", "Searches may find it now", each.usable)
    if each.group is not None:
        yield Fact("group_id", "Group of one person's faces that it is in", each.group.group_id)
        yield Fact("group_faces", "Faces in that group", each.group.face_count)
        yield Fact("group_confirmed", "Somebody confirmed that it belongs there", each.in_group_confirmed)
    if each.records:
        yield Fact("records", "What its picture came with", tuple(map(_in_words, each.records)))
    yield Fact("box_left", "Left edge, share of the picture's width", face.box.left)
    yield Fact("box_top", "Top edge, share of its height", face.box.top)
    yield Fact("box_width", "Width, share of its width", face.box.width)
    yield Fact("box_height", "Height, share of its height", face.box.height)
    yield Fact("confidence", "How sure it is that this is a face, 0–100", face.confidence)
    yield Fact("quality", "Quality of the picture, 0–100", face.quality)
    yield Fact("pack", "Pack of models that made the template", each.where.collection.pack)
    yield Fact("portrait_kept", "A picture is kept", each.has_portrait)
    yield Fact("portrait", "The picture", _picture(each))
    yield Fact("damaged", "Kept, but cannot be opened any more", each.damaged)
    if each.template is not None or "template" in each.damaged:
        yield Fact("template", "The template", Numbers(each.template or ()))


def _in_words(record: PictureRecord) -> str:
    """Return what a picture came with in a line."""
    told = (record.title, record.published_at, record.provider, record.web_url, *record.topics)
    related = (record.related_title, record.related_url)
    tags = (f"{name}={value}" for name, value in record.tags.items())
    known = [each for each in (*told, *related, *tags) if each]
    return ", ".join((*known, f"in {record.source_file}"))


def _picture(each: HeldFace) -> Picture | None:
    if each.portrait is None:
        return None
    return Picture(each.portrait, "image/jpeg", f"The picture that is kept of face {each.face.face_id}")


def _expiry(held: Holdings, each: HeldFace) -> Expiry | None:
    if each.where.policy is None:
        return None
    consents = [
        consent
        for consent in held.consents
        if (consent.subject, consent.purpose) == (each.face.consenting, each.where.purpose)
    ]
    return expiry_of(each.where.policy, each.face.enrolled_at, each.last_interaction_at, consents)


def _under_hold(held: Holdings, each: HeldFace) -> bool:
    names = (each.face.external_image_id, each.face.user_id)
    return any(hold.subject in names and hold.released_at is None for hold in held.holds)


def users_section(held: Holdings, law: str) -> Section:
    """Return the users of the subject's name."""
    heads = columns(collection="Collection", user_id="User id", faces="Faces")
    rows = tuple((where.collection_id, user.user_id, user.face_count) for where, user in held.users)
    table = Table("Users", heads, rows, "There is no user of that name.")
    text = "A user is a person whose faces are searched for as one."
    return Section("users", "Users", law, text, table=table)


def consent_sections(held: Holdings, names: Mapping[str, str], law: str) -> Iterator[Section]:
    """Yield a section for each consent."""
    for number, consent in enumerate(held.consents, 1):
        heading = f"Consent {number} of {len(held.consents)}, to {consent.purpose}"
        yield Section("consent", heading, law, "", _consent_facts(consent, names))


def _consent_facts(consent: Consent, names: Mapping[str, str]) -> tuple[Fact, ...]:
    return (
        Fact("consent_id", "Consent id", consent.consent_id),
        Fact("subject", "Subject", consent.subject),
        Fact("purpose", "Purpose", consent.purpose),
        Fact("state", "State", consent.state(datetime.now(UTC))),
        Fact("method", "How it was given", consent.method.value),
        Fact("signer", "Signed by somebody else", consent.signer),
        Fact("notice_version", "Version of the notice", consent.notice_version),
        Fact("notice_sha256", "SHA-256 of the notice", consent.notice_sha256),
        Fact("given_at", "Given", consent.given_at),
        Fact("expires_at", "Ends", consent.expires_at),
        Fact("withdrawn_at", "Withdrawn", consent.withdrawn_at),
        Fact("evidence_type", "Evidence, its media type", consent.evidence_type),
        Fact("evidence_sha256", "SHA-256 of the evidence", consent.evidence_sha256),
        Fact("recorded_at", "Recorded", consent.recorded_at),
        Fact("recorded_by", "Recorded by the access key", consent.recorded_by),
        Fact("recorded_by_name", "Whose name is", names.get(consent.recorded_by)),
    )


def holds_section(held: Holdings, names: Mapping[str, str], law: str) -> Section:
    """Return the legal holds."""
    heads = columns(
        hold_id="Hold",
        subject="Subject",
        reference="Reference",
        placed_at="Placed",
        placed_by="Placed by",
        released_at="Released",
        released_by="Released by",
    )
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (
            hold.hold_id,
            hold.subject,
            hold.reference,
            hold.placed_at,
            names.get(hold.placed_by, hold.placed_by),
            hold.released_at,
            names.get(hold.released_by, hold.released_by) if hold.released_by else None,
        )
        for hold in held.holds
    )
    table = Table("Legal holds", heads, rows, "There is no legal hold.")
    text = "A legal hold keeps what is held from being erased until it is released."
    return Section("holds", "Legal holds", law, text, table=table)


def reviews_section(held: Holdings, names: Mapping[str, str], law: str) -> Section:
    """Return the reviews in which the subject is a candidate; votes are shown once they are decided."""
    heads = columns(
        review_id="Review",
        request_id="Request",
        collection="Collection",
        asked_by="Asked by",
        mode="Mode",
        state="State",
        similarity="Similarity",
        created_at="Asked",
        decided_at="Decided",
        verdicts="Verdicts",
        notes="Notes",
    )
    rows = tuple(_review_row(held, review, names) for review in held.reviews)
    table = Table("Reviews", heads, rows, "The subject is in no review.")
    text = "Answers in which the subject was found, and that people had to review before they counted."
    return Section("reviews", "Reviews", law, text, table=table)


def _review_row(held: Holdings, review: Review, names: Mapping[str, str]) -> tuple[Value, ...]:
    similarity = max(
        candidate.similarity_percent for candidate in review.candidates if held.is_candidate(candidate)
    )
    votes = review.votes if review.state is not ReviewState.OPEN else ()
    return (
        review.review_id,
        review.request_id,
        review.collection_id,
        names.get(review.asked_by, review.asked_by),
        review.mode.value,
        review.state.value,
        round(similarity, 2),
        review.created_at,
        review.decided_at,
        tuple(vote.verdict.value for vote in votes),
        tuple(vote.note for vote in votes if vote.note),
    )


def jobs_section(held: Holdings, names: Mapping[str, str], law: str) -> Section:
    """Return what jobs are still to do with the subject, or could not do."""
    heads = columns(
        job_id="Job",
        kind="What it does",
        collection="Collection",
        asked_by="Asked by",
        asked_at="Asked",
        item="Item",
        subject="Named as",
        state="State",
        reason="Why",
    )
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (
            job.job_id,
            job.asked.kind,
            job.asked.collection_id,
            names.get(job.asked.asked_by, job.asked.asked_by),
            job.created_at,
            item.asked.name.encode(errors="backslashreplace").decode(),  # a file's name may be no text
            item.asked.subject,
            item.state.value,
            item.reason,
        )
        for job, item in held.job_items
    )
    table = Table("Jobs", heads, rows, "No job names the subject.")
    text = "Pictures and other items that are said to show the subject and are waiting, or could not be used."
    return Section("jobs", "Jobs", law, text, table=table)


def videos_section(held: Holdings, names: Mapping[str, str], law: str) -> Section:
    """Return the videos in which somebody like the subject was found."""
    heads = columns(
        job_id="Job",
        collection="Collection",
        asked_by="Asked by",
        asked_at="Asked",
        bucket="Bucket",
        video="Video",
        begin_ms="Seen from, in milliseconds",
        end_ms="Until",
        similarity="Similarity",
    )
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (
            seen.job.job_id,
            seen.job.asked.collection_id,
            names.get(seen.job.asked.asked_by, seen.job.asked.asked_by),
            seen.job.created_at,
            seen.job.asked.parameters["bucket"],
            seen.job.asked.parameters["name"],
            seen.begin_ms,
            seen.end_ms,
            round(seen.similarity.percent, 2),
        )
        for seen in held.videos
    )
    table = Table("Videos", heads, rows, "Nobody like the subject was found in a video.")
    text = "Where in videos somebody was seen who is like a face of the subject, as long as results are kept."
    return Section("videos", "Videos", law, text, table=table)
