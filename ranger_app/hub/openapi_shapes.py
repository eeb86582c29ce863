"""The small pieces of which the description of the hub's addresses is made, as OpenAPI 3.1 has them."""

from __future__ import annotations

from typing import Any

JSON = "application/json"
BYTES = {"type": "string", "format": "binary"}
COUNT = {"type": "integer", "minimum": 0}


def map_(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def content(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {media: {"schema": schema}}


def answers(done: dict[int, tuple[str, dict[str, Any]]], *failures: int) -> dict[str, Any]:
    told = {
        401: "Say hello first, or again.",
        403: "This laptop is not let in to this site, or was revoked.",
        404: "There is no such thing here.",
        408: "The request was not finished in time; what came through is kept.",
        409: "Another one is there under this number, or the upload stands at another offset.",
        413: "More than a request may bring.",
        416: "There is nothing in this range.",
        422: "This cannot be read, or is not signed as it should be.",
        429: "This laptop asks more often than it may, or brings too much at once; try again.",
        503: "What lies behind the hub does not answer; try again.",
        507: "The disk of the hub is full.",
    }
    said: dict[str, Any] = {
        str(status): {"description": text} | ({"content": content} if content else {})
        for status, (text, content) in done.items()
    }
    failure = content(JSON, {"$ref": "#/components/schemas/Failure"})
    for status in failures:
        said[str(status)] = {"description": told[status], "content": failure}
    return said


def parameter(
    name: str, where: str, text: str, schema: dict[str, Any], *, must: bool = True
) -> dict[str, Any]:
    return {"name": name, "in": where, "required": must, "description": text, "schema": schema}


def stream() -> dict[str, Any]:
    return parameter("stream", "path", "The site.", {"type": "string", "format": "uuid"})


def hex_(name: str, text: str, digits: int) -> dict[str, Any]:
    return parameter(name, "path", text, {"type": "string", "pattern": f"^[0-9a-f]{{{digits}}}$"})


def replica() -> dict[str, Any]:
    return hex_("replica", "Who wrote the feed.", 32)


def sha256() -> dict[str, Any]:
    return hex_("sha256", "SHA-256 of the whole content.", 64)


def body(media: str, schema: dict[str, Any], *, must: bool = True) -> dict[str, Any]:
    return {"required": must, "content": content(media, schema)}


def open_(summary: str, properties: dict[str, Any], media: str) -> dict[str, Any]:
    said = answers({200: (summary, content(media, map_(properties)))})
    return {"summary": summary, "security": [], "responses": said}
