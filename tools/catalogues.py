"""Brings the console's catalogues up to date with the messages in its source, and tells what is missing.

    python tools/catalogues.py [--check]

Messages that are new come in empty, those that nothing says any more go, and translations stay as they are.
A message of which a single letter changes is a new message: no translation is guessed. With ``--check``
nothing is written, and the exit code is 1 where something would be or a message is not translated.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from babel.messages.catalog import Message

DOORS = Path(__file__).parents[1] / "src" / "countenance" / "doors"
CATALOGUES = DOORS / "console" / "catalogues"

_KEYWORDS = {"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)}
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
# As the console's own environment reads its templates; see `rendering`.
_TEMPLATES = {"newstyle_gettext": "yes", "trim_blocks": "yes", "lstrip_blocks": "yes", "silent": "no"}
_WIDTH = 110


def main() -> None:
    """Update the catalogues, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is missing")
    options = parser.parse_args()
    said = messages()
    complete = True
    for file in files():
        before = file.read_text(encoding="utf-8")
        catalogue = catalogue_of(file)
        update(catalogue, said)
        missing = [message for message in catalogue if message.id and not is_translated(message)]
        after = written(catalogue)
        complete = complete and not missing and after == before
        if not options.check:
            file.write_text(after, encoding="utf-8")
        state = "up to date" if after == before else "differs" if options.check else "updated"
        print(f"{file.name}: {len(catalogue)} messages, {len(missing)} not translated; {state}")
    sys.exit(options.check and not complete)


def files() -> list[Path]:
    """Return the catalogues, a file for each language but English."""
    return sorted(CATALOGUES.glob("*.po"))


def messages() -> Catalog:
    """Return everything that the console says, in English."""
    said = Catalog()
    for folder, method in ((DOORS / "console", _METHODS), (DOORS / "templates", _METHODS[1:])):
        options = {"**.html": _TEMPLATES}
        found = extract_from_dir(folder, method, options, _KEYWORDS, comment_tags=())
        for name, line, message, _, _ in found:
            said.add(message, locations=[((folder / name).relative_to(DOORS).as_posix(), line)])
    return said


def catalogue_of(file: Path) -> Catalog:
    """Return a catalogue as it is."""
    with file.open("rb") as content:
        return read_po(content, locale=file.stem)


def update(catalogue: Catalog, said: Catalog) -> None:
    """Give a catalogue exactly the messages that are said."""
    catalogue.update(said, no_fuzzy_matching=True)
    catalogue.obsolete.clear()


def is_translated(message: Message) -> bool:
    """Tell whether no form of a message is empty."""
    return all(message.string) if isinstance(message.string, (list, tuple)) else bool(message.string)


def written(catalogue: Catalog) -> str:
    """Return a catalogue as a file: sorted, and without dates and lines, which would change for nothing."""
    content = io.BytesIO()
    write_po(content, catalogue, width=_WIDTH, no_location=True, omit_header=True, sort_output=True)
    header = (
        "Content-Type: text/plain; charset=utf-8",
        f"Language: {catalogue.locale_identifier}",
        f"Plural-Forms: {catalogue.plural_forms}",
    )
    lines = ['msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in header)]
    return f"{chr(10).join(lines)}\n\n{content.getvalue().decode()}".strip() + "\n"


if __name__ == "__main__":
    main()
