"""The log over a Kafka broker: the same topics, partitions and offsets, held by kafka-python's clients.

It moves bytes and decides nothing. Topics are created with their partitions, clean-up and retention from the registry,
never by the broker on its own. Keys choose their partition by murmur2, as in every Kafka client of the Java family, so
that a record lies in the same partition whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError, OffsetOutOfRangeError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata, TopicPartition

from schemas.errors import LogError, OffsetOutOfRange, UnknownTopic
from schemas.topics import TOPICS, Topic
from streams.shells.access import OPEN, Access, servers
from streams.shells.changelog import TOMBSTONES_KEPT_MS
from streams.shells.cloudevents import with_attributes, without_attributes
from streams.shells.log import Entry, Lane, Stored

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""Greatest record that is sent or read: a dead letter holds the bytes of an over-long article in base64."""
POLL_MS = 500
ANSWER_MS = 10_000
"""How long to wait for any broker to answer, and to let us in."""
POLLED = 5_000
"""Entries of a changelog taken at once."""
READ_POLLS = 60
"""Polls of half a second until a read that should give records gives up on the broker."""


class KafkaLog:
    """A log on a broker. One thread at a time; close it, or use it in a `with`."""

    def __init__(self, url: str, *, prefix: str = "", access: Access = OPEN) -> None:
        """Connect.

        Args:
            url: `kafka://host:port`, several separated by commas.
            prefix: Put before each topic's name on the broker, so that several logs can share one.
            access: What the client shows the broker.

        Raises:
            LogError: If no broker answers there.
        """
        self.bootstrap = servers(url)
        self.prefix = prefix
        self._next: tuple[TopicPartition, int] | None = None
        """Where the consumer reads on without a seek, which would throw away what it fetched ahead."""
        self._shown = shown = {name: value for name, value in access.client().items() if value is not None}
        try:
            self._admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=ANSWER_MS, **shown)
            self._producer = KafkaProducer(
                bootstrap_servers=self.bootstrap,
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
                max_request_size=MAX_RECORD_BYTES,
                allow_auto_create_topics=False,
                **shown,
            )
            self._consumer = KafkaConsumer(
                bootstrap_servers=self.bootstrap,
                enable_auto_commit=False,
                auto_offset_reset="none",
                max_partition_fetch_bytes=MAX_RECORD_BYTES,
                allow_auto_create_topics=False,
                **shown,
            )
        except KafkaError as error:
            raise LogError(f"no Kafka broker answers at {url}: {error}; start one or correct the address") from error

    def __enter__(self) -> KafkaLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the broker; what was appended is there already."""
        self._producer.close()
        self._consumer.close()
        self._admin.close()

    def create(self, partitions: int | None = None, replication: int = 1, topics: Iterable[Topic] = ()) -> None:
        """Create the topics that are missing.

        Args:
            partitions: For each topic; the registry's own number if None.
            replication: Copies on the cluster's brokers; 3 where there are that many.
            topics: Which ones; all of the registry if empty.
        """
        there = set(self._admin.list_topics())
        missing = [topic for topic in (tuple(topics) or TOPICS.values()) if self.prefix + topic.name not in there]
        new = [self._new(topic, partitions or topic.kafka_partitions, replication) for topic in missing]
        self._create(new)

    def create_changelog(self, name: str, partitions: int, replication: int, lease_ms: int) -> None:
        """Create a topic that keeps the last entry of each key for ever, if it is missing: a table's changelog.

        It refuses entries whose time is further from the broker's than the lease of the worker that wrote them.
        """
        if name in set(self._admin.list_topics()):
            return
        self._create([NewTopic(name, partitions, replication, topic_configs=changelog_settings(lease_ms))])

    def _create(self, new: list[NewTopic]) -> None:
        if not new:
            return
        names = [topic.name for topic in new]
        try:
            self._admin.create_topics(new)
            self._admin.wait_for_topics(names)
        except TopicAlreadyExistsError:
            self._admin.wait_for_topics(names)  # Another worker, started with this one, was quicker.
        except KafkaError as error:
            raise LogError(f"{', '.join(names)} cannot be created: {type(error).__name__}; who may, has to") from error

    def _new(self, topic: Topic, partitions: int, replication: int) -> NewTopic:
        return NewTopic(self.prefix + topic.name, partitions, replication, topic_configs=topic_settings(topic))

    def names(self) -> list[str]:
        """What the topics on the broker are called, ours and others'."""
        return sorted(self._admin.list_topics())

    def commit(self, group: str, ends: Mapping[Lane, int]) -> None:
        """Write down for a consumer group how far it has read, where every Kafka tool sees it."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=group, **self._shown)
        try:
            where = {TopicPartition(self.prefix + lane.topic, lane.partition): end for lane, end in ends.items()}
            consumer.assign(list(where))
            consumer.commit({at: OffsetAndMetadata(end, "", -1) for at, end in where.items()})
        finally:
            consumer.close()

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises UnknownTopic."""
        if topic not in TOPICS:
            raise UnknownTopic(f"there is no topic {topic!r}; the topics are {', '.join(TOPICS)}")
        found = self._consumer.partitions_for_topic(self.prefix + topic)
        if not found:
            raise UnknownTopic(f"{self.prefix + topic!r} is not on the broker; create the topics first")
        return len(found)

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Append in order; partition and offset of each, on all in-sync replicas on return.

        Raises:
            LogError: If the broker does not take them all; the first of them may be there then, in order.
        """
        # Checked before the first one is sent: a record on a broker is not taken back.
        checked = [self._checked(entry) for entry in entries]
        sent = [self._send(entry) for entry in checked]
        self._producer.flush()
        try:
            done = [future.get(timeout=0) for future in sent]
        except KafkaError as error:
            raise LogError(f"the broker did not take the records: {error}; append them again") from error
        return [(metadata.partition, metadata.offset) for metadata in done]

    def _checked(self, entry: Entry) -> Entry:
        self._known(entry.topic, entry.partition or 0)
        return entry

    def put(self, name: str, entries: Iterable[tuple[int, bytes, bytes | None]]) -> None:
        """Write entries (partition, key, value) to a topic outside the registry: a table's changelog."""
        left = iter(entries)
        # A few at a time: a changelog refuses what waited longer than a lease.
        while some := list(islice(left, POLLED)):
            sent = [self._producer.send(name, key=key, value=value, partition=at) for at, key, value in some]
            self._producer.flush()
            try:
                for future in sent:
                    future.get(timeout=0)
            except KafkaError as error:
                raise LogError(f"the broker did not take the state: {error}; copy again") from error

    def changelog(self, name: str) -> Iterator[tuple[bytes, bytes | None]]:
        """The entries of a table's changelog as they stand now, in order within each partition."""
        for partition in self._consumer.partitions_for_topic(name) or ():
            where = TopicPartition(name, partition)
            end = self._consumer.end_offsets([where])[where]
            self._consumer.assign([where])
            self._consumer.seek_to_beginning(where)
            self._next = None
            while self._consumer.position(where) < end:
                yield from ((record.key, record.value) for record in self._poll(where, POLLED))

    def _send(self, entry: Entry) -> Any:
        return self._producer.send(
            self.prefix + entry.topic,
            key=entry.key.encode(),
            value=entry.value,
            partition=entry.partition,
            timestamp_ms=entry.timestamp,
            headers=with_attributes(entry),
        )

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, in order; none at the end.

        Raises:
            OffsetOutOfRange: If the offset lies before the first one held or beyond the end.
        """
        first, end = self.bounds(topic, partition)
        if not first <= offset <= end:
            raise OffsetOutOfRange(f"{topic}/{partition}: offset {offset} is not there; the log holds {first} to {end}")
        self._place(topic, partition, offset)
        where = TopicPartition(self.prefix + topic, partition)
        records: list[Stored] = []
        for _ in range(READ_POLLS):
            # Compaction and transactions leave holes: where the client stands tells more than how much it gave.
            reached = self._consumer.position(where)
            if len(records) >= limit or reached >= end:
                self._next = where, reached
                return [record for record in records if record.offset < end]
            records += map(partial(self.stored, topic), self._poll(where, min(limit - len(records), end - reached)))
        raise LogError(f"{topic}/{partition}: the broker gave {len(records)} records of {offset} to {end}")

    def _place(self, topic: str, partition: int, offset: int) -> None:
        where = TopicPartition(self.prefix + topic, partition)
        if self._next == (where, offset):
            return
        self._consumer.assign([where])
        self._consumer.seek(where, offset)
        self._next = where, offset

    def _poll(self, where: TopicPartition, limit: int) -> list[Any]:
        try:
            batches = self._consumer.poll(timeout_ms=POLL_MS, max_records=limit)
        except OffsetOutOfRangeError as error:
            raise OffsetOutOfRange(f"{where.topic}: the offset was dropped while it was read; read on later") from error
        found: list[Any] = batches.get(where, [])
        return found

    def stored(self, topic: str, record: Any) -> Stored:
        """A client's record as one of the log's."""
        headers = without_attributes(tuple((name, value or b"") for name, value in record.headers))
        key, value = (record.key or b"").decode(errors="replace"), record.value or b""
        # A broker knows no order over partitions; that of log time is the nearest to it.
        return Stored(topic, record.partition, record.offset, key, value, record.timestamp, headers, record.timestamp)

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        where = self._known(topic, partition)
        return self._consumer.beginning_offsets([where])[where], self._consumer.end_offsets([where])[where]

    def bounds_of(self, lanes: Iterable[Lane]) -> dict[Lane, tuple[int, int]]:
        """The same for many lanes, asked for at once."""
        where = {lane: self._known(*lane) for lane in lanes}
        first = self._consumer.beginning_offsets(list(where.values()))
        end = self._consumer.end_offsets(list(where.values()))
        return {lane: (first[one], end[one]) for lane, one in where.items()}

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        where = self._known(topic, partition)
        found = self._consumer.offsets_for_times({where: timestamp})[where]
        return self.bounds(topic, partition)[1] if found is None else found.offset

    def _known(self, topic: str, partition: int) -> TopicPartition:
        if not 0 <= partition < (count := self.partitions(topic)):
            raise UnknownTopic(f"{topic} has partitions 0 to {count - 1}, not {partition}")
        return TopicPartition(self.prefix + topic, partition)


def topic_settings(topic: Topic) -> dict[str, str]:
    """What a broker is to know of a topic of the registry."""
    kept = -1 if topic.retention_days is None else topic.retention_days * 86_400_000
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(kept),
        # The log time of the article that caused a record, not the time at which the broker got it.
        "message.timestamp.type": "CreateTime",
        "message.timestamp.before.max.ms": str(2**63 - 1),
        "max.message.bytes": str(MAX_RECORD_BYTES),
    }


def changelog_settings(lease_ms: int) -> dict[str, str]:
    """What a broker is to know of a changelog: it refuses what comes later than the lease of the worker that wrote it.

    Args:
        lease_ms: For how long a worker may write after it last heard from its group.
    """
    return {
        "cleanup.policy": "compact",
        "delete.retention.ms": str(TOMBSTONES_KEPT_MS),
        "max.message.bytes": str(MAX_RECORD_BYTES),
        "message.timestamp.type": "CreateTime",
        "message.timestamp.before.max.ms": str(lease_ms),
        "message.timestamp.after.max.ms": "2000",
    }
