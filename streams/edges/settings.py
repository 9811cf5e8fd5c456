"""Settings from the environment: `FRONTWIRE_*`, read once, and handed inward as plain values."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the environment says; options of a command go before it."""

    model_config = SettingsConfigDict(env_prefix="FRONTWIRE_", frozen=True, env_ignore_empty=True)

    log: Path = Path(".frontwire/log.db")
    """FRONTWIRE_LOG: the file that holds topics, state and progress."""
    theatre: str = "syria"
    """FRONTWIRE_THEATRE: name of the theatre pack."""
    theatres: Path | None = None
    """FRONTWIRE_THEATRES: folder with packs of one's own; the packs that ship with Frontwire if it is not set."""
    rules: Path | None = None
    """FRONTWIRE_RULES: file of alert rules; those that ship with the theatre if it is not set."""
    partitions: int = Field(default=1, ge=1, le=1024)
    """FRONTWIRE_PARTITIONS: partitions of each topic of a log that is created."""
    batch: int = Field(default=200, ge=1, le=100_000)
    """FRONTWIRE_BATCH: records worked off in one transaction."""
    state_mb: int = Field(default=256, ge=1)
    """FRONTWIRE_STATE_MB: megabytes of state that a run holds in memory."""
    log_level: str = "warning"
    """FRONTWIRE_LOG_LEVEL: from which level on log events are printed: debug, info, warning, error."""


@cache
def settings() -> Settings:
    """The settings, read on first use."""
    return Settings()
