"""The README's Python does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readmes_python_runs_on_the_demos_pictures(tmp_path: Path) -> None:
    demo = [sys.executable, "-c", "from countenance.doors.cli import main; main()", "demo"]
    subprocess.run(demo, cwd=tmp_path, check=True, capture_output=True)
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    last = done.stdout.splitlines()[-1].split()
    assert done.stdout.startswith("Box(left=")
    assert 0 < float(last[0]) < 60
    assert 0.01 < float(last[1]) < 0.5


def test_the_readme_names_the_commands_that_make_has() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\$ make (\w+)", (ROOT / "README.md").read_text()):
        assert f"\n{target}:" in makefile
