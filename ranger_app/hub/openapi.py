"""The description of the hub's addresses, as OpenAPI 3.1."""

from __future__ import annotations

import json
from typing import Any

from ranger_app.sync.hub_wire import BATCH, CBOR, COMPLETE, LENGTH, MORE, OCTETS, OFFSET, THROUGH, VERSION

_JSON = "application/json"
_BYTES = {"type": "string", "format": "binary"}
_COUNT = {"type": "integer", "minimum": 0}


def document() -> dict[str, Any]:
    """The whole description. Bodies are CBOR (RFC 8949); byte strings are described as binary strings."""
    site = "/v1/streams/{stream}"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ranger hub",
            "version": str(VERSION),
            "description": "Another replica with a bigger disk. A laptop says hello, shows who it is by a "
            "signature, and gets a token for an hour. Everything can be sent again: what is there already is "
            "not taken twice.",
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Failure": _failure(), "Reaches": _reaches(), "Counts": _counts()},
        },
        "security": [{"token": []}],
        "paths": {
            "/v1": {"get": _open("Whether a hub answers here.", {"ranger_hub": _COUNT}, _JSON)},
            "/v1/health": {"get": _health()},
            "/v1/openapi.json": {"get": _open("This description.", {}, _JSON)},
            "/v1/hello": {"post": _hello()},
            f"{site}/segments/{{replica}}/{{number}}": {"put": _one_segment()},
            f"{site}/segments/{{replica}}": {"get": _run()},
            f"{site}/segments": {"post": _batch()},
            f"{site}/directory": {"get": _directory_out(), "put": _directory_in()},
            f"{site}/receipts": {"get": _receipt(asks=False), "post": _receipt(asks=True)},
            f"{site}/strays": {"get": _strays()},
            f"{site}/strays/{{sha256}}": {"get": _stray_out(), "put": _stray_in()},
            f"{site}/words": {"get": _words(), "put": _word()},
            f"{site}/files/missing": {"post": _missing()},
            f"{site}/files/{{sha256}}": {
                "head": _how_far("file"),
                "patch": _go_on("file"),
                "get": _file(),
            },
            f"{site}/uploads/{{sha256}}": {"head": _how_far("batch"), "patch": _go_on("batch")},
            f"{site}/bundles": {"post": _part()},
        },
    }


def _health() -> dict[str, Any]:
    said = {"ranger_hub": _COUNT, "well": {"type": "boolean"}}
    told = _open("Whether what lies behind the hub answers too.", said, _JSON)
    return told | {"responses": told["responses"] | _answers({}, 503, 507)}


def _failure() -> dict[str, Any]:
    text = {"type": "string"}
    return _map({"error": _map({"code": text, "text": text, "what_to_do": text})})


def _reaches() -> dict[str, Any]:
    return {
        "description": "By replica (16 bytes): [every number up to this one is here, SHA-256 over the hashes "
        "of what is kept above it, or empty].",
        "type": "object",
        "additionalProperties": {"type": "array", "prefixItems": [_COUNT, _BYTES]},
    }


def _counts() -> dict[str, Any]:
    return _map(dict.fromkeys(("new", "known", "refused", "forks"), _COUNT))


def _map(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _content(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {media: {"schema": schema}}


def _answers(done: dict[int, tuple[str, dict[str, Any]]], *failures: int) -> dict[str, Any]:
    told = {
        401: "Say hello first, or again.",
        403: "This laptop is not let in to this site, or was revoked.",
        404: "There is no such thing here.",
        408: "The request was not finished in time; what came through is kept.",
        409: "Another one is there under this number, or the upload stands at another offset.",
        413: "More than a request may bring.",
        422: "This cannot be read, or is not signed as it should be.",
        429: "This laptop asks more often than it may, or brings too much at once; try again.",
        503: "What lies behind the hub does not answer; try again.",
        507: "The disk of the hub is full.",
    }
    answers: dict[str, Any] = {
        str(status): {"description": text} | ({"content": content} if content else {})
        for status, (text, content) in done.items()
    }
    failure = _content(_JSON, {"$ref": "#/components/schemas/Failure"})
    for status in failures:
        answers[str(status)] = {"description": told[status], "content": failure}
    return answers


def _parameter(
    name: str, where: str, text: str, schema: dict[str, Any], *, must: bool = True
) -> dict[str, Any]:
    return {"name": name, "in": where, "required": must, "description": text, "schema": schema}


def _stream() -> dict[str, Any]:
    return _parameter("stream", "path", "The site.", {"type": "string", "format": "uuid"})


def _hex(name: str, text: str, digits: int) -> dict[str, Any]:
    return _parameter(name, "path", text, {"type": "string", "pattern": f"^[0-9a-f]{{{digits}}}$"})


def _replica() -> dict[str, Any]:
    return _hex("replica", "Who wrote the feed.", 32)


def _sha256() -> dict[str, Any]:
    return _hex("sha256", "SHA-256 of the whole content.", 64)


def _body(media: str, schema: dict[str, Any], *, must: bool = True) -> dict[str, Any]:
    return {"required": must, "content": _content(media, schema)}


def _open(summary: str, properties: dict[str, Any], media: str) -> dict[str, Any]:
    answers = _answers({200: (summary, _content(media, _map(properties)))})
    return {"summary": summary, "security": [], "responses": answers}


def _hello() -> dict[str, Any]:
    asks = {
        "key": _BYTES,
        "challenge": _BYTES,
        "signature": _BYTES,
        "streams": {"type": "array", "items": _BYTES},
    }
    holding = _map({"reaches": {"$ref": "#/components/schemas/Reaches"}, "directory": _BYTES})
    says = {
        "version": _COUNT,
        "hub": _BYTES,
        "challenge": _BYTES,
        "token": {"type": "string"},
        "streams": {"type": "object", "additionalProperties": holding},
    }
    return {
        "summary": "With the laptop's Ed25519 key alone: the hub's key and a challenge. With the challenge "
        "and its signature: a token, and how far the hub holds the streams that the laptop may exchange. "
        "Signed is the CBOR list [“ranger hub hello v1” as bytes, the hub's key, the challenge, the "
        "laptop's key].",
        "security": [],
        "requestBody": _body(CBOR, _map(asks)),
        "responses": _answers({200: ("Challenge or token.", _content(CBOR, _map(says)))}, 401, 403, 413, 422),
    }


def _one_segment() -> dict[str, Any]:
    number = _parameter("number", "path", "Its number in the feed.", {"type": "integer", "minimum": 1})
    counts = _content(CBOR, {"$ref": "#/components/schemas/Counts"})
    return {
        "summary": "One segment, the CBOR list [public key, body, signature].",
        "parameters": [_stream(), _replica(), number],
        "requestBody": _body(CBOR, {"type": "array", "prefixItems": [_BYTES, _BYTES, _BYTES]}),
        "responses": _answers(
            {
                200: ("It was here already.", counts),
                201: ("It is new here.", counts),
                409: ("Another one was here under this number: both are kept aside.", counts),
            },
            401,
            403,
            413,
            422,
        ),
    }


def _run() -> dict[str, Any]:
    above = _parameter("above", "query", "Only greater numbers.", _COUNT, must=False)
    return {
        "summary": f"The next segments of a feed, some 1 MiB: a batch. {THROUGH} says up to which number, "
        f"{MORE} whether there are more. With Range (bytes=N-) and If-Range it goes on in the middle.",
        "parameters": [_stream(), _replica(), above],
        "responses": _answers(
            {200: ("All of it.", _content(BATCH, _BYTES)), 206: ("The rest of it.", _content(BATCH, _BYTES))},
            401,
            403,
            422,
        ),
    }


def _batch() -> dict[str, Any]:
    upload = _parameter(
        "upload",
        "query",
        "A batch that was uploaded before, instead of a body.",
        {"type": "string"},
        must=False,
    )
    counts = _map({**_counts()["properties"], "reaches": {"$ref": "#/components/schemas/Reaches"}})
    return {
        "summary": "Segments: the CBOR list of [public key, body, signature], compressed with zstd. Those of "
        "another site, or not signed as they should be, are refused, the others taken.",
        "parameters": [_stream(), upload],
        "requestBody": _body(BATCH, _BYTES, must=False),
        "responses": _answers(
            {200: ("What became of them, and how far the hub is now.", _content(CBOR, counts))},
            401,
            403,
            404,
            408,
            413,
            422,
            507,
        ),
    }


def _directory_out() -> dict[str, Any]:
    return {
        "summary": "The signed entries of the site's directory of people and devices.",
        "parameters": [_stream()],
        "responses": _answers({200: ("[[body, signature], …]", _content(CBOR, {"type": "array"}))}, 401, 403),
    }


def _directory_in() -> dict[str, Any]:
    counts = _map({"new": _COUNT, "strange": _COUNT})
    return {
        "summary": "Signed entries of the site's directory; those that do not belong to it are passed over.",
        "parameters": [_stream()],
        "requestBody": _body(CBOR, {"type": "array"}),
        "responses": _answers({200: ("How many are new.", _content(CBOR, counts))}, 401, 403, 413, 422),
    }


def _receipt(*, asks: bool) -> dict[str, Any]:
    wants: dict[str, Any] = {}
    if asks:
        wants["requestBody"] = _body(CBOR, _map({"files": {"type": "array", "items": _BYTES}}))
    return {
        "summary": "What the hub holds for good, signed: the CBOR list [the hub's key, text, signature], the "
        "text being a CBOR map with how far it holds each feed"
        + (", and those of the files asked about that it holds." if asks else "."),
        "parameters": [_stream()],
        **wants,
        "responses": _answers({200: ("The receipt.", _content(CBOR, {"type": "array"}))}, 401, 403, 413, 422),
    }


def _strays() -> dict[str, Any]:
    says = _content(CBOR, _map({"strays": {"type": "array", "items": _BYTES}}))
    return {
        "summary": "The records that whoever brought them could not read, by the SHA-256 of their payloads.",
        "parameters": [_stream()],
        "responses": _answers({200: ("Their names.", says)}, 401, 403),
    }


def _stray_out() -> dict[str, Any]:
    return {
        "summary": "Such a record: the CBOR list [type, payload].",
        "parameters": [_stream(), _sha256()],
        "responses": _answers({200: ("It.", _content(CBOR, {"type": "array"}))}, 401, 403, 404, 422),
    }


def _stray_in() -> dict[str, Any]:
    return {
        "summary": "Such a record under the SHA-256 of its payload, to be handed on.",
        "parameters": [_stream(), _sha256()],
        "requestBody": _body(CBOR, {"type": "array"}),
        "responses": _answers({200: ("It is here.", _content(CBOR, _map({})))}, 401, 403, 413, 422, 507),
    }


def _words() -> dict[str, Any]:
    says = _content(CBOR, _map({"words": {"type": "array", "items": _BYTES}}))
    return {
        "summary": "What each laptop of the site last signed of itself, such as how far it has feeds: CBOR "
        "lists [public key, text, signature]. The hub does not read the texts.",
        "parameters": [_stream()],
        "responses": _answers({200: ("All of them.", says)}, 401, 403),
    }


def _word() -> dict[str, Any]:
    return {
        "summary": "What this laptop signs of itself, in the place of what it signed before.",
        "parameters": [_stream()],
        "requestBody": _body(CBOR, {"type": "array"}),
        "responses": _answers({200: ("It is here.", _content(CBOR, _map({})))}, 401, 403, 413, 422),
    }


def _missing() -> dict[str, Any]:
    wants = _map({"files": {"type": "array", "maxItems": 10_000, "items": _BYTES}})
    pair = {"type": "array", "prefixItems": [_BYTES, _COUNT]}
    says = _map({"missing": {"type": "array", "items": pair}})
    return {
        "summary": "Which of these files the hub lacks, each with how much of it has come through.",
        "parameters": [_stream()],
        "requestBody": _body(CBOR, wants),
        "responses": _answers({200: ("Those.", _content(CBOR, says))}, 401, 403, 413, 422),
    }


def _how_far(what: str) -> dict[str, Any]:
    return {
        "summary": f"How much of this {what} has come through ({OFFSET}), and whether that is all "
        f"({COMPLETE}).",
        "parameters": [_stream(), _sha256()],
        "responses": _answers({204: ("As the headers say.", {})}, 401, 403, 422),
    }


def _go_on(what: str) -> dict[str, Any]:
    headers = [
        _parameter(OFFSET, "header", "Where this body belongs.", _COUNT),
        _parameter(LENGTH, "header", "The length of the whole.", _COUNT),
    ]
    return {
        "summary": f"More of a {what}, from the offset at which it stands. When all of it is there, it "
        "counts only if its SHA-256 is right.",
        "parameters": [_stream(), _sha256(), *headers],
        "requestBody": _body(OCTETS, _BYTES),
        "responses": _answers({204: ("How far it is now.", {})}, 401, 403, 408, 409, 413, 422, 429, 507),
    }


def _file() -> dict[str, Any]:
    return {
        "summary": "A file of this site, or with Range (one range) a part of it.",
        "parameters": [_stream(), _sha256()],
        "responses": _answers(
            {200: ("All of it.", _content(OCTETS, _BYTES)), 206: ("The range.", _content(OCTETS, _BYTES))},
            401,
            403,
            404,
            422,
        ),
    }


def _part() -> dict[str, Any]:
    counts = _map(dict.fromkeys(("new", "known", "refused", "forks", "files", "damaged", "strange"), _COUNT))
    return {
        "summary": "One part of a bundle as it lies on a stick (P0001.RSB). Any part, in any order, any "
        "number of times.",
        "parameters": [_stream()],
        "requestBody": _body(OCTETS, _BYTES),
        "responses": _answers({200: ("What was taken.", _content(CBOR, counts))}, 401, 403, 408, 413, 507),
    }


if __name__ == "__main__":
    print(json.dumps(document(), ensure_ascii=False, indent=2))
