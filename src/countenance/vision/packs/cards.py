"""A pack's model card in Markdown: licence, parts, where its files come from, what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import PackError
from countenance.vision.packs.description import (
    Beside,
    Download,
    Member,
    Origin,
    PackDescription,
    Recipe,
    find_pack,
)
from countenance.vision.packs.installation import verify
from countenance.vision.packs.measured import measured_sections
from countenance.vision.packs.prepared.recipes import RECIPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def card(name_or_path: str | Path, *, cache_dir: Path | None = None) -> str:
    """Return a pack's card; it shows the checksums of the files on this machine, or those they must have.

    Raises:
        PackUnknown: there is no such pack.
        PackBroken: its description is not valid.
    """
    description = find_pack(name_or_path).description
    try:
        sums = dict(verify(name_or_path, cache_dir=cache_dir).sha256)
    except PackError:
        sums = {}
    sections = [_head(description), _parts(description), _files(description, sums), _measured(description)]
    if name_or_path == description.name:  # of the catalogue: another pack of that name was not measured
        sections.append(measured_sections(description.name))
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(description: PackDescription) -> str:
    licence = description.licence
    accepted = "; it must be accepted before the pack is installed" if licence.needs_acceptance else ""
    note = f" ({licence.note})" if licence.note else ""
    return (
        f"# {description.name} {description.version}\n\n{description.summary}.\n\n"
        f"Licence: [{licence.spdx}]({licence.url}){note}{accepted}."
    )


def _parts(description: PackDescription) -> str:
    embedder, refiner = description.embedder, description.refiner
    side, precisions = embedder.input_px, " or ".join(sorted(embedder.files))
    lines = [
        f"detector: {description.detector.kind}",
        f"landmarks: the detector's{f', refined by {refiner.kind}' if refiner else ''}",
        f"template: {embedder.dimension} numbers from a chip of {side} × {side} px, in {precisions}",
    ]
    return "\n".join(["## Parts", "", *(f"- {line}" for line in lines)])


def _files(description: PackDescription, sums: dict[str, str]) -> str:
    rows = []
    for name, origin in sorted(description.files.items()):
        pinned = None if isinstance(origin, Recipe) else origin.sha256
        sha256 = sums.get(name) or pinned or "recorded when it is first installed"
        rows.append((name, _came_from(description, origin), sha256))
    return "## Files\n\n" + _table(("file", "from", "sha256"), rows)


def _came_from(description: PackDescription, origin: Origin) -> str:
    match origin:
        case Download():
            return f"<{origin.url}>"
        case Member():
            return f"<{description.archive.url if description.archive else ''}>"
        case Beside():
            return "beside the pack's description"
        case Recipe():
            if origin.recipe not in RECIPES:
                return f"an unknown recipe, {origin.recipe}"
            source = RECIPES[origin.recipe]
            return f"made here from {source.path} of {source.distribution} {source.version} ({source.sha256})"


def _measured(description: PackDescription) -> str:
    parts = ["## Measured"]
    calibration = description.calibration
    if calibration:
        parts.append(
            f"False match rates from {calibration.non_mated_comparisons:,} comparisons of different people: "
            f"{calibration.data}."
        )
        steps = zip(calibration.scores, calibration.false_match_rates, strict=True)
        rows = [(f"{score:.4f}", f"{rate:.2g}") for score, rate in steps]
        parts.append(_table(("comparison score", "false match rate"), rows))
        if calibration.regions is not None:
            regions = calibration.regions
            parts.append(
                f"Fair calibration: {len(regions.people)} regions of template space, of "
                f"{min(regions.people)} people or more each; its false match rates are from "
                f"{regions.non_mated_comparisons:,} comparisons: {regions.data}."
            )
    else:
        parts.append("Not calibrated: its comparison scores have no known false match rate.")
    if description.measurements:
        values = [(item.what, item.value, item.data) for item in description.measurements]
        parts.append(_table(("what", "value", "data"), values))
    return "\n\n".join(parts)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
