"""Reports that laws ask for."""

from datetime import datetime
from typing import Any

from pydantic import Field

from countenance.doors.rest.models.fields import REQUEST_EXAMPLE, TIME_EXAMPLE, Told


class ReportTable(Told):
    """A table of a report."""

    caption: str = Field(description="What it shows.", examples=["Searches by month (UTC) and purpose"])
    columns: dict[str, str] = Field(
        description="The columns' headings, by key.", examples=[{"month": "Month", "asked": "Searches"}]
    )
    rows: tuple[dict[str, Any], ...] = Field(
        description="The rows: values by the column's key.", examples=[[{"month": "2026-03", "asked": 412}]]
    )


class ReportSection(Told):
    """A part of a report."""

    key: str = Field(description="Which part it is; several may be of one kind.", examples=["searches"])
    heading: str = Field(description="Its heading.", examples=["Use: searches"])
    law: str | None = Field(description="What asks for it.", examples=["RCW 43.386: accountability report"])
    text: str = Field(description="What it says in words.", examples=["Counted in the ledger."])
    facts: dict[str, Any] = Field(description="Facts by key.", examples=[{"searches": 412}])
    table: ReportTable | None = Field(description="Its table.")
    to_be_filled_in: tuple[str, ...] = Field(
        description="Keys of facts and columns that only a person knows; they are null.", examples=[[]]
    )


class Report(Told):
    """A report from the system's own records."""

    type: str = Field(description="The format.", examples=["countenance-report/1"])
    kind: str = Field(description="Which report it is.", examples=["accountability"])
    title: str = Field(description="Its title.", examples=["Accountability report"])
    introduction: str = Field(description="What it is.", examples=["What this service is."])
    generated_at: datetime = Field(description="When it was made.", examples=[TIME_EXAMPLE])
    request_id: str = Field(description="The request that made it.", examples=[REQUEST_EXAMPLE])
    ledger_checkpoint: str = Field(
        description="Where the signed ledger stood; empty where it had no entry yet.",
        examples=["countenance\n412\nKXn8zC4Yz7gq7mQv9F0nq0B8i7T0S9m1y3yq1lZkq1w=\n\n— countenance …\n"],
    )
    sections: tuple[ReportSection, ...] = Field(description="Its parts.")
