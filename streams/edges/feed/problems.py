"""Errors as problem details: what was asked, what is so, what to do. Never a path or a stack."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from schemas.errors import FrontwireError, OffsetOutOfRange
from streams.edges.feed.cursor import BadCursor
from streams.edges.feed.filters import BadFilter

MEDIA_TYPE = "application/problem+json"
"""Media type of every error.

Source:
    RFC 9457, Problem Details for HTTP APIs.
"""

TITLES = {
    400: "The request cannot be read",
    401: "Show who you are",
    403: "That is not for you",
    404: "There is no such thing",
    405: "That cannot be done here",
    406: "Not in that format",
    408: "That took too long",
    410: "The log no longer holds it",
    411: "Say how long it is",
    413: "That is too long",
    414: "That address is too long",
    421: "This server answers to other names",
    422: "The request cannot be read",
    429: "That is too much at once",
    431: "That is too long",
    500: "Frontwire failed",
    503: "Frontwire is not ready",
}


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 410, 429)
}
"""What the OpenAPI document says of errors."""


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more


def problem(status: int, detail: str, **more: Any) -> Response:
    """The response for an error.

    Args:
        status: HTTP status.
        detail: What is so, and what to do.
        more: Further members, such as `earliest`.
    """
    body = {"type": "about:blank", "title": TITLES.get(status, "It did not work"), "status": status, "detail": detail}
    return Response(orjson.dumps(body | more), status, media_type=MEDIA_TYPE)


def failure() -> Response:
    """The response where the fault is ours."""
    return problem(500, "the request failed; the server's log tells why")


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


def describe(app: FastAPI) -> None:
    """Make the OpenAPI document say so too: FastAPI would announce errors of its own form."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = plain()
            for operations in made["paths"].values():
                for operation in operations.values():
                    operation["responses"].pop("422", None)
            schemas = made["components"]["schemas"]
            schemas["Problem"] = ProblemDetails.model_json_schema()
            made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            # Either of them will do: a feed without keys asks for none.
            made["security"] = [{}, {"key": []}]
            for own in ("HTTPValidationError", "ValidationError"):
                schemas.pop(own, None)
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]


def install(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    describe(app)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(BadFilter, _bad)
    app.add_exception_handler(BadCursor, _bad)
    app.add_exception_handler(OffsetOutOfRange, _gone)
    app.add_exception_handler(FrontwireError, _log)
    app.add_exception_handler(Exception, _failed)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101
    return problem(error.status, error.detail, **error.more)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [{"parameter": str(fault["loc"][-1]), "detail": fault["msg"]} for fault in error.errors()]
    return problem(400, "; ".join(f"{fault['parameter']}: {fault['detail']}" for fault in faults), errors=faults)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    detail = "see /v1/openapi.json for what there is" if error.status_code in (404, 405) else str(error.detail)
    return problem(error.status_code, detail)


def _bad(request: Request, error: Exception) -> Response:
    return problem(400, str(error))


def _gone(request: Request, error: Exception) -> Response:
    return problem(410, str(error))


def _log(request: Request, error: Exception) -> Response:
    # Messages about the log may name its file, which is nobody's business on the network.
    return problem(503, "the log cannot be read at the moment; its operator finds the reason with `frontwire verify`")


def _failed(request: Request, error: Exception) -> Response:
    return failure()
