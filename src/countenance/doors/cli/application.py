"""The command line's table of contents: which commands there are, and what holds for all of them."""

from importlib.metadata import version
from typing import Annotated

import typer

from countenance.doors.cli.calibrate import calibrate
from countenance.doors.cli.compare import compare
from countenance.doors.cli.consent import consent
from countenance.doors.cli.decision import decision
from countenance.doors.cli.demo import demo
from countenance.doors.cli.detect import detect
from countenance.doors.cli.erase import erase
from countenance.doors.cli.evaluate import evaluate
from countenance.doors.cli.export import export
from countenance.doors.cli.group import group
from countenance.doors.cli.groups import groups
from countenance.doors.cli.hold import hold
from countenance.doors.cli.import_ import import_
from countenance.doors.cli.jobs import jobs
from countenance.doors.cli.keys import env, keys
from countenance.doors.cli.ledger import ledger
from countenance.doors.cli.models import models
from countenance.doors.cli.monitors import monitors
from countenance.doors.cli.moratorium import moratorium
from countenance.doors.cli.policy import policy
from countenance.doors.cli.receipt import receipt
from countenance.doors.cli.report import report
from countenance.doors.cli.review import review
from countenance.doors.cli.search import search
from countenance.doors.cli.serve import serve
from countenance.doors.cli.settings_list import master_key, settings
from countenance.doors.cli.subject import subject
from countenance.doors.cli.sweep import sweep
from countenance.doors.cli.video import video
from countenance.doors.cli.watch import watch
from countenance.doors.cli.worker import worker

_EXIT_CODES = """
Exit codes:

- 0 done
- 1 something failed, such as a picture that could not be read
- 2 wrong usage
- 3 no face where one is needed
- 4 a pack of models is unknown, not installed, damaged or not calibrated, or its licence is not accepted
- 130 stopped by Ctrl-C; what was done is kept
"""

app = typer.Typer(
    name="countenance",
    help="Find, measure, compare, enrol and search faces.",
    epilog=_EXIT_CODES,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(detect)
app.command()(compare)
app.command()(video)
app.command()(group)
app.command()(evaluate)
app.command()(calibrate)
app.command()(demo)
app.command()(serve)
app.command(name="import")(import_)
app.command()(export)
app.command()(search)
app.command()(worker)
app.command()(watch)
app.add_typer(monitors)
app.add_typer(groups)
app.add_typer(jobs)
app.add_typer(keys)
app.command()(env)
app.command()(settings)
app.add_typer(master_key)
app.add_typer(policy)
app.add_typer(consent)
app.add_typer(subject)
app.add_typer(moratorium)
app.add_typer(review)
app.add_typer(hold)
app.command()(erase)
app.command()(sweep)
app.add_typer(receipt)
app.add_typer(decision)
app.add_typer(report)
app.add_typer(ledger)
app.add_typer(models)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"countenance {version('countenance')}")
        raise typer.Exit


@app.callback()
def countenance(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Find, measure, compare, enrol and search faces."""
