"""The map page in a real browser, over the real stages and the sample."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect, sync_playwright

from schemas.article import Article
from schemas.codec import encode
from schemas.topics import ARTICLES, CONTROL
from streams.edges.feed.server import rules_for, server_of
from streams.edges.keys import Scope, new_key, write_keys
from streams.pipeline import pipeline
from streams.shells.log import Entry
from streams.shells.runner import Runner
from streams.shells.sqlite_log import SqliteLog
from streams.theatres.theatre import load_theatre
from tests.edges.feed.records import made, running, town, until

pytestmark = pytest.mark.browser

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "{{window.hacked=1}}\u202egnp.exe",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "there is no Chromium; `make browser` installs it"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


class War:
    """The sample in a log, with the stages running on it and a server over it."""

    def __init__(self, log: SqliteLog, url: str) -> None:
        self.log, self.url = log, url

    def print_(self, number: int, title: str, body: str, day: str) -> None:
        """An outlet prints an article."""
        told = {"outlet": "reuters", "title": title, "body": body, "published_at": f"{day}T12:00:00Z"}
        record = made(Article, article_id=f"new-{number}", **told)
        self.log.append([Entry(ARTICLES.name, record.article_id, encode(record), int(time.time() * 1000))])


@pytest.fixture(scope="module")
def war(tmp_path_factory: pytest.TempPathFactory) -> Iterator[War]:
    folder = tmp_path_factory.mktemp("war")
    log = SqliteLog(folder / "log.db")
    sample = files("streams.theatres.syria").joinpath("examples.jsonl").read_bytes().splitlines()
    articles = [made(Article, **orjson.loads(line)) for line in sample]
    log.append([Entry(ARTICLES.name, one.article_id, encode(one), 1_600_000_000_000) for one in articles])
    runner = Runner(log, pipeline(load_theatre("syria")))
    stages = threading.Thread(target=runner.run, daemon=True)
    stages.start()
    until(lambda: runner.lag() == 0 or not stages.is_alive(), "the stages have read the sample", 120)
    assert stages.is_alive()
    with running(server_of(log, folder / "feed")) as url:
        yield War(log, url)
    runner.stop()
    stages.join(20)
    log.close()


@pytest.fixture
def page(browser: Browser, war: War) -> Iterator[Page]:
    """A page that has nothing but our server, and no complaint in its console."""
    context = browser.new_context(viewport={"width": 1400, "height": 860})
    opened = context.new_page()
    faults: list[str] = []

    def ours_only(route: Route) -> None:
        if route.request.url.startswith(war.url):
            route.continue_()
        else:
            faults.append(f"asked for {route.request.url}")
            route.abort()

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(message.text)

    context.route("**/*", ours_only)
    opened.on("console", complain)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


def visit(page: Page, war: War, query: str = "") -> None:
    page.goto(f"{war.url}/?{query}")
    page.wait_for_selector("body[data-ready]")


def held(page: Page, place: str) -> str:
    """What the list of towns says of a town."""
    return page.locator("#towns .item", has=page.locator(f"strong:text-is('{place}')")).locator(".meta").inner_text()


def test_the_slider_moves_the_war(page: Page, war: War) -> None:
    visit(page, war, "day=2015-06-01&tab=towns")
    assert "Islamic State" in held(page, "Palmyra")
    for day, holder in (("2016-04-10", "Syrian government"), ("2016-12-15", "Islamic State"), ("2017-03-20", "Syrian")):
        page.locator("#day").fill(day)
        expect(page.locator("#towns .item", has_text="Palmyra").locator(".meta").first).to_contain_text(holder)
    before = page.locator("#slider").input_value()
    page.locator("#slider").press("ArrowRight")
    assert int(page.locator("#slider").input_value()) == int(before) + 1
    expect(page).to_have_url(f"{war.url}/?day=2017-03-21&tab=towns")


def test_play_runs_on_by_itself_and_pauses(page: Page, war: War) -> None:
    visit(page, war, "day=2016-01-01")
    page.locator("#play").click()
    slider = page.locator("#slider")
    began = int(slider.input_value())
    until(lambda: int(slider.input_value()) > began + 30, "the days have run on")
    page.locator("#play").click()
    paused = slider.input_value()
    page.wait_for_timeout(600)
    assert slider.input_value() == paused


def test_a_click_on_a_town_shows_its_evidence_down_to_the_marked_sentence(page: Page, war: War) -> None:
    visit(page, war, "day=2017-03-20&view=9/34.56/38.28")
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#detail")).to_have_text("Palmyra")
    expect(page.locator("#panel .state")).to_contain_text("held by Syrian government")
    quoted = page.locator("#panel .evidence .report").first
    sentence = quoted.locator("blockquote").inner_text()
    quoted.get_by_role("button").click()
    expect(page.locator("#article mark.chosen").first).to_be_visible()
    assert sentence in " ".join(page.locator("#article mark.chosen").all_inner_texts())
    page.keyboard.press("Escape")
    expect(page.locator("#article")).not_to_be_visible()


def test_a_past_day_shows_what_was_said_by_then(page: Page, war: War) -> None:
    visit(page, war, "day=2016-04-10&town=ocha:C2889")
    expect(page.get_by_role("heading", name="What was said of it by 10 April 2016")).to_be_visible()
    assert "2017" not in page.locator("#panel .evidence").inner_text()
    page.locator("#now").click()
    expect(page.get_by_role("heading", name="What decides the present state")).to_be_visible()


def test_a_place_that_nobody_was_said_to_hold_shows_what_happened_there(page: Page, war: War) -> None:
    api = httpx.Client(base_url=war.url)
    held = {one["place"]["place_id"] for one in api.get("/v1/towns?limit=5000").json()["data"]}
    events = api.get("/v1/events?limit=5000").json()["data"]
    place = next(one["place"] for one in events if one["place"]["place_id"] and one["place"]["place_id"] not in held)
    visit(page, war, f"day=2017-04-10&town={place['place_id']}")
    expect(page.locator("#detail")).to_have_text(place["name"])
    expect(page.locator("#panel .item").first).to_contain_text(place["name"])


def test_what_is_looked_for_is_in_the_link(page: Page, war: War) -> None:
    visit(page, war, "day=2017-04-10")
    page.locator("#find").fill("palm")
    address = f"{war.url}/?day=2017-04-10&find=palm"
    expect(page).to_have_url(address)
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#found [aria-selected=true]")).to_contain_text("Palmyra")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("town=ocha:C2889"))
    assert "find=" not in page.url


def test_a_new_article_changes_the_map_within_two_seconds(page: Page, war: War) -> None:
    visit(page, war, "day=2019-12-01&tab=towns")
    page.evaluate("window.same = true")
    assert page.locator("#towns strong:text-is('Abu Kamal')").count() == 0 or "SDF" not in held(page, "Abu Kamal")
    body = (
        "The Syrian Democratic Forces captured Abu Kamal on Saturday, the Syrian Observatory for Human Rights said.\n"
        "The Syrian government admitted that its troops had lost Abu Kamal to the Syrian Democratic Forces."
    )
    printed = time.monotonic()
    war.print_(1, "SDF takes Abu Kamal", body, "2019-11-30")
    expect(page.locator("#towns .item", has_text="Abu Kamal")).to_contain_text("SDF", timeout=5000)
    assert time.monotonic() - printed < 2
    assert page.evaluate("window.same") is True


def test_every_view_is_a_link_and_back_goes_back(page: Page, war: War) -> None:
    visit(page, war, "day=2017-04-10&type=chemical_attack")
    page.locator("#events .item", has_text="Khan Shaykhun").first.click()
    expect(page.locator("#detail")).to_contain_text("Chemical attack in Khan Shaykhun")
    expect(page.locator("#panel")).to_contain_text("at least 86 killed")
    address = page.url
    assert "event=" in address
    page.goto(address)
    expect(page.locator("#detail")).to_contain_text("Khan Shaykhun")
    visit(page, war, "day=2017-04-10")
    page.locator("#find").fill("palmyra")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_have_text("Palmyra")
    page.go_back()
    expect(page.locator("#events")).to_be_visible()


def test_it_is_used_by_keyboard_alone(page: Page, war: War) -> None:
    visit(page, war, "day=2017-04-10")
    page.locator("#find").focus()
    page.keyboard.type("kobani")
    expect(page.locator("#found [aria-selected=true]")).to_contain_text("Kobani")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_focused()
    page.locator("#tab-detail").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-towns")).to_be_focused()
    expect(page.locator("#towns")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_focused()


def test_every_control_has_a_name_for_screen_readers(page: Page, war: War) -> None:
    visit(page, war, "day=2017-04-10&town=ocha:C2889")
    expect(page.locator("#panel .evidence .report").first).to_be_visible()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, [role=tab], svg[role=img], summary, a[href]")]
        .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length || one.title))
        .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    assert page.evaluate("document.documentElement.lang") == "en"


VIEWS = {
    "events": "day=2017-04-10",
    "towns": "day=2016-12-15&tab=towns",
    "town": "day=2017-03-20&town=ocha:C2889",
    "event": "day=2017-04-10&type=chemical_attack&find=khan",
    "article": "day=2017-04-10&article=",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_axe_finds_nothing_in_any_view(page: Page, war: War, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    some = httpx.get(f"{war.url}/v1/events?limit=1").json()["data"][0]["mention_ids"][0].partition("#")[0]
    for view, query in VIEWS.items():
        visit(page, war, f"{query}{some if view == 'article' else ''}&theme={theme}")
        if view == "town":
            expect(page.locator("#panel .evidence .report").first).to_be_visible()
        if view == "article":
            expect(page.locator("#article-title")).to_be_visible()
        found = Axe().run(page).response["violations"]
        assert [(view, one["impact"], one["id"], one["help"]) for one in found] == []


def test_a_feed_with_keys_asks_the_browser_for_one_once(browser: Browser, war: War, tmp_path: Path) -> None:
    secret, key = new_key("desk", [Scope.READ])
    write_keys(tmp_path / "keys.yaml", [key])
    rules = rules_for("127.0.0.1", tmp_path / "keys.yaml")
    with running(server_of(war.log, tmp_path / "feed", rules=rules)) as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        page.get_by_label("Key", exact=True).fill("fw_wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("The feed does not know this key.")
        page.get_by_label("Key", exact=True).fill(secret)
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-ready]")
        expect(page.locator("#live")).to_contain_text("Live")
        assert secret not in page.evaluate("document.cookie + location.href + JSON.stringify(localStorage)")
        context.close()


def test_marks_without_end_and_turned_lines_cover_nothing(page: Page, war: War) -> None:
    piled = "Saraqib z" + "\u0300\u0316" * 250_000
    body = f"Russian warplanes bombed Saraqib on Friday and killed 31 people, the {piled} monitor said."
    war.print_(30, f"\u202e{piled}", body, "2019-11-28")
    for number, name in ((30, piled), (31, "Town\u202egnp.exe")):
        place = town().place.model_copy(update={"place_id": f"x:{number}", "name": name, "text": "x"})
        record = encode(town().model_copy(update={"place": place}))
        war.log.append([Entry(CONTROL.name, f"x:{number}", record, int(time.time() * 1000))])
    until(lambda: httpx.get(f"{war.url}/v1/towns/x:31").status_code == 200, "the feed knows the last of them", 60)
    visit(page, war, "day=2019-12-01&tab=towns&article=new-30")
    expect(page.locator("#article-title")).to_contain_text("Saraqib")
    shown = page.locator("#article").inner_text()
    assert "\u202e" not in shown
    # Four a piece; where a marked sentence begins, two pieces meet.
    assert max(len(run) for run in re.findall("[\u0300\u0316]+", shown)) <= 8
    page.keyboard.press("Escape")
    expect(page.locator("#towns strong", has_text="gnp.exe").first).to_be_visible()
    assert "\u202e" not in page.locator("#towns").inner_text()
    tall = page.evaluate("Math.max(...[...document.querySelectorAll('#towns li')].map((one) => one.scrollHeight))")
    assert tall < 120
    page.locator("#find").fill("town")
    expect(page.locator("#found [aria-selected=true]")).to_contain_text("gnp.exe")


def test_hostile_words_are_shown_as_words(page: Page, war: War) -> None:
    for number, payload in enumerate(HOSTILE, 10):
        body = f"Russian warplanes bombed Saraqib on Friday and killed {number} people, {payload} the monitor said."
        war.print_(number, payload, body, "2019-11-29")
        place = town().place.model_copy(update={"place_id": f"x:{number}", "name": payload, "text": payload})
        record = town().model_copy(update={"place": place})
        war.log.append([Entry(CONTROL.name, f"x:{number}", encode(record), int(time.time() * 1000))])
    listed = f"{war.url}/v1/towns/x:{9 + len(HOSTILE)}"
    until(lambda: httpx.get(listed).status_code == 200, "the feed knows the last of them")
    visit(page, war, f"day=2019-12-01&tab=towns&article=new-10&find={HOSTILE[0]}")
    expect(page.locator("#article-title")).to_have_text(HOSTILE[0])
    page.keyboard.press("Escape")
    for payload in HOSTILE:
        expect(page.locator("#towns strong", has_text=payload.replace("\u202e", "\ufffd")).first).to_be_visible()
    page.locator("#towns .item", has_text=HOSTILE[1]).click()
    expect(page.locator("#detail")).to_have_text(HOSTILE[1])
    assert page.evaluate("window.hacked") is None
    assert page.locator("#panel img, #panel script, #article img, #article script").count() == 0


def test_the_page_and_the_api_agree_on_every_town_on_any_day(page: Page, war: War) -> None:
    visit(page, war)
    for day in ("2013-07-01", "2015-10-05", "2016-12-24", "2017-06-30", "2017-11-30", "2019-03-30"):
        answer = httpx.get(f"{war.url}/v1/towns", params={"as_of": day, "limit": 5000}).json()["data"]
        told = _told(page, war, day)
        assert told == {one["place"]["name"]: _standing(one) for one in answer}
        assert len(answer) > 5


def _told(page: Page, war: War, day: str) -> dict[str, list[Any]]:
    towns = httpx.get(f"{war.url}/v1/towns", params={"limit": 5000}).json()["data"]
    found = page.evaluate(
        """async ([towns, day]) => {
            const { townAt } = await import("/towns.js");
            return towns.map((town) => {
                const one = townAt(town, day);
                return one && [town.place.name, [one.status, one.controller, one.besieged, one.confidence, one.stale]];
            });
        }""",
        [towns, day],
    )
    return dict(one for one in found if one)


def _standing(state: dict[str, Any]) -> list[Any]:
    return [state[name] for name in ("status", "controller", "besieged_by", "confidence", "stale")]


def test_states_are_told_apart_without_colour(page: Page, war: War) -> None:
    visit(page, war)
    alike = page.evaluate(
        """async () => {
            const { sign } = await import("/symbols.js");
            const grey = { ink: "#000", paper: "#fff", edge: "#fff" };
            const base = { status: "held", controller: "rebels", parties: ["rebels", "sdf"], besieged: [],
                shares: [{ party: "rebels", share: 0.5 }, { party: "sdf", share: 0.5 }], stale: false, unsure: false };
            const kinds = { held: {}, other: { controller: "sdf" }, divided: { status: "divided" },
                contested: { status: "contested" }, besieged: { besieged: ["sdf"] }, stale: { stale: true },
                unsure: { unsure: true }, unknown: { status: "unknown", unsure: true } };
            const drawn = Object.entries(kinds).map(([name, more]) => {
                const canvas = sign({ ...base, ...more }, grey);
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                const light = [];
                for (let at = 0; at < data.length; at += 4) light.push(data[at + 3] < 60 ? 255
                    : 0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2]);
                return [name, light];
            });
            const alike = [];
            for (const [one, a] of drawn) for (const [other, b] of drawn) {
                const differing = a.filter((value, at) => Math.abs(value - b[at]) > 60).length;
                if (one < other && differing < 20) alike.push([one, other, differing]);
            }
            return alike;
        }"""
    )
    assert alike == []


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_nothing_sticks_out_at_any_width(page: Page, war: War, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    visit(page, war, "day=2017-04-10&town=ocha:C2889")
    expect(page.locator("#panel .evidence .report").first).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_their_ground(page: Page, war: War, theme: str) -> None:
    visit(page, war, f"day=2017-04-10&town=ocha:C2889&theme={theme}")
    ratios = page.evaluate(
        """() => {
            const shade = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
            const light = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
                .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
                .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
            const ratio = (one, other) => {
                const [less, more] = [light(shade(one)), light(shade(other))].sort((a, b) => a - b);
                return (more + 0.05) / (less + 0.05);
            };
            const pairs = [["--ink", "--panel"], ["--soft", "--panel"], ["--accent", "--panel"], ["--ink", "--mark"],
                ["--ink", "--mark-chosen"], ["--warn", "--panel"], ["--ink", "--home"]];
            return Object.fromEntries(pairs.map(([one, other]) => [`${one} on ${other}`, ratio(one, other)]));
        }"""
    )
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}
