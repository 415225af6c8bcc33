"""How the OpenAPI document describes failures."""

from http import HTTPStatus
from typing import Any

from app.api.schemas import ProblemModel
from app.errors import KINDS

# What any operation may answer.
ALWAYS = (
    "bad_request", "unknown_host", "key_needed", "invalid_key", "missing_scope",
    "invalid_parameter", "rate_limited", "internal_error", "store_down",
    "artifacts_down",
)  # fmt: skip


def problems(*codes: str) -> dict[str | int, Any]:
    """The `responses` of an operation that fails with these codes of `errors.KINDS`."""
    by_status: dict[HTTPStatus, list[str]] = {}
    for code in (*codes, *ALWAYS):
        by_status.setdefault(KINDS[code].status, []).append(code)
    return {
        str(int(status)): {
            "description": f"{status.phrase}: {', '.join(found)}",
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
        for status, found in sorted(by_status.items())
    }


PROBLEM = {"$ref": f"#/components/schemas/{ProblemModel.__name__}"}
