"""The notes beside a log: the furthest end stays, and a torn note is none."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from streams.shells.high_water import HighWater

ID, CHAIN = b"i" * 16, b"c" * 16


def test_the_furthest_end_stays_whoever_notes_last(tmp_path: Path) -> None:
    with closing(HighWater(tmp_path / "m", ID, writes=True)) as one:
        with closing(HighWater(tmp_path / "m", ID, writes=True)) as other:
            one.write([(1, 20, CHAIN), (9, 3, CHAIN)])
            other.write([(1, 10, b"o" * 16), (9, 4, CHAIN)])
        assert (one.read(1), one.read(9), one.read(2)) == ((20, CHAIN), (4, CHAIN), None)


def test_a_torn_note_is_none_and_can_be_written_anew(tmp_path: Path) -> None:
    with closing(HighWater(tmp_path / "m", ID, writes=True)) as notes:
        notes.write([(1, 20, CHAIN)])
        raw = bytearray((tmp_path / "m").read_bytes())
        raw[2 * 64 + 5] ^= 1
        (tmp_path / "m").write_bytes(raw)
        assert notes.read(1) is None
        notes.write([(1, 7, CHAIN)])
        assert notes.read(1) == (7, CHAIN)


def test_notes_know_their_log(tmp_path: Path) -> None:
    HighWater(tmp_path / "m", ID, writes=True).close()
    for log, fits in ((ID, True), (b"j" * 16, False)):
        with closing(HighWater(tmp_path / "m", log, writes=False)) as notes:
            assert notes.fits is fits
    with closing(HighWater(tmp_path / "none", ID, writes=False)) as absent:
        assert absent.fits
        assert absent.read(1) is None
    assert not (tmp_path / "none").exists()
