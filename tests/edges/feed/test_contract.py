"""Requests made from the OpenAPI document: every answer is one that the document tells of."""

from __future__ import annotations

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

STREAMS = "/v1/feed"
"""Never ends, so that its answer cannot be read whole; `test_stream` reads it."""

EXAMPLES = 15
"""Requests made for each address."""

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.mark.slow
def test_no_request_breaks_the_server_or_its_word(filled: str) -> None:
    document = httpx.get(f"{filled}/v1/openapi.json", timeout=60).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=filled)
    operations = [found.ok() for found in schema.get_all_operations()]
    asked = {operation.path for operation in operations}
    assert asked == set(document["paths"])
    for operation in operations:
        if operation.path == STREAMS:
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(operation.as_strategy()))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=list(CHECKS))

        ask()
