"""What exists is documented, and what is documented works."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer

from schemas.topics import TOPICS
from streams.edges.cli import app
from streams.edges.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands(group: click.Command, name: str = "") -> list[str]:
    """Names of all commands, those of groups with the group's name before."""
    inner = getattr(group, "commands", None)
    if inner is None:
        return [name]
    return [found for key, command in inner.items() for found in commands(command, f"{name} {key}".strip())]


@pytest.mark.parametrize("example", PYTHON)
def test_the_readmes_python_runs(example: str) -> None:
    assert "assert " in example
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})


def test_there_is_python_in_the_readme() -> None:
    assert PYTHON


@pytest.mark.parametrize("command", commands(typer.main.get_command(app)))
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert f"frontwire {command}" in README


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"FRONTWIRE_{name.upper()}" in README


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_stands_in_the_contract_s_readme(topic: str) -> None:
    assert f"| `{topic}` | `{TOPICS[topic].record.__name__}` |" in (ROOT / "schemas/README.md").read_text()


def test_every_target_of_the_makefile_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`?make ([a-z]+)", README))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("path", ["streams/README.md", "schemas/README.md", "deploy/README.md", "README.md"])
def test_every_file_that_a_readme_names_exists(path: str) -> None:
    folder = (ROOT / path).parent
    for name in re.findall(r"`([a-z_]+(?:/[a-z_.\-]+)+\.[a-z]+)`", (ROOT / path).read_text()):
        assert (ROOT / name).exists() or (folder / name).exists(), f"{path} names {name}"
