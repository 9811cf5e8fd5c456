"""Settings from the environment: `FRONTWIRE_*`, read once, and handed inward as plain values."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from streams.shells.access import Access, Mechanism


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
    kafka_sasl: Mechanism | None = None
    """FRONTWIRE_KAFKA_SASL: how one proves who one is to a broker: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."""
    kafka_username: str | None = None
    """FRONTWIRE_KAFKA_USERNAME: as whom."""
    kafka_password: SecretStr | None = None
    """FRONTWIRE_KAFKA_PASSWORD: with which password."""
    kafka_tls: bool = False
    """FRONTWIRE_KAFKA_TLS: true to encrypt the connection to a broker and to check its certificate."""
    kafka_ca: Path | None = None
    """FRONTWIRE_KAFKA_CA: certificates (PEM) to trust there in place of the system's."""
    kafka_certificate: Path | None = None
    """FRONTWIRE_KAFKA_CERTIFICATE: one's own certificate (PEM), where the broker asks for one."""
    kafka_key: Path | None = None
    """FRONTWIRE_KAFKA_KEY: its key, if it stands in a file of its own."""
    probe: str | None = None
    """FRONTWIRE_PROBE: `host:port` on which a worker tells /metrics, /livez and /readyz."""
    keys: Path | None = None
    """FRONTWIRE_KEYS: file of the keys that the feed asks for; without it the feed serves its own machine only."""
    key: SecretStr | None = None
    """FRONTWIRE_KEY: key that `frontwire feed` shows."""
    delay_hours: float = Field(default=0, ge=0)
    """FRONTWIRE_DELAY_HOURS: the feed tells nothing that reached the log less long ago."""
    round_km: float = Field(default=0, ge=0)
    """FRONTWIRE_ROUND_KM: the feed moves points to a grid of this width."""
    log_level: str = "warning"
    """FRONTWIRE_LOG_LEVEL: from which level on log events are printed: debug, info, warning, error."""

    def access(self) -> Access:
        """What clients show a broker. Raises LogError if parts of it are missing."""
        password = self.kafka_password.get_secret_value() if self.kafka_password else None
        return Access(
            self.kafka_sasl,
            self.kafka_username,
            password,
            self.kafka_tls,
            self.kafka_ca,
            self.kafka_certificate,
            self.kafka_key,
        )


@cache
def settings() -> Settings:
    """The settings, read on first use."""
    return Settings()
