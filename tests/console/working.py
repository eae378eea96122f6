"""Jobs of the console's server, made behind its back or waited for."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from countenance.settings import read_settings
from countenance.wiring import open_office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.wiring import Office
    from rest.api import Api
    from serving import RunningServer

HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}&\"'"


@contextmanager
def office_of(console: RunningServer) -> Iterator[Office]:
    """Open the database of a server, as a command does beside it."""
    with open_office(read_settings(data_dir=console.data_dir)) as office:
        yield office


def ended(api: Api, job_id: str) -> Any:
    """Wait until a job has ended, and return it as `/v1` shows it."""
    for _ in range(600):
        job = api.get(f"/v1/jobs/{job_id}").json
        if job["state"] not in {"waiting", "running"}:
            return job
        time.sleep(0.1)
    pytest.fail("the job got nowhere")
