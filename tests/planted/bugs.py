"""Faults planted on purpose, one at a time, in a copy of the program: what proves the promise must find each."""

from __future__ import annotations

from dataclasses import dataclass

LOST_TAIL = "tests/shells/test_verify.py::test_a_lost_tail_is_found_when_the_log_is_opened"
SECRETS = "tests/end_to_end/test_secrets.py::test_no_secret_is_in_any_output_log_line_metric_or_answer"
CHANGED = "tests/shells/test_verify.py::test_a_changed_record_is_not_read"


@dataclass(frozen=True)
class Bug:
    """One text in one file, replaced by another."""

    file: str
    before: str
    after: str
    test: str | None = None
    """The test that finds it; the simulator if none is named."""


BUGS: dict[str, Bug] = {
    "an article is acknowledged although it was not kept": Bug(
        "streams/edges/intake/ingest.py",
        "            self._log.append(self._batch)\n",
        "            with __import__('contextlib').suppress(Exception):\n"
        "                self._log.append(self._batch)\n",
    ),
    "a batch that came too late is dropped": Bug(
        "streams/shells/runner.py",
        "            telemetry.batch_repeated(tuple(self._versions))\n            return\n",
        "            telemetry.batch_repeated(tuple(self._versions))\n",
    ),
    "states are kept before they are committed": Bug(
        "streams/shells/runner.py",
        "        try:\n            self._log.commit(",
        "        self._live.keep(dumped)\n        try:\n            self._log.commit(",
    ),
    "progress is not written down": Bug(
        "streams/shells/batch.py", "Changes(self.entries, rows, marks, ", "Changes(self.entries, rows, [], "
    ),
    "what cannot be read is dropped": Bug(
        "streams/shells/batch.py", "            self._bury(stage, stored, error.reason, error.detail)\n", ""
    ),
    "a dead letter is cut short": Bug(
        "streams/shells/batch.py", "            raw=stored.value,\n", "            raw=stored.value[:3],\n"
    ),
    "the clock of the machine gets into the records": Bug(
        "streams/shells/log.py",
        "return _EPOCH + timedelta(milliseconds=self.timestamp)",
        "return datetime.now(UTC)",
    ),
    "an old text that comes late replaces the newer one": Bug(
        "streams/stages/extract/step.py",
        " or article.revision < state.revision:",
        ":",
    ),
    "a second text under the same id vanishes": Bug(
        "streams/stages/extract/step.py", "return state, () if same else ", "return state, () if True else "
    ),
    "a feed client comes back one record too early": Bug(
        "streams/edges/feed/cursor.py", "(*offsets[:partition], offset + 1, ", "(*offsets[:partition], offset, "
    ),
    "what a feed client read from the log comes again from the ring": Bug(
        "streams/edges/feed/stream.py",
        "self._hub.position.only(self._subscription.kinds), self._hub.end",
        "self._hub.position.only(self._subscription.kinds), self._hub.start",
    ),
    "each attempt has an id of its own": Bug(
        "streams/edges/delivery/courier.py",
        "alert_message(form, item.message_id, ",
        'alert_message(form, f"{item.message_id}-{item.attempts}", ',
    ),
    "a failed delivery counts as made": Bug(
        "streams/edges/delivery/outcomes.py", "    if answer.delivered:\n", "    if answer is not None:\n"
    ),
    "a lost tail is ignored": Bug(
        "streams/shells/sqlite_log.py", "if note and note[0] > head.end:", "if note and False:", LOST_TAIL
    ),
    "a checksum is not looked at": Bug(
        "streams/shells/sqlite_records.py",
        "if offset == expected and checksum(frame(lane, offset, name, timestamp, headers), value) == noted:",
        "if offset == expected and noted is not None:",
        CHANGED,
    ),
    "a token in an address is told with the answer": Bug(
        "streams/edges/delivery/sending.py", "parts += [value for _, value in ", "[value for _, value in ", SECRETS
    ),
}  # fmt: skip
"""What each does, and where it is planted."""
