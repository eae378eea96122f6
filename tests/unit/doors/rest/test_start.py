"""A server starts without the libraries of `/v1`, which its first request loads."""

from __future__ import annotations

import subprocess
import sys


def test_serving_imports_neither_fastapi_nor_what_makes_pages() -> None:
    program = (
        "import sys, countenance.doors.cli.serving\n"
        "sys.exit(' '.join({'fastapi', 'jinja2'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
