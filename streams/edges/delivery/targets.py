"""Targets: who is told of which alerts, how, and when not.

Secrets, and addresses that are secrets, are named and never written: `env:NAME` or `file:PATH`.
"""

from __future__ import annotations

import ssl
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, model_validator
from ssrfguard import BlockedURLError, Policy

from schemas.alert import Severity
from schemas.errors import TargetsError
from schemas.record import Instant
from schemas.vocabulary import AlertState
from streams.edges.delivery.breaker import FIRST_PAUSE
from streams.edges.delivery.message import Format
from streams.edges.delivery.quiet import Quiet
from streams.edges.delivery.schedule import RETRIES_S
from streams.theatres.yaml_lines import Location, YamlFile

SECRET_BYTES = range(24, 65)
"""Lengths that Standard Webhooks allows."""
_PORTS = {"https": 443, "http": 80}


def _reference(written: str) -> str:
    kind, _, name = written.partition(":")
    if kind not in ("env", "file") or not name:
        raise ValueError("name the secret as env:NAME or file:PATH; it does not belong into this file")
    return written


Reference = Annotated[str, AfterValidator(_reference)]
"""Where a secret is: `env:NAME` or `file:PATH`."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class TargetSpec(_Part):
    """One target, as the file has it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    """Lower-case words joined by hyphens; part of every delivery's id, so that renaming a target delivers anew."""
    url: str
    """Where alerts are sent: an address, or env:NAME or file:PATH where the address itself is a secret."""
    format: Format = "standard"
    """`standard`: a signed CloudEvent; `slack`: what Slack, Mattermost and Rocket.Chat take; `plain`: text, as ntfy
    takes it; `apprise`: for an Apprise API server, which passes it on by mail, Matrix, Telegram and so on."""
    secrets: tuple[Reference, ...] = ()
    """Keys to sign with, as env:NAME or file:PATH, each `whsec_` and base64; while keys rotate, the old and the new."""
    quotes: bool = False
    """Send the sentences of articles along, and the names of those whom they quote. Not to receivers who need not know
    them: they may name people whom it endangers."""
    rules: tuple[str, ...] = ()
    """Names of rules; all if none is named."""
    min_severity: Severity = "info"
    """Least severity. An alert that once was as grave is followed to its end, whatever it becomes."""
    states: tuple[AlertState, ...] = ()
    """States of alerts; all if none is named."""
    since: Instant | None = None
    """Only alerts known since then; null for all that the log holds."""
    quiet: Quiet | None = None
    """Hours in which alerts are held back, and then come as a digest."""
    mute_until: Instant | None = None
    """Alerts that come before are not delivered at all."""
    order: Literal["target", "alert"] = "target"
    """`target`: strictly in order, so that one that fails holds up those behind it; `alert`: only the revisions of one
    alert are in order, and several are under way at once."""
    concurrency: int = Field(default=4, ge=1, le=32)
    """Deliveries under way at once where order is `alert`."""
    timeout_seconds: float = Field(default=15, gt=0, le=60)
    """Time for one attempt, from looking up the name to the answer."""
    allow_http: bool = False
    """Take an address without encryption."""
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks, as 10.1.0.0/16, that may be reached although they are private, local or reserved."""
    ca_file: Path | None = None
    """Certificates to trust instead of the public ones."""

    @model_validator(mode="after")
    def _signed(self) -> TargetSpec:
        if self.format == "standard" and not self.secrets:
            raise ValueError("format standard is signed: name a secret, or choose plain")
        return self


class TargetFile(_Part):
    """A file of targets."""

    targets: tuple[TargetSpec, ...] = Field(min_length=1)
    retries_seconds: tuple[Annotated[float, Field(gt=0, le=864_000)], ...] = Field(default=RETRIES_S, max_length=20)
    """Pauses after the first, second, … failed attempt; each up to a tenth longer by chance of the delivery's id."""
    breaker_seconds: float = Field(default=FIRST_PAUSE.total_seconds(), gt=0, le=3600)
    """First pause for a target that fails five times in a row; each further one is twice as long, up to ten times."""

    @model_validator(mode="after")
    def _named_once(self) -> TargetFile:
        names = [target.name for target in self.targets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two targets are called {twice[0]!r}")
        return self


@dataclass(frozen=True, slots=True)
class Target:
    """One target, with its secrets looked up."""

    spec: TargetSpec
    url: SecretStr
    secrets: tuple[SecretStr, ...]
    policy: Policy
    """What may be connected to on its behalf."""
    tls: ssl.SSLContext | None
    """Whom to trust; null for the public authorities."""

    @property
    def name(self) -> str:
        """Name, as in the file."""
        return self.spec.name

    @property
    def host(self) -> str:
        """Host of the address: as much of it as may be shown."""
        return urlsplit(self.url.get_secret_value()).hostname or "?"

    @property
    def abreast(self) -> int:
        """Attempts that may be under way at once."""
        return 1 if self.spec.order == "target" else self.spec.concurrency


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets of a file."""

    targets: tuple[Target, ...]
    retries_s: tuple[float, ...] = RETRIES_S
    breaker_pause: timedelta = FIRST_PAUSE


_SHAPE = TypeAdapter(TargetFile)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a file of targets, for editors."""
    return _SHAPE.json_schema()


def load_targets(path: Path, environment: Mapping[str, str], rules: Iterable[str] | None = None) -> Targets:
    """Read a file of targets.

    Args:
        path: The file. Names of other files in it are relative to its folder.
        environment: Where `env:NAME` is looked up.
        rules: Names of the rules in force, to check those that are named; null to leave them unchecked.

    Raises:
        TargetsError: With a line for each mistake; it repeats no value that might be a secret.
    """
    try:
        file = YamlFile(str(path), path.read_bytes(), TargetsError, shows_values=False)
    except OSError as error:
        raise TargetsError(f"{path} cannot be read: {error.strerror}") from None
    shaped = file.shaped(_SHAPE)
    reader = _Reader(path.parent, file, environment, None if rules is None else frozenset(rules))
    targets = tuple(reader.target(number, spec) for number, spec in enumerate(shaped.targets))
    if reader.faults:
        file.refuse(reader.faults)
    pause = timedelta(seconds=shaped.breaker_seconds)
    return Targets(tuple(target for target in targets if target), shaped.retries_seconds, pause)


class _Reader:
    """Looks up what targets name, and collects what is wrong."""

    def __init__(
        self, folder: Path, file: YamlFile, environment: Mapping[str, str], rules: frozenset[str] | None
    ) -> None:
        self._folder, self._file, self._environment, self._rules = folder, file, environment, rules
        self.faults: list[str] = []

    def target(self, number: int, spec: TargetSpec) -> Target | None:
        """A target; null if something is wrong with it."""
        before = len(self.faults)
        self._check_rules(number, spec)
        at: Location = ("targets", number)
        url = self._looked_up(spec.url, (*at, "url")) if spec.url.startswith(("env:", "file:")) else spec.url
        secrets = [self._secret(name, (*at, "secrets", place)) for place, name in enumerate(spec.secrets)]
        policy = self._policy(url, spec, (*at, "url")) if url else None
        tls = self._tls(spec.ca_file, (*at, "ca_file"))
        if url is None or policy is None or len(self.faults) > before:
            return None
        return Target(spec, SecretStr(url), tuple(SecretStr(one) for one in secrets if one), policy, tls)

    def _fault(self, location: Location, what: str) -> None:
        self.faults.append(self._file.fault(location, what))

    def _check_rules(self, number: int, spec: TargetSpec) -> None:
        for place, rule in enumerate(spec.rules):
            if self._rules is not None and rule not in self._rules:
                known = ", ".join(sorted(self._rules)) or "none"
                self._fault(("targets", number, "rules", place), f"there is no rule {rule!r}; there are {known}")

    def _looked_up(self, reference: str, location: Location) -> str | None:
        kind, _, name = reference.partition(":")
        found: str | None
        if kind == "env":
            found, missing = self._environment.get(name), f"the environment has no {name}"
        else:
            found, missing = self._file_text(name), f"there is no readable file {name}"
        if not found or not found.strip():
            self._fault(location, missing if found is None else f"{reference} is empty")
            return None
        return found.strip()

    def _file_text(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def _secret(self, reference: str, location: Location) -> str | None:
        found = self._looked_up(reference, location)
        if found is not None and _key_bytes(found) not in SECRET_BYTES:
            self._fault(location, f"{reference} is no key: it should be whsec_ and 24 to 64 bytes in base64")
        return found

    def _policy(self, url: str, spec: TargetSpec, location: Location) -> Policy | None:
        try:
            split = urlsplit(url)
            port = split.port or _PORTS.get(split.scheme, 443)
        except ValueError:
            self._fault(location, "is no address; write https://host/path")
            return None
        schemes = frozenset({"https", "http"} if spec.allow_http else {"https"})
        if split.scheme not in schemes:
            self._fault(location, "the address must begin with https://; allow_http takes http:// too")
            return None
        try:
            policy = Policy(
                allowed_schemes=schemes, allowed_ports=frozenset({port}), allowed_networks=spec.allow_networks
            )
            policy.check_url(url)
            return policy
        except BlockedURLError:
            # Its own words may repeat the address, which may be a secret.
            self._fault(location, _refused(split.hostname or ""))
        except ValueError:
            self._fault(location, "allow_networks or the port cannot be allowed; name the networks behind a gateway")
        return None

    def _tls(self, ca_file: Path | None, location: Location) -> ssl.SSLContext | None:
        if ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=self._folder / ca_file)
        except (OSError, ssl.SSLError):
            self._fault(location, "holds no readable certificates")
            return None


def _refused(host: str) -> str:
    try:
        ip_address(host)
    except ValueError:
        return "no such address may be called: write a plain host name, without a user or password"
    return "is private, local or reserved; allow_networks lists such networks that may be reached"


def _key_bytes(secret: str) -> int:
    """Bytes of a signing key; none if it is not base64."""
    written = secret.removeprefix("whsec_")
    try:
        return len(b64decode(written + "=" * (-len(written) % 4), validate=True))
    except (NotBase64, ValueError):
        return 0
