"""The model card of a pack as a report: what it is made of, under which licence, and its measured error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from countenance.operations.overview.pack_in_use import pack_in_use
from countenance.reporting import Column, Estimate, Fact, Report, Section, Table, columns
from countenance.vision import packs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.operations.acts import Act
    from countenance.operations.overview.values import PackInUse
    from countenance.reporting import Value
    from countenance.vision.packs import PackDescription

_RULE = "ISO/IEC 19795-1"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model card: the measured error in brief, and all of it as a report."""

    brief: PackInUse | None
    report: Report


def show_model_card(act: Act, pack: str) -> ModelCard:
    """Return the card of a pack.

    Args:
        act: who asks.
        pack: the name of a pack, or the path of its description, as the settings have it.

    Raises:
        NotPermitted: the caller's key does not allow it.
        PackError: there is no such pack, or it is wrongly described.
    """
    act.permit("show_model_card")
    description = packs.find_pack(pack).description
    sections = [_pack(description), _calibration(description)]
    measured = packs.measured_report(pack)  # of a name: another pack of that name was not measured
    introduction = f"{description.summary}."
    if measured is not None:
        introduction += f" {measured['introduction']}"
        sections += [_measured(each) for each in measured["sections"]]
        sections.append(_repeating(measured))
    report = Report(
        "model-card",
        f"{description.name} {description.version}",
        introduction,
        datetime.now(UTC),
        act.request_id or None,
        None,
        tuple(sections),
    )
    return ModelCard(pack_in_use(pack), report)


def _pack(description: PackDescription) -> Section:
    licence, embedder, refiner = description.licence, description.embedder, description.refiner
    side = embedder.input_px
    facts = (
        Fact("licence", "Licence", licence.spdx),
        Fact("licence_url", "Its text", licence.url),
        Fact("licence_note", "What to know of it", licence.note or None),
        Fact("detector", "Finds faces", description.detector.kind),
        Fact("refiner", "Finds landmarks", refiner.kind if refiner is not None else "the detector"),
        Fact("template", "Template", f"{embedder.dimension} numbers from a chip of {side} × {side} px"),
    )
    heads = columns(what="What", value="Value", data="With which data")
    rows = tuple((each.what, each.value, each.data) for each in description.measurements)
    table = Table("What its makers and others measured", heads, rows) if rows else None
    return Section("pack", "The pack", None, "", facts, table)


def _calibration(description: PackDescription) -> Section:
    calibration = description.calibration
    if calibration is None:
        text = "It is not calibrated: nobody knows how often strangers reach one of its comparison scores."
        return Section("calibration", "What a score means", None, text)
    heads = columns(score="Comparison score", false_match_rate="False match rate")
    rows: tuple[tuple[Value, ...], ...] = tuple(
        zip(calibration.scores, calibration.false_match_rates, strict=True)
    )
    facts = [
        Fact("comparisons", "Comparisons of different people", calibration.non_mated_comparisons),
        Fact("data", "With which data", calibration.data),
    ]
    if calibration.regions is not None:
        facts.append(Fact("regions", "Regions of fair calibration", len(calibration.regions.people)))
    text = "A similarity is read from this table: how often strangers reach such a comparison score."
    table = Table("How often strangers reach a score", heads, rows)
    return Section("calibration", "What a score means", _RULE, text, tuple(facts), table)


def _measured(section: Mapping[str, Any]) -> Section:
    """Return a section of what an evaluation measured, as it was before it became JSON."""
    labels, table = section["labels"], section["table"]
    facts = tuple(Fact(key, labels.get(key, key), _value(value)) for key, value in section["facts"].items())
    return Section(
        section["key"],
        section["heading"],
        section["law"],
        section["text"],
        facts,
        _table(table) if table is not None else None,
    )


def _table(table: Mapping[str, Any]) -> Table:
    filled = {key for row in table["rows"] for key, value in row.items() if value is not None}
    heads = tuple(
        Column(key, label) for key, label in table["columns"].items() if key in filled or not table["rows"]
    )
    rows = tuple(tuple(_value(row[head.key]) for head in heads) for row in table["rows"])
    return Table(table["caption"], heads, rows, table.get("empty", "There are none."))


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        return Estimate(**value)
    if isinstance(value, list):
        return tuple(map(str, value))
    plain: Value = value
    return plain


def _repeating(measured: Mapping[str, Any]) -> Section:
    text = "The same command on the same data gives the same figures, but for roundings between machines."
    facts = (
        Fact("command", "Command", str(measured["command"])),
        Fact("made_at", "Made", datetime.fromisoformat(measured["generated_at"])),
    )
    return Section("how-it-was-measured", "How this was measured", None, text, facts)
