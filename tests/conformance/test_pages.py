"""The pages about Amazon's API say what is served, and the way there is executed."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from executable_page import execute, read_steps

from conformance.modelled_errors import BY_THE_CALLER, BY_THE_LOAD, reason
from countenance.doors.rekognition.actions import ACTIONS
from countenance.doors.rekognition.service_model import service_model
from countenance.settings import Settings

if TYPE_CHECKING:
    from serving import RunningServer

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "rekognition.md").read_text("utf-8")
HOW_TO = (DOCS / "how-to" / "move-from-rekognition.md").read_text("utf-8")
OF_EVERY_OPERATION = {BY_THE_CALLER, BY_THE_LOAD, "InternalServerError", "ThrottlingException"}


def section(operation: str) -> str:
    """Return what the reference says of an operation."""
    found = re.search(rf"^### {operation}\n(.*?)(?=^##|\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    assert found, f"the reference has no section on {operation}"
    return found[1]


def test_the_reference_has_a_section_for_each_operation_that_is_served_and_no_others() -> None:
    assert re.findall(r"^### (\w+)$", REFERENCE, re.MULTILINE) == list(ACTIONS)


@pytest.mark.parametrize("operation", ACTIONS)
def test_an_operations_section_has_all_its_parameters_and_says_which_are_required(operation: str) -> None:
    shape = service_model().operation_model(operation).input_shape
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section(operation), re.MULTILINE))
    assert set(rows) == set(shape.members)
    assert {name for name, default in rows.items() if default == "required"} == set(shape.required_members)


@pytest.mark.parametrize("operation", ACTIONS)
def test_an_operations_section_names_the_errors_that_it_can_give(operation: str) -> None:
    modelled = {error.name for error in service_model().operation_model(operation).error_shapes}
    excuses = {name: reason(operation, name) or "" for name in modelled - OF_EVERY_OPERATION}
    given = {name for name, excuse in excuses.items() if not excuse or excuse.startswith("provoked")}
    (listed,) = re.findall(r"^Errors: (.*)\.$", section(operation), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", listed)) == given


def test_the_settings_that_the_reference_names_are_real() -> None:
    named = {"max_request_bytes", "image_max_pixels", "image_max_side_px", "buckets", "s3_endpoint_url"}
    assert all(f"`{name}`" in REFERENCE for name in named)
    assert named <= set(Settings.model_fields)


@pytest.mark.skipif(os.name == "nt", reason="the page is for a POSIX shell")
def test_every_command_of_the_way_from_rekognition_does_what_the_page_shows(
    server: RunningServer, client: Any, tmp_path: Path, astronaut: Path, grace_hopper: Path
) -> None:
    shutil.copy(astronaut, tmp_path / "eileen-collins.png")
    shutil.copy(grace_hopper, tmp_path / "grace-hopper.jpg")
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = server.environment | {
        "COUNTENANCE_ENDPOINT_URL": server.endpoint_url,
        "PATH": tools,
        "PYTHONUTF8": "1",
        "AWS_PAGER": "",
    }
    # The server runs already; JavaScript is run beside the SDK's other tests, and TOML is no command.
    execute(read_steps(HOW_TO, only_shown={"sh", "javascript", "toml"}), tmp_path, variables)
    client.delete_collection(CollectionId="staff")
