"""The description of the hub's addresses, as OpenAPI 3.1."""

from __future__ import annotations

import json
from typing import Any

from ranger_app.hub import openapi_handed_on as handed_on
from ranger_app.hub.openapi_shapes import (
    BYTES,
    COUNT,
    JSON,
    answers,
    body,
    content,
    map_,
    open_,
    parameter,
    replica,
    sha256,
    stream,
)
from ranger_app.sync.hub.wire import (
    BATCH,
    CBOR,
    COMPLETE,
    LENGTH,
    MORE,
    OCTETS,
    OFFSET,
    THROUGH,
    VERSION,
)


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
            "/v1": {"get": open_("Whether a hub answers here.", {"ranger_hub": COUNT}, JSON)},
            "/v1/health": {"get": _health()},
            "/v1/openapi.json": {"get": open_("This description.", {}, JSON)},
            "/v1/hello": {"post": _hello()},
            f"{site}/segments/{{replica}}/{{number}}": {"put": _one_segment()},
            f"{site}/segments/{{replica}}": {"get": _run()},
            f"{site}/segments": {"post": _batch()},
            f"{site}/directory": {"get": _directory_out(), "put": _directory_in()},
            f"{site}/receipts": {"get": _receipt(asks=False), "post": _receipt(asks=True)},
            f"{site}/strays": {"get": handed_on.strays()},
            f"{site}/strays/{{sha256}}": {"get": handed_on.stray_out(), "put": handed_on.stray_in()},
            f"{site}/words": {"get": handed_on.words(), "put": handed_on.word()},
            f"{site}/sealed": {"get": handed_on.sealed_lists()},
            f"{site}/sealed/{{sha256}}": {"put": handed_on.sealed_in()},
            f"{site}/sealed/{{sha256}}/receipt": {"put": handed_on.sealed_word()},
            f"{site}/files/missing": {"post": _missing()},
            f"{site}/files/{{sha256}}": {
                "head": _how_far("file"),
                "patch": _go_on("file"),
                "get": _file(),
            },
            f"{site}/uploads/{{sha256}}": {"head": _how_far("batch"), "patch": _go_on("batch")},
            f"{site}/bundles": {"post": handed_on.part()},
        },
    }


def _health() -> dict[str, Any]:
    said = {"ranger_hub": COUNT, "well": {"type": "boolean"}}
    told = open_("Whether what lies behind the hub answers too.", said, JSON)
    return told | {"responses": told["responses"] | answers({}, 503, 507)}


def _failure() -> dict[str, Any]:
    text = {"type": "string"}
    return map_({"error": map_({"code": text, "text": text, "what_to_do": text})})


def _reaches() -> dict[str, Any]:
    return {
        "description": "By replica (16 bytes): [every number up to this one is here, SHA-256 over the hashes "
        "of what is kept above it, or empty].",
        "type": "object",
        "additionalProperties": {"type": "array", "prefixItems": [COUNT, BYTES]},
    }


def _counts() -> dict[str, Any]:
    return map_(dict.fromkeys(("new", "known", "refused", "forks"), COUNT))


def _hello() -> dict[str, Any]:
    asks = {
        "key": BYTES,
        "nonce": BYTES,
        "challenge": BYTES,
        "signature": BYTES,
        "streams": {"type": "array", "items": BYTES},
    }
    holding = map_({"reaches": {"$ref": "#/components/schemas/Reaches"}, "directory": BYTES})
    says = {
        "version": COUNT,
        "hub": BYTES,
        "challenge": BYTES,
        "proof": BYTES,
        "token": {"type": "string"},
        "streams": {"type": "object", "additionalProperties": holding},
    }
    return {
        "summary": "With the laptop's Ed25519 key alone: the hub's key and a challenge. With the challenge "
        "and its signature: a token, and how far the hub holds the streams that the laptop may exchange. "
        "Signed is the CBOR list [“ranger hub hello v1” as bytes, the hub's key, the challenge, the "
        "laptop's key]. Where a nonce of 32 bytes was sent, the hub proves its key in turn: a signature over "
        "the CBOR list [“ranger hub proof v1” as bytes, the nonce, the laptop's key].",
        "security": [],
        "requestBody": body(CBOR, map_(asks)),
        "responses": answers({200: ("Challenge or token.", content(CBOR, map_(says)))}, 401, 403, 413, 422),
    }


def _one_segment() -> dict[str, Any]:
    number = parameter("number", "path", "Its number in the feed.", {"type": "integer", "minimum": 1})
    counts = content(CBOR, {"$ref": "#/components/schemas/Counts"})
    return {
        "summary": "One segment, the CBOR list [public key, body, signature].",
        "parameters": [stream(), replica(), number],
        "requestBody": body(CBOR, {"type": "array", "prefixItems": [BYTES, BYTES, BYTES]}),
        "responses": answers(
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
    above = parameter("above", "query", "Only greater numbers.", COUNT, must=False)
    return {
        "summary": f"The next segments of a feed, some 1 MiB: a batch. {THROUGH} says up to which number, "
        f"{MORE} whether there are more. With Range (bytes=N-) and If-Range it goes on in the middle.",
        "parameters": [stream(), replica(), above],
        "responses": answers(
            {200: ("All of it.", content(BATCH, BYTES)), 206: ("The rest of it.", content(BATCH, BYTES))},
            401,
            403,
            416,
            422,
        ),
    }


def _batch() -> dict[str, Any]:
    upload = parameter(
        "upload",
        "query",
        "A batch that was uploaded before, instead of a body.",
        {"type": "string"},
        must=False,
    )
    counts = map_({**_counts()["properties"], "reaches": {"$ref": "#/components/schemas/Reaches"}})
    return {
        "summary": "Segments: the CBOR list of [public key, body, signature], compressed with zstd. Those of "
        "another site, or not signed as they should be, are refused, the others taken.",
        "parameters": [stream(), upload],
        "requestBody": body(BATCH, BYTES, must=False),
        "responses": answers(
            {200: ("What became of them, and how far the hub is now.", content(CBOR, counts))},
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
        "parameters": [stream()],
        "responses": answers(
            {200: ("[[body, signature], …]", content(CBOR, {"type": "array"}))}, 401, 403, 422
        ),
    }


def _directory_in() -> dict[str, Any]:
    counts = map_({"new": COUNT, "strange": COUNT})
    return {
        "summary": "Signed entries of the site's directory; those that do not belong to it are passed over.",
        "parameters": [stream()],
        "requestBody": body(CBOR, {"type": "array"}),
        "responses": answers({200: ("How many are new.", content(CBOR, counts))}, 401, 403, 413, 422),
    }


def _receipt(*, asks: bool) -> dict[str, Any]:
    wants: dict[str, Any] = {}
    if asks:
        wants["requestBody"] = body(CBOR, map_({"files": {"type": "array", "items": BYTES}}))
    return {
        "summary": "What the hub holds for good, signed: the CBOR list [the hub's key, text, signature], the "
        "text being a CBOR map with how far it holds each feed"
        + (", and those of the files asked about that it holds." if asks else "."),
        "parameters": [stream()],
        **wants,
        "responses": answers({200: ("The receipt.", content(CBOR, {"type": "array"}))}, 401, 403, 413, 422),
    }


def _missing() -> dict[str, Any]:
    wants = map_({"files": {"type": "array", "maxItems": 10_000, "items": BYTES}})
    pair = {"type": "array", "prefixItems": [BYTES, COUNT]}
    says = map_({"missing": {"type": "array", "items": pair}})
    return {
        "summary": "Which of these files the hub lacks, each with how much of it has come through.",
        "parameters": [stream()],
        "requestBody": body(CBOR, wants),
        "responses": answers({200: ("Those.", content(CBOR, says))}, 401, 403, 413, 422),
    }


def _how_far(what: str) -> dict[str, Any]:
    return {
        "summary": f"How much of this {what} has come through ({OFFSET}), and whether that is all "
        f"({COMPLETE}).",
        "parameters": [stream(), sha256()],
        "responses": answers({204: ("As the headers say.", {})}, 401, 403, 422),
    }


def _go_on(what: str) -> dict[str, Any]:
    headers = [
        parameter(OFFSET, "header", "Where this body belongs.", COUNT),
        parameter(LENGTH, "header", "The length of the whole.", COUNT),
    ]
    return {
        "summary": f"More of a {what}, from the offset at which it stands. When all of it is there, it "
        "counts only if its SHA-256 is right.",
        "parameters": [stream(), sha256(), *headers],
        "requestBody": body(OCTETS, BYTES),
        "responses": answers({204: ("How far it is now.", {})}, 401, 403, 408, 409, 413, 422, 429, 507),
    }


def _file() -> dict[str, Any]:
    return {
        "summary": "A file of this site, or with Range (one range) a part of it.",
        "parameters": [stream(), sha256()],
        "responses": answers(
            {200: ("All of it.", content(OCTETS, BYTES)), 206: ("The range.", content(OCTETS, BYTES))},
            401,
            403,
            404,
            416,
            422,
        ),
    }


if __name__ == "__main__":
    print(json.dumps(document(), ensure_ascii=False, indent=2))
