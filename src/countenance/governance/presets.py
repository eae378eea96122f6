"""What laws ask of a collection, as the lines of a policy; each can be overridden by a tag.

A preset supports compliance with a law, it does not make anybody compliant. The texts are named so that a
reader can check them.
"""

from __future__ import annotations

from typing import Final

_BIPA: Final = {
    "consent": ("required", "740 ILCS 14/15(b): a written release before collection"),
    "grouping": ("refused", "740 ILCS 14/15(b); Patel v. Facebook, 932 F.3d 1264: tag suggestions"),
    "last-interaction": ("P3Y", "740 ILCS 14/15(a): destruction within 3 years of the last interaction"),
    "reports": ("retention", "740 ILCS 14/15(a): a retention schedule available to the public"),
}
_CUBI: Final = {
    "consent": ("required", "Texas Bus. & Com. Code 503.001(b): informed consent before capture"),
    "grouping": ("refused", "Texas Bus. & Com. Code 503.001(b); Texas v. Meta Platforms: tag suggestions"),
    "after-purpose": (
        "P1Y",
        "Texas Bus. & Com. Code 503.001(c): destruction within 1 year after the purpose",
    ),
    "sources": (
        "subject own-publication",
        "Texas Bus. & Com. Code 503.001: a public picture is no consent unless its subject published it",
    ),
    "reports": ("retention", "Texas Bus. & Com. Code 503.001(c)"),
}
_GDPR: Final = {
    "consent": ("required", "GDPR Art. 9(2)(a): explicit consent, or another ground of Art. 9(2)"),
    "requires": ("purpose basis retention", "GDPR Art. 5(1)(b) and (e), Art. 6 and 9"),
    "sources": (
        "subject own-publication licensed official-record",
        "EU AI Act Art. 5(1)(e): no untargeted scraping",
    ),
    "search": ("refused", "EDPB opinion 11/2024: a gallery held by the operator is the exception"),
    "watch": ("refused", "EU AI Act Art. 5(1)(h): real-time remote identification"),
    "grouping": ("refused", "GDPR Art. 9(1): whom nobody has named cannot have consented"),
    "review": ("two-person", "EU AI Act Art. 14(5): no action unless two people verified it"),
    "reports": ("processing subject", "GDPR Art. 15 and 30"),
}
_WASHINGTON: Final = {
    "review": ("one", "RCW 43.386: meaningful human review"),
    "watch": ("refused", "RCW 43.386: no ongoing surveillance without a warrant"),
    "requires": ("purpose", "RCW 43.386: the purposes that the accountability report names"),
    "reports": ("accountability", "RCW 43.386: accountability report"),
}

PRESETS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "none": {},
    "bipa": _BIPA,
    "cubi": _CUBI,
    "gdpr": _GDPR,
    "eu": _GDPR,
    "washington": _WASHINGTON,
}
"""By jurisdiction, by line: its value, as a tag would have it, and the law that it comes from."""

LAW_ENFORCEMENT: Final = {"review": ("two-person", "law-enforcement purposes: two people verify each answer")}
PUBLIC_SPACE: Final = {"watch": ("refused", "public-space purposes: no live watching")}
BY_PURPOSE: Final = {"law-enforcement": LAW_ENFORCEMENT, "public-space": PUBLIC_SPACE}
"""What a purpose asks for, whatever the jurisdiction."""
