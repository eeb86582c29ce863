"""An enrolled assessor's laptop holds no key of the park: it opens what is for it, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ranger_app.domain.assessments import Evidence
from ranger_app.domain.patrols import Value, Waypoint
from ranger_app.security.sealing import NotForUs, recipient_of
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.manifest import HEAD_NAME
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.recipients import opening_secrets
from ranger_app.sync.bundles.writing import write_bundle
from ranger_app.sync.people import chain, devices
from ranger_app.sync.people.chain import Chain
from ranger_app.sync.service import Exchange
from tests.builders import quiet
from tests.conftest import not_here
from tests.sync.park import SITE, Park, a_park

NAME = "Xavierdemo Suspect"
SAID = Value(site_id=SITE, observation_id=SITE, attribute="nameornames", text=NAME)
RAIN = Value(site_id=SITE, observation_id=SITE, attribute="weather", text="rain")
PLACE = Waypoint(site_id=SITE, number="1", lon=131.25, lat=43.5, comment=NAME)


@contextmanager
def a_park_with_an_assessor() -> Iterator[Park]:
    """An office, a ranger's laptop and an assessor's, which has read nothing yet."""
    with a_park() as made:
        made.enrol("ranger", "ranger")
        joins(made, "assessor")
        with made["office"].unit("write down") as unit:
            unit.add_many([SAID, RAIN, PLACE])
        yield made


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park_with_an_assessor() as made:
        yield made


def joins(park: Park, name: str, role: str = "assessor") -> None:
    _request, file = park.devices(name).request()
    park.devices(name).join(park.devices("office").enrol(file, role=role))


def values(laptop: Workspace) -> set[str | None]:
    with laptop.reading(whole=True) as data:
        return {one.text for one in data.find(Value)}


def parts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != HEAD_NAME)


def test_an_assessor_holds_no_key_of_the_park(park: Park) -> None:
    held = {recipient_of(secret) for secret in opening_secrets(park["assessor"])}
    directory = park.devices("office").directory()
    assert directory is not None
    assert held == {directory.outside[-1]}
    assert not held & set(directory.groups)
    assert not set(park.devices("office").recipients()) & held


def test_it_opens_nothing_that_is_sealed_for_the_park(park: Park, tmp_path: Path) -> None:
    park_bundle = write_bundle(park["office"], tmp_path / "stick", quiet())
    with pytest.raises(NotForUs):
        read_bundles(park["assessor"], tmp_path / "stick", quiet())
    assert values(park["assessor"]) == set()
    if shutil.which("age") is None:
        not_here("the age program is not installed (Debian: apt-get install age)")
    keys = tmp_path / "every key that it has"
    keys.write_text("\n".join([Chain(park["assessor"]).secret(), *opening_secrets(park["assessor"])]) + "\n")
    assert len(parts(park_bundle.folder)) > 2
    for one in parts(park_bundle.folder):
        done = subprocess.run(["age", "-d", "-i", keys, one], capture_output=True, check=False)
        assert done.returncode != 0, one.name
    outside = Exchange(park["office"]).write(tmp_path / "both", quiet()).outside
    assert outside is not None
    for one in parts(outside):
        opened = subprocess.run(["age", "-d", "-i", keys, one], capture_output=True, check=True)
        assert NAME.encode() not in opened.stdout


def test_a_stick_for_everybody_has_a_bundle_for_each_group(park: Park, tmp_path: Path) -> None:
    done = Exchange(park["office"]).write(tmp_path, quiet())
    assert done.outside is not None
    read_bundles(park["ranger"], tmp_path, quiet())
    read_bundles(park["assessor"], tmp_path, quiet())
    assert values(park["ranger"]) == {NAME, "rain"}
    assert values(park["assessor"]) == {None, "rain"}
    assert NAME.encode() not in park["assessor"].database.read_bytes()


def test_an_assessor_who_was_never_heard_of_does_not_make_the_park_carry_everything(
    park: Park, tmp_path: Path
) -> None:
    exchange = Exchange(park["office"])
    exchange.write(tmp_path / "one", quiet())
    read_bundles(park["ranger"], tmp_path / "one", quiet())
    read_bundles(park["office"], tmp_path / "one", quiet())  # the ranger's receipt
    again = exchange.write(tmp_path / "two", quiet())
    assert again.segments == 0
    assert again.outside is not None
    assert exchange.plan(tmp_path / "three", quiet()).weight.something


def test_what_an_assessor_writes_comes_to_the_park(park: Park, tmp_path: Path) -> None:
    Exchange(park["office"]).write(tmp_path / "there", quiet())
    read_bundles(park["assessor"], tmp_path / "there", quiet())
    with park["assessor"].unit("a remark") as unit:
        unit.add(Evidence(site_id=SITE, title="demo remark", kind="document"))
    Exchange(park["assessor"]).write(tmp_path / "back", quiet())
    assert read_bundles(park["office"], tmp_path / "back", quiet()).segments_new
    assert park.devices("office").count_aside() == 0
    # Its own bundle says what it holds: the next stick carries nothing for it until there is something new.
    assert Exchange(park["office"]).write(tmp_path / "again", quiet()).outside is None


def test_each_assessor_that_comes_or_goes_changes_their_key(park: Park, tmp_path: Path) -> None:
    joins(park, "second")
    Exchange(park["office"]).write(tmp_path / "one", quiet())
    for name in ("assessor", "second"):
        read_bundles(park[name], tmp_path / "one", quiet())
        assert values(park[name]) == {None, "rain"}
    park.devices("office").revoke(park["second"].keys.replica)
    with park["office"].unit("more") as unit:
        unit.add(Value(site_id=SITE, observation_id=SITE, attribute="weather", text="snow"))
    outside = Exchange(park["office"]).write(tmp_path / "two", quiet()).outside
    assert outside is not None
    read_bundles(park["assessor"], tmp_path / "two", quiet())
    assert "snow" in values(park["assessor"])
    with pytest.raises(NotForUs):
        read_bundles(park["second"], tmp_path / "two", quiet())


def test_a_ranger_who_becomes_an_assessor_gets_no_later_key(park: Park, tmp_path: Path) -> None:
    before = park.devices("office").recipients()
    park.devices("office").set_role(park["ranger"].keys.replica, role="assessor")
    assert park.devices("office").recipients() != before
    Exchange(park["office"]).write(tmp_path, quiet())
    read_bundles(park["ranger"], tmp_path, quiet())
    assert values(park["ranger"]) == {None, "rain"}
    held = {recipient_of(secret) for secret in opening_secrets(park["ranger"])}
    assert park.devices("office").recipients()[0] not in held


def test_the_park_reads_an_assessors_receipt(park: Park, tmp_path: Path) -> None:
    office = Exchange(park["office"])
    paper = park["office"].files.add_bytes(b"a demo plan")
    plan = Evidence(site_id=SITE, title="demo plan", kind="document", file=paper.sha256)
    with park["office"].unit("a plan") as unit:
        unit.add(plan)
    outside = office.write(tmp_path / "stick", quiet()).outside
    assert outside is not None
    assert read_bundles(park["assessor"], tmp_path / "stick", quiet()).receipts_left == 1
    assert office.read(tmp_path / "stick", quiet()).receipts == ["assessor"]
    signed = {own.folder.name: (own.signed_by, own.waiting_for) for own in office.own(tmp_path / "stick")}
    assert signed.pop(outside.name) == (("assessor",), ())
    assert list(signed.values()) == [((), ("ranger",))]
    assert office.clear(outside) > 0
    assert office.write(tmp_path / "next", quiet()).outside is None, "the file is known to be there, too"


def test_he_gets_what_was_kept_from_him_with_the_next_stick(park: Park, tmp_path: Path) -> None:
    """As a ranger, without a fresh answer: the keys are in the list of devices."""
    office = Exchange(park["office"])
    for name in ("ranger", "assessor", "office"):
        office.write(tmp_path / "as an assessor", quiet())
        read_bundles(park[name], tmp_path / "as an assessor", quiet())
    park.devices("office").set_role(park["assessor"].keys.replica, role="ranger")
    assert office.write(tmp_path / "as a ranger", quiet()).outside is None
    read_bundles(park["assessor"], tmp_path / "as a ranger", quiet())
    assert values(park["assessor"]) == {NAME, "rain"}
    held = {recipient_of(secret) for secret in opening_secrets(park["assessor"])}
    assert park.devices("office").recipients()[0] in held


def test_who_stays_an_assessor_opens_no_more_than_the_list_of_devices(park: Park, tmp_path: Path) -> None:
    joins(park, "second")
    park.devices("office").set_role(park["assessor"].keys.replica, role="ranger")
    write_bundle(park["office"], tmp_path, quiet())
    with pytest.raises(NotForUs):
        read_bundles(park["second"], tmp_path, quiet())
    assert values(park["second"]) == set()
    held = {recipient_of(secret) for secret in opening_secrets(park["second"])}
    assert park.devices("office").recipients()[0] not in held


def test_a_site_from_before_gets_a_new_key_with_the_next_bundle(
    park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an assessor was given the park's key, the next bundle is sealed to another."""
    with a_park() as before:
        with monkeypatch.context() as patch:
            for room in (chain, devices):
                patch.setattr(room, "OUTSIDE", frozenset())
            joins(before, "assessor")
        old = before.devices("office").recipients()
        assert old[0] in {recipient_of(one) for one in opening_secrets(before["assessor"])}
        assert Exchange(before["office"]).write(tmp_path, quiet()).outside is not None
        assert before.devices("office").recipients()[0] != old[0]
        # The old key opens the park's list of devices, as a revoked laptop's does, and no more of its bundle.
        # In the list is the key of those outside: if their bundle was looked at before, it opens now.
        with suppress(NotForUs):
            read_bundles(before["assessor"], tmp_path, quiet())
        read_bundles(before["assessor"], tmp_path, quiet())
        held = {recipient_of(one) for one in opening_secrets(before["assessor"])}
        assert before.devices("office").recipients()[0] not in held
