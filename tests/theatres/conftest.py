"""The theatre that ships with the program, and the index of its names: loaded once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.theatres.gazetteer import Gazetteer
from streams.theatres.scan import NameIndex
from streams.theatres.theatre import Theatre, load_theatre


@pytest.fixture(scope="session")
def theatre() -> Theatre:
    return load_theatre("syria")


@pytest.fixture(scope="session")
def gazetteer(theatre: Theatre) -> Gazetteer:
    return theatre.gazetteer


@pytest.fixture(scope="session")
def index(theatre: Theatre) -> NameIndex:
    return theatre.index()


@pytest.fixture
def packs() -> Path:
    return Path(__file__).parent / "packs"
