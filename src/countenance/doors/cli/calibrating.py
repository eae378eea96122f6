"""The work of ``countenance calibrate``."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from countenance.doors.cli.evaluating import engine_of, open_data_sets
from countenance.doors.cli.files import check_target, write_content
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.progress_shown import showing_progress
from countenance.doors.cli.reports_written import write_report
from countenance.operations.acts import unrecorded_act
from countenance.operations.calibrate import Wanted, calibrate_pack

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.doors.cli.calibrate import Method
    from countenance.doors.cli.evaluating import EngineAsked, Sources


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    sources: Sources
    checks: tuple[str, ...]
    fair: bool
    method: Method
    engine: EngineAsked
    seed: int
    toml: Path | None
    html: Path | None
    into: Path | None


def answer(request: Request) -> None:
    """Fit, and write the report and the part of a ``pack.toml``.

    Raises:
        CountenanceError: a data set cannot be used, the pack cannot be loaded, or a file not written.
    """
    for file in (request.html, request.into, request.toml):
        if file is not None:
            check_target(file)
    data = open_data_sets(request.sources)
    checks = open_data_sets(replace(request.sources, names=request.checks))
    wanted = Wanted(
        request.method.value, request.fair, request.seed, shlex.join(["countenance", *sys.argv[1:]])
    )
    target = engine_of(request.engine)
    with showing_progress() as progress:
        calibrated = calibrate_pack(unrecorded_act(), target, data, checks, wanted, progress)
    if request.toml is not None:
        write_content(request.toml, calibrated.toml.encode(), private=False)
        tell(f"wrote {request.toml}")
    if request.toml is None or request.html is not None or request.into is not None:
        write_report(calibrated.report, request.html, request.into)
