"""What every command says of itself, and what it does when it is given wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from schemas.errors import LogError
from streams.edges.cli import app
from streams.edges.settings import Settings

Named = tuple[str, Any]


def commands() -> Iterator[Named]:
    """Every command with its full name."""
    top = typer.main.get_command(app)
    waiting: list[Named] = [("frontwire", top)]
    while waiting:
        name, command = waiting.pop()
        yield name, command
        waiting += [(f"{name} {inner}", one) for inner, one in getattr(command, "commands", {}).items()]


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_and_every_option_says_what_it_is_for(name: str, command: Any) -> None:
    assert command.help
    told = CliRunner().invoke(app, [*name.split()[1:], "--help"], env={"COLUMNS": "200"}).output
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert parameter.help, parameter.name
            assert parameter.opts[-1] in told
    assert "TODO" not in told


def test_every_setting_is_told_with_its_name() -> None:
    source = Path(__file__).parents[3] / "streams" / "edges" / "settings.py"
    for name in Settings.model_fields:
        assert f"FRONTWIRE_{name.upper()}:" in source.read_text()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTWIRE_LOG", "/elsewhere/log.db")
    monkeypatch.setenv("FRONTWIRE_BATCH", "")
    assert Settings().log == Path("/elsewhere/log.db")
    assert Settings().batch == 200


@pytest.mark.parametrize(
    "words",
    [
        ["towns", "--as-of", "yesterday"],
        ["events", "--since", "2017-13-01"],
        ["events", "--type", "flood"],
        ["export", "nothing"],
        ["ingest"],
        ["explain"],
        ["explain", "Rabia", "--article", "a.json"],
        ["dead-letters", "put-back"],
        ["no-such-command"],
    ],
)
def test_a_command_given_wrongly_says_so_and_ends_with_2(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "log.db").touch()
    done = CliRunner().invoke(app, [*words, *(["--log", str(tmp_path / "log.db")] if len(words) > 2 else [])])
    assert done.exit_code == 2


@pytest.mark.parametrize("command", ["towns", "events", "state-hash", "export articles", "explain Rabia"])
def test_what_only_reads_makes_no_log(command: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--log", str(tmp_path / "none.db")])
    assert isinstance(done.exception, LogError)
    assert "frontwire ingest" in str(done.exception)
    assert list(tmp_path.iterdir()) == []
