"""An archive: everything that a log holds, in files by topic and day, from which the same log can be made again.

Each row keeps sequence, offset, key, times, headers, chain and the record's bytes as they are; the manifest keeps the
ends of the lanes, the progress of the stages, and how every file is known again. So what comes back has the same
offsets, the same chains and the same hash of its state, and `verify` proves it. A day is one of log time, in UTC.

Written again into the same folder, an archive becomes that of the log as it is now: days that did not change are left
alone, and what was erased in the log is erased there too.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import LogDamaged, LogError
from streams.shells import sqlite_file
from streams.shells.archive_forms import Form, JsonLines, Parquet, Row
from streams.shells.log import Head, Lane, Mark, RowChange, Stored
from streams.shells.snapshots import hash_of
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.verify import verify

MANIFEST, STATE, FORMAT = "manifest.json", "state.jsonl", 1
FORMS: Mapping[str, type[Form]] = {"jsonl": JsonLines, "parquet": Parquet}

_EPOCH = date(1970, 1, 1)
_BY_DAY = """SELECT timestamp / 86400000 AS day, lane, "offset", clock, checksum, chain
    FROM records WHERE lane IN ({}) ORDER BY day, sequence"""


def write(
    log: Path, folder: Path, form: str, on_progress: Callable[[str, int], None] = lambda name, rows: None
) -> dict[str, int]:
    """Write a log into a folder, or bring an earlier archive of it there up to date.

    Args:
        log: The log, which may be running meanwhile: what is written is of one moment.
        folder: Where to; made if it is not there.
        form: `jsonl` or `parquet`.
        on_progress: Called with the name of each file that is written, and its rows.

    Returns:
        Rows by file, those of files that were left alone included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _read_manifest(folder) if (folder / MANIFEST).exists() else {}
    there = before.get("files", {}) if before.get("form") == form else {}
    with closing(open_log(log, read_only=True)) as source, sqlite_file.one_moment(source.connection()):
        files = {}
        for topic in source.topics():
            for name, about, rows in _days(source, topic, FORMS[form].suffix):
                files[name] = about
                if there.get(name) != about or not (folder / name).exists():
                    _replace(folder / name, FORMS[form]().write, rows)
                    on_progress(name, about["rows"])
        _replace(folder / STATE, _write_state, source)
        _replace(folder / MANIFEST, _write_manifest, _about(source, form, files))
    for name in before.get("files", {}).keys() - files.keys():
        (folder / name).unlink(missing_ok=True)
    return {name: about["rows"] for name, about in files.items()}


def refresh(log: Path, folder: Path) -> None:
    """Bring an archive up to date with its log, in the form that it has. Raises LogError if there is none."""
    write(log, folder, _read_manifest(folder)["form"])


def restore(folder: Path, log: Path) -> int:
    """Make a log of an archive: the same records at the same offsets, states and progress; how many records.

    Raises:
        LogError: If there is a log already, or no archive in the folder.
        LogDamaged: If the archive does not hold what was written; nothing is left of the log.
    """
    if log.exists():
        raise LogError(f"{log} is there already; name a new file")
    about = _read_manifest(folder)
    draft = log.with_name(log.name + ".draft")
    _remove(draft)
    try:
        with closing(open_log(draft, partitions=1 + max(one["partition"] for one in about["lanes"]))) as target:
            count = sum(_put_back(target, folder / name, about["form"]) for name in sorted(about["files"]))
            heads = {Lane(one["topic"], one["partition"]): _head(one) for one in about["lanes"]}
            marks = [Mark(one["stage"], one["version"], Lane(*one["lane"]), one["offset"]) for one in about["marks"]]
            target.restore_ends(heads, _read_state(folder / STATE), marks)
            _expect(hash_of(target) == about["hash"], folder, "the states are not those that were written")
        found = verify(draft).damage
        _expect(not found, folder, found[0].what if found else "")
    except (ValueError, KeyError, TypeError, OSError) as error:
        _remove(draft)
        raise LogDamaged(f"{folder} is no whole archive: {error}") from error
    except LogError:
        _remove(draft)
        raise
    for suffix in (".mark", ""):
        draft.with_name(draft.name + suffix).rename(log.with_name(log.name + suffix))
    return count


def _days(source: SqliteLog, topic: str, suffix: str) -> Iterator[tuple[str, dict[str, Any], Iterator[Row]]]:
    """The days of a topic: name of the file, how it is known again, and its rows."""
    lanes = {source.number(lane): lane for lane in source.heads() if lane.topic == topic}
    query = _BY_DAY.format(",".join(map(str, lanes)))
    for day, found in groupby(source.connection().execute(query), key=lambda row: row[0]):
        rows = list(found)
        known = blake2b(digest_size=16)
        for _, number, offset, _, checksum, chain in rows:
            known.update(b"%d %d %d " % (lanes[number].partition, offset, checksum) + chain)
        name = f"{topic}/{_EPOCH + timedelta(days=day)}{suffix}"
        yield name, {"rows": len(rows), "known": known.hexdigest()}, (_row(source, lanes[row[1]], row) for row in rows)


def _row(source: SqliteLog, lane: Lane, row: tuple[Any, ...]) -> Row:
    _, _, offset, clock, _, chain = row
    stored = source.read(*lane, offset, 1)[0]
    place = stored.sequence, stored.partition, stored.offset
    return Row(*place, stored.key, stored.timestamp, clock, chain, stored.headers, stored.value)


def _put_back(target: SqliteLog, path: Path, form: str) -> int:
    topic, rows = path.parent.name, FORMS[form]().read(path)
    return target.restore_records(
        (Stored(topic, one.partition, one.offset, one.key, one.value, one.timestamp, one.headers, one.sequence),
         one.clock, one.chain)
        for one in rows
    )  # fmt: skip


def _about(source: SqliteLog, form: str, files: Mapping[str, Any]) -> dict[str, Any]:
    lanes = [
        {**lane._asdict(), "first": head.first, "end": head.end, "chain": head.chain.hex(), "clock": head.clock}
        for lane, head in sorted(source.heads().items())
    ]
    marks = [
        {"stage": one.stage, "version": one.version, "lane": [*one.lane], "offset": one.offset}
        for one in sorted(source.marks(), key=lambda mark: (mark.stage, mark.lane))
    ]
    about = {"format": FORMAT, "form": form, "hash": hash_of(source), "generation": source.generation}
    return {**about, "lanes": lanes, "marks": marks, "files": files}


def _write_manifest(path: Path, about: dict[str, Any]) -> None:
    path.write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise LogError(f"there is no archive in {folder}: {error}") from error
    if about.get("format") != FORMAT:
        raise LogError(f"{folder} has format {about.get('format')}; this program reads {FORMAT}")
    return about


def _write_state(path: Path, source: SqliteLog) -> None:
    with path.open("wb") as file:
        for stage in source.stages():
            for key, rows in source.states(stage):
                told = {name: b64encode(value).decode() for name, value in rows.items()}
                file.write(orjson.dumps({"stage": stage, "key": key, "rows": told}) + b"\n")


def _read_state(path: Path) -> Iterator[RowChange]:
    with path.open("rb") as file:
        for line in file:
            one = orjson.loads(line)
            yield RowChange(one["stage"], one["key"], {name: b64decode(row) for name, row in one["rows"].items()}, ())


def _head(one: Mapping[str, Any]) -> Head:
    return Head(one["first"], one["end"], bytes.fromhex(one["chain"]), one["clock"])


def _replace(path: Path, put: Callable[[Path, Any], object], what: Any) -> None:
    """Write a file beside the old one, which stays whole until the new one takes its place."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    put(draft, what)
    draft.replace(path)


def _expect(right: bool, folder: Path, what: str) -> None:
    if not right:
        raise LogDamaged(f"{folder} is not what was written: {what}")


def _remove(draft: Path) -> None:
    for suffix in ("", ".mark", "-wal", "-shm", ".lock"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)
