"""What is asked of an evaluation that a server makes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from countenance.evaluation.datasets.opening import KINDS
from countenance.evaluation.targets.engine import FaceRule
from countenance.operations.evaluate import Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DATA_SET_KINDS", "EvaluationAsked", "FaceRule", "Protocol"]

DATA_SET_KINDS = {name: kind.variants for name, kind in KINDS.items() if name != "sklearn-lfw"}
"""The kinds of data set that may lie in a bucket, and the variants of each, the first of which is meant."""


@dataclass(frozen=True, slots=True)
class EvaluationAsked:
    """What is to be measured, with which data set.

    Attributes:
        bucket: the local bucket in which the data set lies.
        path: the list or the folder, in the bucket; empty for the whole bucket.
        protocols: what is measured, in this order.
        kind: of data set, a name of `DATA_SET_KINDS`; None where it is to be guessed.
        variant: of the kind; None for its first.
        images: the folder in the bucket that the file names of a list start from, where it is not the list's.
        groups: a CSV in the bucket that adds demographic groups.
        columns: of a table, the those of file, subject and groups; empty for ``file`` and ``subject``.
        face: which of several faces in a picture is its subject.
        calibration: whether it is also checked that similarities mean what they say.
    """

    bucket: str
    path: str
    protocols: tuple[Protocol, ...]
    kind: str | None = None
    variant: str | None = None
    images: str | None = None
    groups: str | None = None
    columns: tuple[str, ...] = ()
    face: FaceRule = FaceRule.LARGEST
    calibration: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as parameters of a job."""
        return asdict(self) | {
            "protocols": [protocol.value for protocol in self.protocols],
            "columns": list(self.columns),
            "face": self.face.value,
        }

    @classmethod
    def from_json(cls, parameters: Mapping[str, Any]) -> Self:
        """Return it as it was before `as_json`."""
        given = dict(parameters) | {
            "protocols": tuple(map(Protocol, parameters["protocols"])),
            "columns": tuple(parameters["columns"]),
            "face": FaceRule(parameters["face"]),
        }
        return cls(**given)
