"""The description of what the hub hands on: strays, words, sticks and sealed bundles."""

from __future__ import annotations

from typing import Any

from ranger_app.hub.openapi_shapes import (
    BYTES,
    COUNT,
    answers,
    body,
    content,
    map_,
    parameter,
    sha256,
    stream,
)
from ranger_app.sync.hub.wire import CBOR, OCTETS


def strays() -> dict[str, Any]:
    says = content(CBOR, map_({"strays": {"type": "array", "items": BYTES}}))
    return {
        "summary": "The records that whoever brought them could not read, by the SHA-256 of their payloads.",
        "parameters": [stream()],
        "responses": answers({200: ("Their names.", says)}, 401, 403, 422),
    }


def stray_out() -> dict[str, Any]:
    return {
        "summary": "Such a record: the CBOR list [type, payload]. With Range (one range) a part of it.",
        "parameters": [stream(), sha256()],
        "responses": answers(
            {
                200: ("It.", content(CBOR, {"type": "array"})),
                206: ("The range.", content(CBOR, BYTES)),
            },
            401,
            403,
            404,
            416,
            422,
        ),
    }


def stray_in() -> dict[str, Any]:
    return {
        "summary": "Such a record under the SHA-256 of its payload, to be handed on: in the body, or, one of "
        "more than 4 MiB, uploaded before as a batch is, and then named here with its type.",
        "parameters": [stream(), sha256(), parameter("type", "query", "Its type.", COUNT, must=False)],
        "requestBody": body(CBOR, {"type": "array"}, must=False),
        "responses": answers({200: ("It is here.", content(CBOR, map_({})))}, 401, 403, 404, 413, 422, 507),
    }


def words() -> dict[str, Any]:
    says = content(CBOR, map_({"words": {"type": "array", "items": BYTES}}))
    return {
        "summary": "What each laptop of the site last signed of itself, such as how far it has feeds: CBOR "
        "lists [public key, text, signature]. The hub does not read the texts.",
        "parameters": [stream()],
        "responses": answers({200: ("All of them.", says)}, 401, 403, 422),
    }


def word() -> dict[str, Any]:
    return {
        "summary": "What this laptop signs of itself, in the place of what it signed before.",
        "parameters": [stream()],
        "requestBody": body(CBOR, {"type": "array"}),
        "responses": answers({200: ("It is here.", content(CBOR, map_({})))}, 401, 403, 413, 422),
    }


def sealed_lists() -> dict[str, Any]:
    row = {"type": "array", "prefixItems": [BYTES, BYTES, {"type": "array", "items": BYTES}]}
    says = content(CBOR, map_({"sealed": {"type": "array", "items": row}}))
    return {
        "summary": "The sealed bundles that wait here: the SHA-256 of each list, the list, and what laptops "
        "signed that hold everything in it. The files that it names are fetched as files of the site.",
        "parameters": [stream()],
        "responses": answers({200: ("Them.", says)}, 401, 403, 422),
    }


def sealed_in() -> dict[str, Any]:
    row = {"type": "array", "prefixItems": [{"type": "string"}, COUNT, BYTES]}
    listed = {"type": "array", "prefixItems": [BYTES, {"type": "array", "items": row}]}
    return {
        "summary": "A sealed bundle for this site's laptops, under the SHA-256 of its list: CBOR [bytes of "
        "HEAD.RSB, [[name, size, SHA-256], …]]. Its files, each an age file, were brought before as files.",
        "parameters": [stream(), sha256()],
        "requestBody": body(CBOR, listed),
        "responses": answers(
            {200: ("It waits here.", content(CBOR, map_({})))}, 401, 403, 404, 413, 422, 507
        ),
    }


def sealed_word() -> dict[str, Any]:
    says = content(CBOR, map_({"kept": {"type": "boolean"}}))
    return {
        "summary": "A laptop's word that it holds everything in a sealed bundle: CBOR [public key, text, "
        "signature], the text being a map of purpose (“ranger sealed bundle receipt v1”), site and list. "
        "With the last of the site's laptops the bundle is thrown away.",
        "parameters": [stream(), sha256()],
        "requestBody": body(CBOR, {"type": "array"}),
        "responses": answers({200: ("Whether it stays for others.", says)}, 401, 403, 413, 422),
    }


def part() -> dict[str, Any]:
    counts = map_(dict.fromkeys(("new", "known", "refused", "forks", "files", "damaged", "strange"), COUNT))
    return {
        "summary": "One part of a bundle as it lies on a stick (P0001.RSB). Any part, in any order, any "
        "number of times.",
        "parameters": [stream()],
        "requestBody": body(OCTETS, BYTES),
        "responses": answers({200: ("What was taken.", content(CBOR, counts))}, 401, 403, 408, 413, 422, 507),
    }
