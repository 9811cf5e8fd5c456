"""The state of a stage as entries of a changelog: a row each, and a position for each partition of its inputs.

What one batch of records changes in a partition is one record batch, that a broker takes whole or not at all: rows and
position so change together, and what is written does not grow with a town's past. The changelog is compacted; a row
that is no more is a tombstone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from struct import Struct

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError

from streams.shells.access import Access, servers
from streams.shells.log import Lane, Mark, RowChange
from streams.stages.stage import Rows

Entries = Iterable[tuple[bytes, bytes | None]]
"""Keys of a changelog with their values, null for those that go."""

MAX_BATCH_BYTES = 16 * 1024 * 1024
"""What is written together at most; half of the greatest record that a broker takes from us."""
TOMBSTONES_KEPT_MS = 7 * 86_400_000
"""How long the changelog keeps tombstones. A copy that was not written for that long may have missed one."""

_LENGTH = Struct(">I")
_POSITION = b"\xff\xff\xff\xff"
"""Stands where the length of a key would: no key is as long."""


class TooMuch(Exception):
    """More changed than one record batch holds: take fewer records together."""


class TooOld(Exception):
    """The broker refused a change: it came too long after its worker last heard from its group."""


class ChangelogWriter:
    """Writes changes of state, each in one piece and in order."""

    def __init__(self, broker: str, access: Access) -> None:
        self._broker, self._access = broker, access
        self._producer: AIOKafkaProducer | None = None

    async def write(self, topic: str, partition: int, entries: Entries, time_ms: int) -> int:
        """Write entries to a partition, on all in-sync replicas on return; the offset of the first.

        Args:
            topic: Name of the changelog.
            partition: Partition of the records that the change follows from.
            entries: What changed, in order.
            time_ms: When the worker last heard that the partition is its own (`streams.shells.lease`).

        Raises:
            TooMuch: If they are more than a broker takes in one piece.
            TooOld: If the broker refused them for their time.
            KafkaError: If the broker did not take them.
        """
        producer = await self._started()
        batch = producer.create_batch()
        for key, value in entries:
            if batch.append(timestamp=time_ms, key=key, value=value) is None:
                raise TooMuch(f"{topic}/{partition}: more than {MAX_BATCH_BYTES:,} bytes")
        try:
            written = await (await producer.send_batch(batch, topic, partition=partition))
        except InvalidTimestampError as error:
            # An idempotent producer goes on counting from the refused batch: the next one begins anew.
            await self.close()
            raise TooOld(f"{topic}/{partition}: {time_ms} is refused") from error
        return int(written.offset)

    async def close(self) -> None:
        """Let go of the broker."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                bootstrap_servers=servers(self._broker),
                enable_idempotence=True,
                max_batch_size=MAX_BATCH_BYTES,
                max_request_size=2 * MAX_BATCH_BYTES,
                **self._access.client(),
            )
            await self._producer.start()
        return self._producer


class ChangelogStates:
    """The states that a changelog holds, read to its end: for hashes, and for whoever wants to look."""

    def __init__(self, entries: Mapping[str, Entries]) -> None:
        """Take in the entries of each stage's changelog, in order within each partition."""
        self._rows: dict[str, dict[str, dict[str, bytes]]] = {}
        self._marks: dict[tuple[str, Lane], Mark] = {}
        for stage, changes in entries.items():
            self._rows[stage] = defaultdict(dict)
            for key, value in changes:
                self._take(stage, key, value)

    def _take(self, stage: str, key: bytes, value: bytes | None) -> None:
        if key.startswith(_POSITION):
            topic, _, partition = key[len(_POSITION) :].decode().rpartition(":")
            lane, (offset, version) = Lane(topic, int(partition)), read_position(value or b"0")
            self._marks[stage, lane] = Mark(stage, version, lane, offset)
            return
        about, row = split(key)
        if value is None:
            self._rows[stage][about].pop(row, None)
        else:
            self._rows[stage][about][row] = value

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows."""
        rows: Mapping[str, Rows] = self._rows.get(stage, {})
        return ((key, rows[key]) for key in sorted(rows) if rows[key])

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        return self._rows.get(stage, {}).get(key, {})

    @property
    def marks(self) -> list[Mark]:
        """How far each stage's state is."""
        return [self._marks[about] for about in sorted(self._marks)]


def changelog_name(group: str, stage: str) -> str:
    """Name of the topic that a stage's table writes its changes to."""
    return f"{group}-{stage}-state-changelog"


def row_entries(change: RowChange) -> Iterator[tuple[bytes, bytes | None]]:
    """A change of one key's rows as entries."""
    before = prefix(change.key)
    yield from ((before + name.encode(), value) for name, value in change.written.items())
    yield from ((before + name.encode(), None) for name in change.gone)


def position_entry(mark: Mark) -> tuple[bytes, bytes]:
    """A position as an entry: the first offset of a lane that the state does not yet contain, and who says so."""
    return position_key(*mark.lane), f"{mark.offset} {mark.version}".encode()


def read_position(value: bytes) -> tuple[int, str]:
    """Offset and version of the stage that `position_entry` made this value of."""
    offset, _, version = value.decode().partition(" ")
    return int(offset), version


def position_key(topic: str, partition: int) -> bytes:
    """Key of a lane's position."""
    return _POSITION + f"{topic}:{partition}".encode()


def prefix(key: str) -> bytes:
    """What the rows of a key begin with, and those of no other key."""
    encoded = key.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def split(entry: bytes) -> tuple[str, str]:
    """Key and name of the row that stands under an entry's key."""
    end = _LENGTH.size + _LENGTH.unpack_from(entry)[0]
    return entry[_LENGTH.size : end].decode(), entry[end:].decode()
