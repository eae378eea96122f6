"""Problems as RFC 9457 has them."""

from pydantic import Field

from countenance.doors.rest.models.fields import REQUEST_EXAMPLE, Told


class Problem(Told):
    """Why a request was refused or failed."""

    type: str = Field(description="What kind of problem it is.", examples=["urn:countenance:consent-missing"])
    title: str = Field(description="The kind, in words.", examples=["Consent missing"])
    status: int = Field(description="The HTTP status.", examples=[403])
    detail: str = Field(
        description="What is wrong here, and what can be done about it.",
        examples=["consent to access-control is required and there is none of theirs"],
    )
    request_id: str = Field(
        description="The request, as in the header `x-countenance-request-id`, in the log and in the ledger.",
        examples=[REQUEST_EXAMPLE],
    )
