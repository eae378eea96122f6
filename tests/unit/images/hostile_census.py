"""Opens and decodes every file of a folder, several times over, and prints what happened as JSON.

Run as a process of its own, so that its memory and its warnings are nobody else's:
``python -W error hostile_census.py FOLDER [PASSES]``.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from countenance.errors import ImageError
from countenance.images import open_image


def outcome_of(path: Path) -> str:
    try:
        photograph = open_image(path)
        photograph.decode()
    except ImageError as error:
        return type(error).__name__
    return f"decoded {photograph.format}"


def resident_bytes() -> int:
    """The process's memory now; 0 where the system does not tell."""
    gc.collect()
    statistics = Path("/proc/self/statm")
    return int(statistics.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") if statistics.exists() else 0


def census(folder: Path, passes: int) -> dict[str, object]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    outcomes: dict[str, str] = {}
    seconds: dict[str, float] = {}
    resident: list[int] = []
    for _ in range(passes):
        for path in files:
            start = time.perf_counter()
            outcomes[path.name] = outcome_of(path)
            seconds[path.name] = max(seconds.get(path.name, 0.0), time.perf_counter() - start)
        resident.append(resident_bytes())
    slowest = max(seconds, key=seconds.__getitem__)
    return {
        "files": len(files),
        "counts": dict(Counter(outcomes.values()).most_common()),
        "slowest": [slowest, round(seconds[slowest], 3)],
        "resident_bytes": resident,
        "outcomes": outcomes,
    }


if __name__ == "__main__":
    print(json.dumps(census(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)))
