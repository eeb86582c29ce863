"""What goes to assessors on a stick and comes back from them, at the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.test_devices import Command, command, join

__all__ = ["command"]  # the fixture


@pytest.fixture
def park(command: Command) -> Command:
    """An office, a ranger's laptop and an assessor's, and a stick with a bundle for each kind."""
    join(command, "post")
    join(command, "judge", "assessor")
    site = command("status", "--workspace", "office")["sites"][0]["id"]
    command("record", "set", "site", site, "country=RUS", "--workspace", "office")
    command("bundle", "write", "stick", "--workspace", "office")
    return command


def bundles() -> int:
    return len(list(Path("stick/RANGERSYNC").iterdir()))


def read(command: Command, who: str, stick: str = "stick") -> dict[str, object]:
    found = command("bundle", "read", stick, "--workspace", who)
    assert isinstance(found, dict)
    return found


def test_an_assessors_receipt_is_read_by_the_park_and_its_bundle_cleared(park: Command) -> None:
    assert bundles() == 2
    assert read(park, "judge")["receipts_left"] == 1
    assert read(park, "office")["receipts"] == ["judge"]
    assert len(park("bundle", "clear", "stick", "--workspace", "office")["cleared"]) == 1
    assert bundles() == 1
    # And the next stick carries nothing for it until there is something new.
    park("bundle", "write", "next", "--workspace", "office")
    assert len(list(Path("next/RANGERSYNC").iterdir())) == 1


def test_each_bundle_is_signed_for_by_those_whom_it_is_for(park: Command) -> None:
    read(park, "post")
    assert read(park, "office")["receipts"] == ["post"]
    assert len(park("bundle", "clear", "stick", "--workspace", "office")["cleared"]) == 1
    assert read(park, "judge")["receipts_left"] == 1, "that of the park alone was cleared"
    assert read(park, "office")["receipts"] == ["judge"]


def test_another_laptop_of_the_park_hears_of_it_too(park: Command) -> None:
    read(park, "judge")
    found = read(park, "post")
    assert found["receipts"] == []
    assert len(found["not_for_us"]) == 1  # type: ignore[arg-type]
    park("bundle", "write", "by post", "--workspace", "post")
    assert len(list(Path("by post/RANGERSYNC").iterdir())) == 1, "it was told what the assessor holds"


def test_a_receipt_of_a_laptop_that_was_shut_out_clears_nothing(park: Command) -> None:
    read(park, "judge")
    park("device", "revoke", "judge", "--workspace", "office")
    assert read(park, "office")["receipts"] == []
    assert park("bundle", "clear", "stick", "--workspace", "office")["cleared"] == []


def test_an_assessor_who_becomes_a_ranger_needs_no_fresh_answer(park: Command) -> None:
    read(park, "judge")
    read(park, "office")
    park("device", "role", "judge", "ranger", "--workspace", "office")
    shutil.rmtree("stick")
    park("bundle", "write", "stick", "--workspace", "office")
    found = read(park, "judge")
    assert (found["role"], found["not_for_us"]) == ("ranger", [])
    assert park("bundle", "write", "back", "--workspace", "judge")["sealed"]
    assert read(park, "post", "back")["not_for_us"] == []
