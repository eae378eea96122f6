"""What the ledger proves of a request."""

from typing import Any

from pydantic import Field

from countenance.doors.rest.models.fields import KEY_EXAMPLE, REQUEST_EXAMPLE, TIME_EXAMPLE, Told

_ENTRY = {
    "v": 1,
    "request": REQUEST_EXAMPLE,
    "key": KEY_EXAMPLE,
    "operation": "search_faces_by_image",
    "outcome": "done",
    "time": TIME_EXAMPLE,
}
_CHECKPOINT = "The signed checkpoint that the proofs lead to, a C2SP tlog-checkpoint."
_CHECKPOINT_EXAMPLE = (
    "countenance/ledger\n412\nKXn8zC4Yz7gq7mQv9F0nq0B8i7T0S9m1y3yq1lZkq1w=\n\n— countenance/ledger …\n"
)


class ProvedEntry(Told):
    """An entry of the ledger, and the proof that it is in there."""

    place: int = Field(description="Where it stands; the first is 0.", examples=[411])
    entry: dict[str, Any] = Field(description="The entry; its canonical JSON is the leaf.", examples=[_ENTRY])
    proof: tuple[str, ...] = Field(
        description="The hashes that lead to the root (RFC 6962), in base64.",
        examples=[["m2Jr5cZ0Y9nq3mV8kq0B8i7T0S9m1y3yq1lZkq1wKXn="]],
    )


class Receipt(Told):
    """Entries of one request and their proofs, which the ledger's public key alone verifies."""

    type: str = Field(description="The format.", examples=["countenance-receipt/1"])
    request: str = Field(description="The request.", examples=[REQUEST_EXAMPLE])
    entries: tuple[ProvedEntry, ...] = Field(description="All entries of the request.")
    checkpoint: str = Field(description=_CHECKPOINT, examples=[_CHECKPOINT_EXAMPLE])


class Measurement(Told):
    """Something that was measured of a pack."""

    what: str = Field(description="What.", examples=["FNMR at FMR 1e-4"])
    value: str = Field(description="Its value.", examples=["0.0072"])
    data: str = Field(description="On which data.", examples=["LFW, view 2"])


class Pack(Told):
    """What compared faces, and how wrong it is."""

    name: str = Field(description="Its name.", examples=["dlib-cc0"])
    comparisons: int | None = Field(
        description="How many comparisons of different people its false match rates rest on.",
        examples=[17_000_000],
    )
    data: str | None = Field(description="Which data they are from.", examples=["LFW"])
    measurements: tuple[Measurement, ...] = Field(description="What was measured of it.")


class Decision(Told):
    """An answer explained: what was asked and found, how sure it is, why it was permitted."""

    request_id: str = Field(description="The request.", examples=[REQUEST_EXAMPLE])
    asked: dict[str, Any] = Field(
        description="The entry that it left: operation, key, time, outcome, reasons and results.",
        examples=[_ENTRY],
    )
    false_match_rate: float | None = Field(
        description="How often strangers reach the threshold (FMR); null where nothing was compared.",
        examples=[0.0001],
    )
    gallery_size: int | None = Field(
        description="How many faces or users were searched; null where nothing was.", examples=[1200]
    )
    expected_false_matches: float | None = Field(
        description="How many of them would reach the threshold by chance.", examples=[0.12]
    )
    pack: Pack | None = Field(description="What compared.")
    entries: tuple[ProvedEntry, ...] = Field(description="All entries of the request.")
    checkpoint: str = Field(description=_CHECKPOINT, examples=[_CHECKPOINT_EXAMPLE])
