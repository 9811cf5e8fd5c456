"""The command `frontwire`: one module for each group of commands.

Exit codes: 0 done; 1 done, and the answer is no (nothing could be taken, a replay differs, a log is damaged); 2 the
command was given wrongly; 3 it could not be done, and the message says what to do; 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from schemas.errors import FrontwireError
from streams.edges.cli import screen
from streams.edges.cli.alerts import alerts
from streams.edges.cli.archive import archive, restore
from streams.edges.cli.cluster import copy
from streams.edges.cli.dead_letters import dead_letters
from streams.edges.cli.demo import demo
from streams.edges.cli.diff import diff
from streams.edges.cli.doctor import doctor
from streams.edges.cli.erase import erase
from streams.edges.cli.evaluate import evaluate
from streams.edges.cli.events import events
from streams.edges.cli.explain import explain
from streams.edges.cli.export import export
from streams.edges.cli.generations import generations
from streams.edges.cli.history import history
from streams.edges.cli.ingest import ingest
from streams.edges.cli.keys import keys
from streams.edges.cli.proof import state_hash, verify
from streams.edges.cli.replay import replay
from streams.edges.cli.retract import retract
from streams.edges.cli.rollup import rollup
from streams.edges.cli.run import run
from streams.edges.cli.serve import feed, serve
from streams.edges.cli.sim import sim
from streams.edges.cli.snapshot import snapshot
from streams.edges.cli.theatre import theatre
from streams.edges.cli.towns import towns

DOES_NOT_WORK = 3
INTERRUPTED = 130

app = typer.Typer(
    name="frontwire",
    help="Read war news; keep who did what where and who holds each town, with every field traced to its sentence.",
    epilog="Exit codes: 0 done; 1 done, and the answer is no; 2 given wrongly; 3 could not be done; 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        screen.out().print(f"frontwire {version('frontwire')}")
        raise typer.Exit


@app.callback()
def _frontwire(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


ARTICLES_IN, LOOK, KEEP = "Articles in", "Look at what is known", "Keep the log"

app.command(rich_help_panel=ARTICLES_IN)(ingest)
app.command(rich_help_panel=ARTICLES_IN)(retract)
app.command(rich_help_panel=ARTICLES_IN)(run)
app.command(rich_help_panel=ARTICLES_IN)(demo)
app.command(rich_help_panel=LOOK)(towns)
app.command(rich_help_panel=LOOK)(history)
app.command(rich_help_panel=LOOK)(diff)
app.command(rich_help_panel=LOOK)(rollup)
app.command(rich_help_panel=LOOK)(events)
app.add_typer(alerts, name="alerts", help="What the rules say: list, check, test on the past.", rich_help_panel=LOOK)
app.command(rich_help_panel=LOOK)(explain)
app.command(rich_help_panel=LOOK)(export)
app.command(rich_help_panel=LOOK)(serve)
app.command(rich_help_panel=LOOK)(feed)
app.add_typer(keys, name="keys", help="Who may ask the feed: make, list and take back keys.", rich_help_panel=LOOK)
app.add_typer(theatre, name="theatre", help="The theatre pack: what it knows, what a name means.", rich_help_panel=LOOK)
app.command(rich_help_panel=KEEP)(replay)
app.command(rich_help_panel=KEEP)(generations)
app.command("state-hash", rich_help_panel=KEEP)(state_hash)
app.command(rich_help_panel=KEEP)(verify)
app.command(rich_help_panel=KEEP)(doctor)
app.command(rich_help_panel=KEEP)(sim)
app.command(rich_help_panel=KEEP)(snapshot)
app.command(rich_help_panel=KEEP)(archive)
app.command(rich_help_panel=KEEP)(restore)
app.command(rich_help_panel=KEEP)(erase)
app.command(rich_help_panel=KEEP)(copy)
app.command("eval", rich_help_panel=KEEP)(evaluate)
app.add_typer(
    dead_letters, name="dead-letters", help="What could not be read: list, show, put back.", rich_help_panel=KEEP
)


def main() -> None:
    """Run the command, and tell errors in one line that says what to do."""
    try:
        app()
    except FrontwireError as error:
        screen.err().print(f"frontwire: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(DOES_NOT_WORK)
    except BrokenPipeError:
        screen.hush_broken_pipe()
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        screen.err().print(f"frontwire: {what}{error.strerror or error}", style="red", markup=False, soft_wrap=True)
        sys.exit(DOES_NOT_WORK)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
