"""The description of the hub says what the hub does, and lies in the documents as it is served."""

from __future__ import annotations

import json

from starlette.routing import Route

from ranger_app.hub.app import _routes
from ranger_app.hub.openapi import document
from tests.conftest import REPOSITORY
from tests.hub.hubs import Caller, Hub


def test_every_address_is_described_with_its_methods() -> None:
    answered: dict[str, set[str]] = {}
    for route in _routes():
        assert isinstance(route, Route)
        answered.setdefault(route.path, set()).update(m.lower() for m in route.methods or ())
    described = {path: set(methods) for path, methods in document()["paths"].items()}
    assert described.keys() == answered.keys()
    for path, methods in described.items():
        assert answered[path] - methods <= {"head"}, path  # what has a GET has a HEAD
        assert methods <= answered[path], path


def test_every_part_of_an_address_is_a_parameter() -> None:
    for path, methods in document()["paths"].items():
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for method in methods.values():
            said = {one["name"] for one in method.get("parameters", ()) if one["in"] == "path"}
            assert said == named, path


def test_only_what_everybody_may_ask_needs_no_token() -> None:
    paths = document()["paths"]
    free = {path for path, methods in paths.items() for one in methods.values() if one.get("security") == []}
    assert free == {"/v1", "/v1/health", "/v1/openapi.json", "/v1/hello"}


def test_the_description_is_served_to_anybody(hub: Hub) -> None:
    said = Caller(hub).ask("GET", "/v1/openapi.json")
    assert said.status == 200
    assert json.loads(said.body) == document()


def test_the_description_in_the_documents_is_the_one_that_is_served() -> None:
    """Made by: python -m ranger_app.hub.openapi > docs/hub-openapi.json."""
    kept = (REPOSITORY / "docs" / "hub-openapi.json").read_text(encoding="utf-8")
    assert json.loads(kept) == document()
