"""How a client proves to a broker who it is, and that the broker is the one that is meant: SASL and TLS.

Passwords stand in no message, log line or representation. An address with a password in it is refused, as addresses
are shown.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from schemas.errors import LogError

SCHEME = "kafka://"

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class Access:
    """What a client shows, and whom it trusts. Nothing of it: an open broker, in clear text."""

    mechanism: Mechanism | None = None
    """SASL mechanism; null for none."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    """Whether the connection is encrypted, and the broker's certificate and name are checked."""
    ca: Path | None = None
    """Certificates (PEM) to trust in place of the system's."""
    certificate: Path | None = None
    """The client's own certificate (PEM), with its key in the same file or in `key`."""
    key: Path | None = None

    def __post_init__(self) -> None:
        if self.mechanism and not (self.username and self.password):
            raise LogError(f"{self.mechanism} needs FRONTWIRE_KAFKA_USERNAME and FRONTWIRE_KAFKA_PASSWORD")
        if not self.mechanism and self.username:
            raise LogError("a user name needs FRONTWIRE_KAFKA_SASL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
        if not self.tls and (self.ca or self.certificate):
            raise LogError("certificates need FRONTWIRE_KAFKA_TLS=true")

    @property
    def protocol(self) -> str:
        """Kafka's name for the kind of connection."""
        if self.mechanism:
            return "SASL_SSL" if self.tls else "SASL_PLAINTEXT"
        return "SSL" if self.tls else "PLAINTEXT"

    def context(self) -> ssl.SSLContext | None:
        """The TLS side; null without TLS. Raises LogError if a file cannot be used."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            raise LogError(f"the certificates for the broker cannot be used: {error}") from error
        return context

    def client(self) -> dict[str, Any]:
        """As kafka-python and aiokafka take it; they call these the same."""
        if self.password:
            _hush()
        return {
            "security_protocol": self.protocol,
            "sasl_mechanism": self.mechanism or "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
            "ssl_context": self.context(),
        }

    def faust(self) -> Any:
        """As Faust takes it; null for an open broker."""
        from faust.auth import SASLCredentials, SSLCredentials

        context = self.context()
        if self.mechanism is None:
            return SSLCredentials(context) if context else None
        credentials: Any = SASLCredentials(
            username=self.username, password=self.password, ssl_context=context, mechanism=self.mechanism
        )
        return credentials


OPEN = Access()


def _hush() -> None:
    """Keep the clients from printing settings and requests: at DEBUG they print those that hold the password too."""
    for name in ("kafka", "aiokafka"):
        logging.getLogger(name).setLevel(logging.INFO)


def servers(url: str) -> list[str]:
    """The addresses in `kafka://host:port`, several separated by commas. Raises LogError."""
    if "@" in url:
        raise LogError(
            "a broker's address holds no user and password: use FRONTWIRE_KAFKA_USERNAME, FRONTWIRE_KAFKA_PASSWORD"
        )
    return [address.removeprefix(SCHEME) for address in url.split(",")]
