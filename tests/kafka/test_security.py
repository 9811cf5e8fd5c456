"""Clients prove who they are, over encrypted connections, with no more rights than are documented."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType
from kafka.admin import UserScramCredentialUpsertion as Upsertion

from schemas.errors import FrontwireError, LogError
from streams.pipeline import Pipeline
from streams.shells.access import Access, Mechanism
from streams.shells.kafka_log import KafkaLog
from streams.shells.workers import WorkerSettings, create_topics
from tests.conftest import ROOT, LocalKafka, _free_port

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SECRET = "correct-horse"
USERS = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/users.yaml").read_text()))
PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:{open},CONTROLLER://127.0.0.1:{controller},SASL_PLAINTEXT://127.0.0.1:{sasl},\
SASL_SSL://127.0.0.1:{tls}
advertised.listeners=PLAINTEXT://127.0.0.1:{open},SASL_PLAINTEXT://127.0.0.1:{sasl},SASL_SSL://127.0.0.1:{tls}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
{plain}
ssl.keystore.location={keystore}
ssl.keystore.password={secret}
ssl.keystore.type=PKCS12
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""
PLAIN = (
    "listener.name.{name}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
    'user_plain="{secret}";\nlistener.name.{name}.scram-sha-256.sasl.jaas.config='
    "org.apache.kafka.common.security.scram.ScramLoginModule required;\nlistener.name.{name}.scram-sha-512."
    "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;"
)


@dataclass(frozen=True)
class Guarded:
    """A broker with a door for each kind of client."""

    open: str
    """For the operator alone."""
    sasl: str
    tls: str
    ca: Path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, stages: Pipeline) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    keystore, ca = certificate(folder)
    broker = LocalKafka(folder / "kafka", properties=folder / "more.properties")
    sasl, tls = _free_port(), _free_port()
    plain = "\n".join(PLAIN.format(name=name, secret=SECRET) for name in ("sasl_plaintext", "sasl_ssl"))
    ports = {"open": broker.port, "controller": broker.controller_port, "sasl": sasl, "tls": tls}
    (folder / "more.properties").write_text(PROPERTIES.format(**ports, plain=plain, keystore=keystore, secret=SECRET))
    broker.start()
    try:
        admit(broker.bootstrap, WorkerSettings(f"kafka://{broker.bootstrap}", folder), stages)
        yield Guarded(broker.bootstrap, f"127.0.0.1:{sasl}", f"127.0.0.1:{tls}", ca)
    finally:
        broker.kill()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A broker's keystore, and its certificate alone."""
    keystore, ca = folder / "broker.p12", folder / "ca.pem"
    common = ["-alias", "broker", "-keystore", str(keystore), "-storepass", SECRET, "-storetype", "PKCS12"]
    named = ["-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1", "-keyalg", "RSA", "-validity", "2"]
    subprocess.run(["keytool", "-genkeypair", *common, *named], check=True, capture_output=True)
    shown = subprocess.run(["keytool", "-exportcert", "-rfc", *common], check=True, capture_output=True)
    ca.write_bytes(shown.stdout)
    return keystore, ca


def admit(bootstrap: str, settings: WorkerSettings, stages: Pipeline) -> None:
    """Topics, users and their rights, as an operator makes them from `deploy/kubernetes`."""
    create_topics(settings, stages, 2)
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    names = [user["metadata"]["name"] for user in USERS]
    for mechanism in (1, 2):
        admin.alter_user_scram_credentials([Upsertion(name, mechanism, SECRET) for name in names])
    admin.create_acls([acl for user in USERS for acl in rights(user)])
    admin.close()


def rights(user: dict[str, Any]) -> Iterator[ACL]:
    for rule in user["spec"]["authorization"]["acls"]:
        about = rule["resource"]
        kind = ACLResourcePatternType.PREFIXED if "patternType" in about else ACLResourcePatternType.LITERAL
        pattern = ResourcePattern(ResourceType[about["type"].upper()], about["name"], kind)
        for operation in rule["operations"]:
            principal = f"User:{user['metadata']['name']}"
            yield ACL(principal, "*", ACLOperation[operation.upper()], ACLPermissionType.ALLOW, pattern)


def environment(guarded: Guarded, user: str) -> dict[str, str]:
    return {
        **os.environ,
        "FRONTWIRE_KAFKA_SASL": "SCRAM-SHA-512",
        "FRONTWIRE_KAFKA_USERNAME": user,
        "FRONTWIRE_KAFKA_PASSWORD": SECRET,
        "FRONTWIRE_KAFKA_TLS": "true",
        "FRONTWIRE_KAFKA_CA": str(guarded.ca),
    }


def frontwire(guarded: Guarded, user: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "streams.edges.cli", *arguments, "--broker", f"kafka://{guarded.tls}"]
    return subprocess.run(command, capture_output=True, timeout=60, env=environment(guarded, user))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("tls", [False, True])
def test_every_mechanism_opens_the_door(guarded: Guarded, mechanism: Mechanism, tls: bool) -> None:
    address, ca = (guarded.tls, guarded.ca) if tls else (guarded.sasl, None)
    user = "plain" if mechanism == "PLAIN" else "frontwire-reader"
    with KafkaLog(f"kafka://{address}", access=Access(mechanism, user, SECRET, tls, ca)) as log:
        assert mechanism == "PLAIN" or "articles" in log.names()


def test_a_wrong_password_is_refused_and_stands_nowhere(guarded: Guarded, caplog: pytest.LogCaptureFixture) -> None:
    # PLAIN sends the password itself.
    wrong = Access("PLAIN", "plain", "wrong-" + SECRET, True, guarded.ca)
    with caplog.at_level("DEBUG"), pytest.raises(LogError) as refused:
        KafkaLog(f"kafka://{guarded.tls}", access=wrong)
    assert SECRET not in str(refused.value) + repr(refused.value.__cause__) + caplog.text


def test_a_broker_whose_certificate_nobody_vouches_for_is_not_talked_to(guarded: Guarded) -> None:
    with pytest.raises(LogError):
        KafkaLog(f"kafka://{guarded.tls}", access=Access("SCRAM-SHA-512", "frontwire-reader", SECRET, tls=True))


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(FrontwireError) as refused:
        KafkaLog(f"kafka://me:{SECRET}@127.0.0.1:9092")
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(Access("PLAIN", "me", SECRET))


def test_each_part_does_its_work_with_the_rights_that_are_documented(guarded: Guarded, tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    body = "Syrian government forces recaptured Palmyra from Islamic State on Sunday, the Syrian Observatory said."
    news.write_text(json.dumps({"outlet": "reuters", "published_at": "2016-03-28", "body": body}))
    assert frontwire(guarded, "frontwire-intake", "ingest", str(news)).returncode == 0
    command = [sys.executable, "-m", "streams.edges.cli", "run", "--broker", f"kafka://{guarded.tls}"]
    with (tmp_path / "out").open("wb") as out:
        access = environment(guarded, "frontwire-worker")
        worker = subprocess.Popen([*command, "--data", str(tmp_path / "w")], stdout=out, stderr=out, env=access)
    try:
        deadline, towns = time.monotonic() + 150, b""
        while not towns and time.monotonic() < deadline:
            towns = frontwire(guarded, "frontwire-reader", "towns", "--json").stdout
    finally:
        worker.kill()
        worker.wait()
    said = (tmp_path / "out").read_text()
    assert json.loads(towns)["controller"] == "syrian-government", said[-3000:]
    assert SECRET not in said
    assert "uthorization" not in said


def test_rights_end_where_the_document_says(guarded: Guarded, tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    news.write_text(json.dumps({"outlet": "reuters", "published_at": "2016-03-28", "body": "A."}))
    done = frontwire(guarded, "frontwire-reader", "ingest", str(news))
    assert done.returncode == 3
    assert b"uthorization" in done.stderr
    assert b"Traceback" not in done.stderr
