"""Quiet hours: a stretch of each day, in a time zone, in which only what is grave enough comes through."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.alert import SEVERITIES, Severity


def _clock_time(written: Any) -> Any:
    # YAML 1.1 reads an unquoted 22:00 as a number to base sixty, which is the minutes since midnight.
    if isinstance(written, int) and not isinstance(written, bool) and 0 <= written < 24 * 60:
        return time(*divmod(written, 60))
    return written


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("there is no such time zone; write it as Asia/Damascus") from None
    return name


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class Quiet(BaseModel):
    """Quiet hours of a target. What is held back comes as a digest when they end."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_by_name=True)

    from_: ClockTime = Field(alias="from")
    """Local time at which they begin, such as 22:00."""
    to: ClockTime
    """Local time at which they end; before `from` if they run over midnight."""
    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """Time zone, such as Asia/Damascus."""
    let_through: Severity | None = "critical"
    """Alerts of at least this severity are delivered at once; null for none."""

    @model_validator(mode="after")
    def _lasts(self) -> Quiet:
        if self.from_ == self.to:
            raise ValueError("quiet hours end when they begin; use mute_until to hear nothing")
        return self

    def holds(self, severity: Severity, now: datetime) -> datetime | None:
        """When quiet hours end, if they hold an alert of this severity back now; else null."""
        if self.let_through and SEVERITIES.index(severity) >= SEVERITIES.index(self.let_through):
            return None
        return self.end(now)

    def end(self, now: datetime) -> datetime | None:
        """When the quiet hours that hold now are over, in UTC; null if there are none now."""
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        over_midnight, clock = self.to < self.from_, local.time()
        begun, not_over = clock >= self.from_, clock < self.to
        if not ((begun or not_over) if over_midnight else (begun and not_over)):
            return None
        day = local.date() + timedelta(days=1 if over_midnight and begun else 0)
        over = datetime.combine(day, self.to, zone).astimezone(UTC)
        # Where clocks are put back or forward, a local time may come twice or never.
        return over if over > now else None
