"""A file of targets: what is wrong with it is told with its line, and what is secret is never told."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from schemas.errors import TargetsError
from streams.edges.delivery.targets import Targets, json_schema, load_targets
from tests.edges.delivery.receivers import SECRET

CANARY = "whsec_canarycanarycanarycanarycanarycanary="
GOOD = """\
targets:
  - name: ops-room
    url: https://hooks.example.org/frontwire
    secrets: [env:KEY]
    rules: [siege]
    quiet: {from: 22:00, to: "07:00", zone: Asia/Damascus}
    mute_until: 2026-12-01T00:00:00Z
  - name: chat
    url: env:CHAT_URL
    format: slack
"""
ENVIRONMENT = {"KEY": SECRET, "CHAT_URL": "https://hooks.example.org/canary-path"}


def load(folder: Path, text: str, environment: dict[str, str] = ENVIRONMENT) -> Targets:
    path = folder / "targets.yaml"
    path.write_text(text, encoding="utf-8")
    return load_targets(path, environment, ["siege"])


def test_a_good_file_is_read(tmp_path: Path) -> None:
    ops, chat = load(tmp_path, GOOD).targets
    assert (ops.name, ops.host, len(ops.secrets)) == ("ops-room", "hooks.example.org", 1)
    assert chat.host == "hooks.example.org"


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("name: ops-room", "nam: ops-room", 2, "is missing"),
        ("rules: [siege]", "rules: [seige]", 5, "there is no rule 'seige'; there are siege"),
        ("env:KEY", "env:NO_KEY", 4, "the environment has no NO_KEY"),
        ("env:KEY", "file:nowhere", 4, "there is no readable file nowhere"),
        ("https://hooks.example.org/frontwire", "http://hooks.example.org/", 3, "must begin with https://"),
        ("https://hooks.example.org/frontwire", "https://127.0.0.1/", 3, "allow_networks"),
        ("https://hooks.example.org/frontwire", "https://2130706433/", 3, ""),
        ("zone: Asia/Damascus", "zone: Asia/Nowhere", 6, "there is no such time zone"),
        ("name: chat", "name: ops-room", 1, "two targets are called 'ops-room'"),
        ("format: slack", "format: slak", 10, "Input should be 'standard', 'slack', 'plain' or 'apprise'"),
        ("format: slack", "colour: red", 10, "is not known here"),
        ("    format: slack\n", "", 8, "format standard is signed"),
        ("targets:", "targets: [", 2, "is no YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(before: str, after: str, line: int, says: str, tmp_path: Path) -> None:
    with pytest.raises(TargetsError) as told:
        load(tmp_path, GOOD.replace(before, after, 1))
    assert f"targets.yaml:{line}: " in str(told.value)
    assert says in str(told.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TargetsError) as told:
        load(tmp_path, GOOD.replace("siege", "x").replace("env:KEY", "env:Y"))
    assert len(str(told.value).splitlines()) == 2


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("env:KEY", CANARY),
        GOOD.replace("[env:KEY]", f"{{a: {CANARY}}}"),
        GOOD.replace("env:CHAT_URL", "https://user:canary@hooks.example.org/"),
        GOOD.replace("env:CHAT_URL", '"https://hooks.example.org/canary\\n"'),
        GOOD.replace("env:CHAT_URL", "[https://hooks.example.org/canary]"),
        GOOD.replace("env:CHAT_URL", "https://127.0.0.1/canary"),
        GOOD.replace("env:CHAT_URL", "https://[/canary"),
        GOOD.replace("env:CHAT_URL", "https://hooks.example.org:0x1/canary"),
    ],
)
def test_no_message_tells_a_secret_that_stands_where_it_should_not(text: str, tmp_path: Path) -> None:
    with pytest.raises(TargetsError) as told:
        load(tmp_path, text)
    assert "canary" not in str(told.value)


@pytest.mark.parametrize(
    "key", ["canary", "whsec_Y2FuYXJ5", "whsec_" + "A" * 200, "whsec_~~~canary~~~~~~~~~~~~~~~~~~~~"]
)
def test_a_bad_key_is_refused_and_not_told(key: str, tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match="env:KEY is no key") as told:
        load(tmp_path, GOOD, {**ENVIRONMENT, "KEY": key})
    assert key not in str(told.value)


def test_secrets_do_not_show_in_what_is_printed_of_a_target(tmp_path: Path) -> None:
    shown = repr(load(tmp_path, GOOD))
    assert SECRET not in shown
    assert "canary" not in shown


def test_a_secret_in_a_file_is_read_from_beside_the_targets(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    target = load(tmp_path, GOOD.replace("env:KEY", "file:key")).targets[0]
    assert target.secrets[0].get_secret_value() == SECRET


def test_the_json_schema_takes_what_is_read_and_nothing_else() -> None:
    good = json.loads(json.dumps(yaml.safe_load(GOOD.replace("22:00", '"22:00:00"')), default=str))
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(good)
    good["targets"][0]["colour"] = "red"
    assert not validator.is_valid(good)
