"""Who may ask for what, how much at once, and how a refusal says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from streams.edges.cli import app
from streams.edges.feed import follow, guard
from streams.edges.feed.client import FeedRefused
from streams.edges.feed.limits import Limits, Meter, TooMany
from streams.edges.feed.server import rules_for
from streams.edges.keys import KeysError, Scope, new_key, read_keys, write_keys
from tests.edges.feed.records import Writer, fill

Serve = Callable[..., str]

READER, OPERATOR = new_key("desk", [Scope.READ]), new_key("ops", [Scope.OPERATE])


def showing(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    write_keys(path, [READER[1], OPERATOR[1]])
    return path


@pytest.fixture
def api(serve: Serve, writer: Writer, keys: Path) -> Iterator[httpx.Client]:
    fill(writer)
    with httpx.Client(base_url=serve(rules=rules_for("127.0.0.1", keys, ["https://desk.example.org"]))) as client:
        yield client


def test_without_a_key_nothing_is_told_and_it_is_said_how_to_show_one(api: httpx.Client) -> None:
    for address in ("/v1/events", "/v1/feed", "/v1/status", "/v1/exports/towns", "/v1/dead-letters", "/metrics"):
        answer = api.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), address
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert "event" not in answer.text


def test_a_reader_reads_and_only_an_operator_sees_what_went_wrong(api: httpx.Client) -> None:
    for address in ("/v1/dead-letters", "/v1/deliveries", "/metrics"):
        assert api.get(address, headers=showing(READER[0])).status_code == 403
        assert api.get(address, headers=showing(OPERATOR[0])).status_code == 200
    for secret in (READER[0], OPERATOR[0]):
        assert api.get("/v1/events", headers=showing(secret)).status_code == 200


@pytest.mark.parametrize("shown", ["Bearer fw_wrong", "Bearer", "Basic eDp5", "Bearer " + READER[1].sha256, "fw_x"])
def test_what_is_no_key_opens_nothing(api: httpx.Client, shown: str) -> None:
    assert api.get("/v1/events", headers={"Authorization": shown}).status_code == 401


def test_a_browser_is_let_in_by_a_cookie_that_scripts_and_other_sites_cannot_use(api: httpx.Client) -> None:
    assert api.post("/v1/session", json={"key": "fw_wrong"}).status_code == 401
    cookie = api.post("/v1/session", json={"key": READER[0]}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert api.get("/v1/events").status_code == 200


def test_page_health_and_the_description_need_no_key(api: httpx.Client) -> None:
    for address in ("/", "/app.js", "/healthz", "/readyz", "/v1/openapi.json"):
        assert api.get(address).status_code == 200, address


def test_a_key_that_is_taken_back_is_good_for_nothing_from_then_on(api: httpx.Client, keys: Path) -> None:
    assert api.get("/v1/events", headers=showing(READER[0])).status_code == 200
    write_keys(keys, [OPERATOR[1]])
    assert api.get("/v1/events", headers=showing(READER[0])).status_code == 401
    keys.write_text("keys: [")
    assert api.get("/v1/events", headers=showing(OPERATOR[0])).status_code == 200


def test_a_stream_ends_when_its_key_is_taken_back(
    api: httpx.Client, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOOK_S", 0.1)
    with (
        api.stream("GET", "/v1/feed", headers=showing(READER[0])) as ended,
        api.stream("GET", "/v1/feed", headers=showing(OPERATOR[0])) as lasting,
    ):
        write_keys(keys, [OPERATOR[1]])
        with pytest.raises(httpx.RemoteProtocolError):
            list(ended.iter_bytes())
        assert next(lasting.iter_bytes())


def test_the_client_shows_its_key(serve: Serve, writer: Writer, keys: Path) -> None:
    fill(writer)
    url = serve(rules=rules_for("127.0.0.1", keys))
    assert next(iter(follow(url, since="earliest", key=READER[0]))).kind
    with pytest.raises(FeedRefused, match="401"):
        next(iter(follow(url, since="earliest")))


def test_only_pages_of_the_sites_on_the_list_may_ask(api: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    allowed = api.options("/v1/events", headers={"Origin": "https://desk.example.org", **asked})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "https://desk.example.org")
    refused = api.options("/v1/events", headers={"Origin": "https://evil.example", **asked})
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (403, False)
    answer = api.get("/v1/events", headers={"Origin": "https://evil.example", **showing(READER[0])})
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"url": "/v1/events?place=" + "x" * 9_000}, 414),
        ({"url": "/v1/session", "method": "POST", "content": b"x" * 5_000}, 413),
        ({"url": "/v1/session", "method": "POST", "content": iter([b"x" * 100])}, 411),
    ],
)
def test_what_is_too_long_goes_no_further(api: httpx.Client, asked: dict[str, object], status: int) -> None:
    answer = api.request(**{"method": "GET", **asked})  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_client_that_asks_too_often_is_told_when_to_come_back(serve: Serve, writer: Writer, keys: Path) -> None:
    fill(writer)
    slow = READER[1].model_copy(update={"rate": 0.001, "streams": 1})
    write_keys(keys, [slow, OPERATOR[1]])
    with httpx.Client(base_url=serve(rules=rules_for("127.0.0.1", keys))) as api:
        with api.stream("GET", "/v1/feed", headers=showing(READER[0])) as first:
            assert first.status_code == 200
            assert api.get("/v1/feed", headers=showing(READER[0])).status_code == 429
        answers = [api.get("/v1/theatre", headers=showing(READER[0])) for _ in range(220)]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert int(answers[-1].headers["retry-after"]) > 0
        assert api.get("/v1/theatre", headers=showing(OPERATOR[0])).status_code == 200


def test_a_bucket_fills_up_again_and_an_ended_stream_makes_room() -> None:
    now = [0.0]
    meter, limits = Meter(clock=lambda: now[0]), Limits(rate=2, burst=3, streams=1)
    for _ in range(3):
        meter.take("a", limits)
    with pytest.raises(TooMany) as refused:
        meter.take("a", limits)
    assert refused.value.wait_s == pytest.approx(0.5)
    meter.take("b", limits)
    now[0] = 0.5
    meter.take("a", limits)
    with meter.streaming("a", limits), pytest.raises(TooMany), meter.streaming("a", limits):
        pass
    with meter.streaming("a", limits):
        pass


def test_keys_are_made_listed_and_taken_back_by_command(tmp_path: Path) -> None:
    path = tmp_path / "made" / "keys.yaml"

    def command(*words: str) -> str:
        done = CliRunner().invoke(app, ["keys", *words, "--keys", str(path)], catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    secret = command("new", "desk", "--scope", "operate").strip()
    assert secret.startswith("fw_")
    assert secret not in path.read_text()
    assert os.stat(path).st_mode & 0o077 == 0
    assert "desk" in command("list")
    with pytest.raises(KeysError, match="desk"):
        command("new", "desk")
    command("revoke", "desk")
    assert read_keys(path) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keys: [", "YAML"),
        ("keys: [{name: a}]", "sha256"),
        ("locks: []", "locks"),
        ("keys: [{name: a, sha256: x}]", "sha256"),
    ],
)
def test_a_file_of_keys_that_is_wrong_is_refused_with_where(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(text)
    with pytest.raises(KeysError, match=told):
        read_keys(path)
    with pytest.raises(KeysError, match="frontwire keys new"):
        read_keys(tmp_path / "none.yaml")
