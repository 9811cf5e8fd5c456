"""Persons who are quoted: by full name, by surname once known, and by the body that they speak for."""

from __future__ import annotations

import re
from dataclasses import replace

from streams.stages.extract.scene import PARTIES, SOURCES, Attribution, Scene, ending
from streams.theatres.names import fold

_NAME = r"(?:(?!State\b)[A-Z][\w’'-]+|al-[A-Z][\w’'-]+|Al-[\w’'-]+|el-[A-Z]\w+|bin|ibn|de)"
_PERSON = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}$|\b[A-Z][\w’'-]+$")
_PERSON_AT = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}")
_ROLE = re.compile(
    r"(?:['’]?s)? (?:[a-z-]+ ){0,2}(?:coordinator|envoy|chairman|president|secretary|spokes(?:man|woman|person)"
    r"|official|commander|leader|head|chief|director|member|activist|fighter|correspondent|reporter)"
    r"(?: \w+\.)? $|(?:['’]s|s) $"
)
_OFFICER = re.compile(
    r"\b(?:president|chairman|chairwoman|chairperson|head|director|chief|spokesman|spokeswoman|member|secretary|leader)"
    r" (?:of|for|at) (?:the )?(?:[\w’'-]+ ){1,6}$",
    re.IGNORECASE,
)
_HEAD_OF = re.compile(
    r"\b(?:manager|head|director|chief|spokesman|spokeswoman|member|president) (?:of|for|at) (?:the )?"
    r"(?P<body>(?:[\w’'-]+ ){0,3}[\w’'-]+) $"
)


def person(scene: Scene, end: int) -> Attribution | None:
    """A person named before a verb, or the body that the person is said to speak for."""
    text = scene.text
    ends = (*(hit.end for hit in scene.sentence.places), *(hit.end for hit in scene.sentence.sources))
    floor = max((at for at in ends if at < end - 3), default=0)
    match = _PERSON.search(text, max(floor, end - 60), end)
    one = _named(scene, match) if match else None
    if match is None or one is None:
        return None
    role = _ROLE.search(text, max(0, match.start() - 40), match.start())
    body = ending(scene, role.start(), (*SOURCES, *PARTIES)) if role else None
    if role and body is None and (office := ending(scene, match.start() - 1, SOURCES)):
        body = replace(office, label=_ROLE.sub("", f"{office.label} "))
    if body is None and _OFFICER.search(text, max(0, match.start() - 90), match.start()):
        body = ending(scene, match.start() - 1, SOURCES)  # "the chairman of the Network X"
    led = _HEAD_OF.search(text, max(0, match.start() - 70), match.start()) if " " in match[0] else None
    if body is None and led:
        body = replace(one, label=led["body"])
    if body is None:
        return one
    scene.persons.update(dict.fromkeys(match[0].split(), body))
    return replace(body, end=end)


_ASIDE = re.compile(r"(?<=, )(?:an?|the|who) [^.;,]{2,70}$")


def aside_start(text: str, end: int) -> int:
    """Where an aside between commas begins that ends at an offset; 0 if there is none."""
    aside = _ASIDE.search(text, max(0, end - 80), end)
    return aside.start() if aside else 0


_BEARER = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}(?=,? $)")


def bearer(scene: Scene, end: int) -> Attribution | None:
    """A person whose trade stands behind the name: "Karim Haddad, a nurse, said"."""
    match = _BEARER.search(scene.text, max(0, end - 60), end) if scene.text[max(0, end - 2) : end] == ", " else None
    return _named(scene, match) if match else None


def person_at(scene: Scene, start: int) -> Attribution | None:
    """A person named behind a verb: "said Ali Saleh, head of the health directorate"."""
    match = _PERSON_AT.match(scene.text, start)
    one = _named(scene, match) if match else None
    if one is None or not one.root_source.startswith("person:"):
        return one
    office = scene.speech.offices.match(scene.text, one.end)
    body = _OFFICE_BODY.match(scene.text, office.end()) if office else None
    return replace(one, label=body[0]) if body else one


_OFFICE_BODY = re.compile(r"(?:[\w’'-]+ ){0,4}?[\w’'-]+(?=[,.\"”]| said| told| in | who| adding|$)")


def _named(scene: Scene, match: re.Match[str]) -> Attribution | None:
    """A person by full name; a surname alone is whoever bore it before, or nobody. A town speaks for nobody."""
    name = match[0]
    if any(hit.start <= match.start() and match.end() <= hit.end for hit in scene.sentence.places):
        return None
    key = name.removeprefix("al-").removeprefix("Al-")
    if " " not in name:
        known = scene.persons.get(key)
        return replace(known, start=match.start(), end=match.end(), inherited=True) if known else None
    one = Attribution(name, f"person:{fold(name)}", None, match.start(), match.end())
    parts = [part.removeprefix("al-").removeprefix("Al-") for part in name.split()]
    if parts[-1] in scene.persons and parts[0] in scene.persons:
        return replace(scene.persons[parts[-1]], start=match.start(), end=match.end(), inherited=True)
    scene.persons.update(dict.fromkeys(parts, one))
    return one
