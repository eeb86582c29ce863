"""A bundle on its way tells nobody anything but those whom it is for, and they lose nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranger_app.domain.errors import KnownError, Refused
from ranger_app.security.recovery import read_sheet
from ranger_app.security.sealing import MAX_HEADER, NotForUs, new_secret, recipient_of, seal
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.carrying import stream_of
from ranger_app.storage.exchange.exchanging import segments_above, take, tips
from ranger_app.sync.bundles import cargo, pieces
from ranger_app.sync.bundles.batches import unpack
from ranger_app.sync.bundles.cargo import Originals
from ranger_app.sync.bundles.contents import Contents
from ranger_app.sync.bundles.frames import SEGMENTS, WHOLE_FILE, Frame, frame
from ranger_app.sync.bundles.looking import look_at
from ranger_app.sync.bundles.manifest import HEAD_NAME, KEYS_NAME, MANIFEST_NAME
from ranger_app.sync.bundles.showing import acquaintance, show_bundle
from ranger_app.sync.bundles.telling import read_words, shown_words
from tests.builders import a_patrol, a_workspace, quiet
from tests.conftest import not_here
from tests.sync.park import SITE, Park, a_park, add, numbers
from tests.sync.sealed import (
    SECRET_WORDS,
    add_photos,
    opened,
    photos_here,
    read,
    sealed_again,
    sealed_park,
    write,
)
from tests.sync.sticks import small_parts


@pytest.fixture
def park() -> Iterator[Park]:
    with sealed_park() as made:
        yield made


def test_a_laptop_of_the_site_reads_all_of_it(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path)
    found = read(park["post"], tmp_path)
    assert done.sealed
    assert (found.missing_parts, found.damaged, found.unsealed) == ([], 0, 0)
    assert park["post"].digest() == park["office"].digest()
    assert photos_here(park["post"]) == found.files_new == 3


def test_whoever_finds_the_stick_learns_nothing(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path)
    told = b"".join(path.read_bytes() for path in done.folder.iterdir())
    names = [SECRET_WORDS, "Demo park", "office", "post", "demo photo", "P-1", "IMG_0001.JPG"]
    keys = [SITE, park["office"].keys.replica, park["office"].keys.public_key]
    for secret in [*(one.encode() for one in names), *keys]:
        assert secret not in told


def test_names_fit_every_file_system(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path)
    for path in [done.folder, *done.folder.iterdir()]:
        assert re.fullmatch(r"[A-Z0-9]{1,8}(\.[A-Z]{3})?", path.name)
    assert done.folder.parent.name == "RANGERSYNC"


def test_a_part_opens_with_the_ordinary_age_program(park: Park, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        not_here("the age program is not installed (Debian: apt-get install age)")
    done = write(park["office"], tmp_path / "stick")
    key = tmp_path / "group.key"
    key.write_text(park.devices("post").group_secrets()[-1] + "\n")
    for name in (*done.parts, MANIFEST_NAME, KEYS_NAME):
        subprocess.run(["age", "-d", "-i", key, "-o", tmp_path / name, done.folder / name], check=True)
        assert (tmp_path / name).read_bytes().startswith(b"RSR1")
    # And the other way round: what age seals, Ranger reads.
    group = park.devices("office").recipients()[0]
    for name in (*done.parts, MANIFEST_NAME):
        (done.folder / name).unlink()
        subprocess.run(["age", "-r", group, "-o", done.folder / name, tmp_path / name], check=True)
    assert photos_here_after(park["post"], tmp_path / "stick") == 3


def photos_here_after(workspace: Workspace, stick: Path) -> int:
    read(workspace, stick)
    return photos_here(workspace)


def test_a_laptop_of_another_site_is_told_that_the_stick_is_not_for_it(park: Park, tmp_path: Path) -> None:
    write(park["office"], tmp_path)
    with sealed_park() as other, a_workspace(tmp_path / "third.ranger") as third:
        with a_park() as empty, pytest.raises(NotForUs, match="not among them"):
            read(empty["new"], tmp_path)
        with pytest.raises(NotForUs, match="another site"):
            read(third, tmp_path)
        before = other["post"].digest()
        add(other["office"], a_patrol(SITE, "O-1"))
        write(other["office"], tmp_path)
        found = read(other["post"], tmp_path)
        assert (found.bundles, len(found.not_for_us)) == (1, 1)
        assert numbers(other["post"]) == {"P-1", "O-1"}
        assert before != other["post"].digest()
        assert any("carry it on" in words for words in read_words(found))


def test_the_rest_is_taken_and_the_sentence_names_what_to_fetch(tmp_path: Path) -> None:
    """One part is missing, one byte is flipped, and there is a bundle of strangers on the stick."""
    with sealed_park() as park, sealed_park() as strangers, small_parts():
        office, post = park["office"], park["post"]
        add_photos(office, 6, first=10)
        done = write(office, tmp_path)
        write(strangers["office"], tmp_path)
        files = [name for name in done.parts if holds_a_file(park, done.folder / name)]
        lost, flipped = files[1], files[4]
        (done.folder / lost).unlink()
        content = bytearray((done.folder / flipped).read_bytes())
        content[-100] ^= 1
        (done.folder / flipped).write_bytes(content)
        found = read(post, tmp_path)
        assert numbers(post) == {"P-1"}
        assert photos_here(post) == 9 - 2
        assert found.missing_parts == [f"{done.folder.name}/{name}" for name in sorted([lost, flipped])]
        told = " ".join(read_words(found))
        assert lost in told
        assert flipped in told
        assert len(found.not_for_us) == 1
        shown = show_bundle(done.folder, acquaintance(post), quiet(), thoroughly=True)
        assert shown.missing_parts == sorted([lost, flipped])
        assert f"Part {lost} is missing, with 0 changes and 1 file: fetch it again." in shown_words(shown)
        assert f"Part {flipped} is damaged, with 0 changes and 1 file: fetch it again." in shown_words(shown)


def test_of_each_part_of_one_long_file_is_known_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They say alike what is in them, so that one was taken for all; what is here already was read again."""
    monkeypatch.setattr(cargo, "WHOLE_BYTES", 1_000)
    for module in (cargo, pieces):
        monkeypatch.setattr(module, "PIECE_BYTES", 8_000)
    with sealed_park() as park, small_parts():
        done = write(park["office"], tmp_path)
        who = acquaintance(park["post"])
        bundle = look_at(done.folder, who.secrets)
        assert [name for name in done.parts if bundle.contents(name) is None] == []
        read(park["post"], tmp_path)
        assert photos_here(park["post"]) == 3
        assert show_bundle(done.folder, acquaintance(park["post"]), quiet()).new_here is False
        lost = next(name for name in done.parts if (bundle.contents(name) or Contents()).files)
        (done.folder / lost).unlink()
        shown = show_bundle(done.folder, who, quiet())
        assert f"Part {lost} is missing, with 0 changes and 1 file: fetch it again." in shown_words(shown)


def holds_a_file(park: Park, part: Path) -> bool:
    return any(one and one.type == WHOLE_FILE for one in opened(part, park.devices("post").group_secrets()))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_parts_on_any_sticks_in_any_order(park: Park, tmp_path: Path, data: st.DataObject) -> None:
    stick = tmp_path / f"whole {len(list(tmp_path.iterdir()))}"
    with small_parts():
        done = write(park["office"], stick)
    order = data.draw(st.permutations(done.parts))
    with a_park() as others:
        (reader,) = [others["reader"]]
        secrets = park.devices("post").group_secrets()
        for n, name in enumerate(order):
            some = stick / f"part {n}" / "RANGERSYNC" / done.folder.name
            some.mkdir(parents=True)
            for each in data.draw(st.sets(st.sampled_from([HEAD_NAME, MANIFEST_NAME, KEYS_NAME]))) | {name}:
                shutil.copy(done.folder / each, some / each)
            read(reader, stick / f"part {n}", secrets=secrets)
        assert reader.digest() == park["office"].digest()
        assert photos_here(reader) == 3


def test_a_new_group_key_comes_along_with_the_stick(tmp_path: Path) -> None:
    with sealed_park("post", "gate") as park:
        before = park.devices("post").group_secrets()
        park.devices("office").revoke(park["gate"].keys.replica)
        add(park["office"], a_patrol(SITE, "P-2"))
        done = write(park["office"], tmp_path)
        with pytest.raises(NotForUs, match="was shut out of its site"):
            read(park["gate"], tmp_path)
        assert numbers(park["gate"]) == set()
        read(park["post"], tmp_path)
        assert numbers(park["post"]) == {"P-1", "P-2"}
        assert park.devices("post").group_secrets()[:-1] == before
        (done.folder / KEYS_NAME).unlink()
        park.enrol("lake", "ranger")
        assert photos_here_after(park["lake"], tmp_path) == 3


def test_the_recovery_sheet_opens_it(park: Park, tmp_path: Path) -> None:
    sheet = park.devices("office").print_sheet(on=date(2026, 5, 31))
    write(park["office"], tmp_path)
    with a_park() as empty:
        found = read(empty["new office"], tmp_path, secrets=[read_sheet(sheet).opening_secret])
        assert found.joined == "Demo park"
        assert numbers(empty["new office"]) == {"P-1"}


def test_a_protected_workspace_writes_nothing_unsealed(tmp_path: Path) -> None:
    with a_workspace(tmp_path / "office.ranger", passphrase="demo") as office:
        assert write(office, tmp_path / "stick").sealed
        visitor = Workspace.create(tmp_path / "visitor.ranger", site=None)
        with visitor, pytest.raises(NotForUs, match="not among them"):
            read(visitor, tmp_path / "stick")
    with a_workspace(tmp_path / "open.ranger") as shop:
        assert not write(shop, tmp_path / "open stick").sealed
        with Workspace.create(tmp_path / "friend.ranger", site=None, passphrase="demo") as friend:
            assert read(friend, tmp_path / "open stick").unsealed == 1
            with pytest.raises(Refused, match="no key yet"):
                write(friend, tmp_path / "back")


def test_nothing_of_another_site_is_in_a_sealed_bundle(park: Park, tmp_path: Path) -> None:
    with a_workspace(tmp_path / "other.ranger") as other:
        add(other, a_patrol(other.site_id, "X-1", title="of another park"))
        write(other, tmp_path / "in")
        read(park["office"], tmp_path / "in")
        assert other.site_id in tips(park["office"])
    done = write(park["office"], tmp_path / "out")
    secrets = park.devices("post").group_secrets()
    batches = [
        unpack(one.payload)
        for name in done.parts
        for one in opened(done.folder / name, secrets)
        if one is not None and one.type == SEGMENTS
    ]
    assert {stream_of(signed.body) for batch in batches for signed in batch} == {SITE}
    read(park["post"], tmp_path / "out")
    assert set(tips(park["post"])) == {SITE}


# -- couriers with keys of their own


def test_sealed_anew_for_others_its_list_is_not_believed(park: Park, tmp_path: Path) -> None:
    """Somebody of the site opens the bundle and seals it for another one, as if it had been meant for it."""
    done = write(park["office"], tmp_path)
    secrets, thief = park.devices("post").group_secrets(), new_secret()
    for name in (*done.parts, MANIFEST_NAME):
        sealed_again(done.folder / name, secrets, [recipient_of(thief)])
    with a_park() as other:
        found = read(other["new"], tmp_path, secrets=[thief])
        assert found.sealed_anew == [done.folder.name]
        assert any("not believed" in words for words in read_words(found))


def test_a_plain_part_among_sealed_ones_is_not_taken(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path)
    (done.folder / done.parts[0]).write_bytes(frame(WHOLE_FILE, b"a file that somebody slipped in"))
    found = read(park["post"], tmp_path)
    assert found.files_new == 0
    assert found.missing_parts == [f"{done.folder.name}/{done.parts[0]}"]


def test_a_member_of_the_group_cannot_write_in_the_name_of_another(park: Park, tmp_path: Path) -> None:
    from tests.sync import sticks

    done = write(park["office"], tmp_path)
    group, secrets = park.devices("office").recipients(), park.devices("post").group_secrets()
    for change in (sticks.another_value, sticks.signed_anew):

        def meddled(one: Frame, change: sticks.Meddle = change) -> list[Frame]:
            return (
                [Frame(one.type, sticks.changed_batch(one.payload, change))]
                if one.type == SEGMENTS
                else [one]
            )

        for name in done.parts:
            sealed_again(done.folder / name, secrets, group, meddled)
        found = read(park["post"], tmp_path)
        assert found.segments_new == 0
        assert found.missing_parts
        assert numbers(park["post"]) == set()


def test_a_head_with_many_recipients_is_refused_before_the_library_sees_it(
    park: Park, tmp_path: Path
) -> None:
    done = write(park["office"], tmp_path)
    stanza = b"-> X25519 " + b"A" * 43 + b"\n" + b"B" * 43 + b"\n"
    part = done.folder / done.parts[0]
    body = part.read_bytes().partition(b"\n---")[2]
    part.write_bytes(b"age-encryption.org/v1\n" + stanza * 17 + b"---" + body)
    assert read(park["post"], tmp_path).missing_parts == [f"{done.folder.name}/{part.name}"]
    part.write_bytes(b"age-encryption.org/v1\n" + b"-> demo " + b"x" * MAX_HEADER + b"\n---" + body)
    assert read(park["post"], tmp_path).missing_parts == [f"{done.folder.name}/{part.name}"]


def test_a_record_that_promises_too_much_ends_its_part(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path)
    group = park.devices("office").recipients()
    unsound = frame(WHOLE_FILE, b"other")[:-1] + b"!"
    for junk in (
        unsound,
        b"RSR1" + b"\xff" * 60,
        b"XXXX" * 100,
        b"RSR1" + b"\x00\x02\x00\x00\xff\xff" + bytes(32),
    ):
        (done.folder / done.parts[0]).write_bytes(seal(frame(WHOLE_FILE, b"sound") + junk, group))
        found = read(park["post"], tmp_path)
        assert found.missing_parts
        assert found.damaged == 1


def test_odd_things_on_a_stick_are_left_alone(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path / "stick")
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("CON", "NUL.RSB", "P0001.RSB.EXE", "P9999.RSB", "RCPT-1.RSB", "..RSB", "p0001.rsb.txt"):
        (done.folder / name).write_bytes(b"odd")
    (done.folder / "P0002.RSB").symlink_to("/dev/zero")
    (done.folder / "LINK").symlink_to(outside)
    os.mkfifo(done.folder / "P0003.RSB")
    found = read(park["post"], tmp_path / "stick")
    assert photos_here(park["post"]) == 3
    assert found.missing_parts == []
    assert list(outside.iterdir()) == []


def test_reading_again_and_old_bundles_change_nothing(park: Park, tmp_path: Path) -> None:
    write(park["office"], tmp_path / "old")
    with park["office"].unit("later") as unit:
        unit.add(a_patrol(SITE, "P-2"))
    write(park["office"], tmp_path / "new")
    read(park["post"], tmp_path / "new")
    digest = park["post"].digest()
    for stick in ("old", "new", "old"):
        found = read(park["post"], tmp_path / stick)
        assert (found.segments_new, found.files_new, found.missing_parts) == (0, 0, [])
        assert park["post"].digest(afresh=True) == digest


def test_what_is_here_already_is_not_read_again(park: Park, tmp_path: Path) -> None:
    done = write(park["office"], tmp_path)
    read(park["post"], tmp_path)
    for name in done.parts:
        (done.folder / name).unlink()
    found = read(park["post"], tmp_path)
    assert found.missing_parts == []


def test_a_part_of_which_the_end_is_here_and_not_the_middle_is_read(park: Park, tmp_path: Path) -> None:
    for n in range(3):
        add(park["office"], a_patrol(SITE, f"G-{n}"))
    write(park["office"], tmp_path, originals=Originals.NONE)
    mine = [
        one for one in segments_above(park["office"], {}) if one.public_key == park["office"].keys.public_key
    ]
    take(park["post"], mine[-1:])
    read(park["post"], tmp_path)
    assert numbers(park["post"]) == {"P-1", "G-0", "G-1", "G-2"}


@pytest.mark.parametrize("name", [HEAD_NAME, MANIFEST_NAME, KEYS_NAME])
@pytest.mark.parametrize("content", [b"", b"junk" * 100, b"RSR1", b"age-encryption.org/v1\n"])
def test_a_damaged_list_only_means_less_is_known(
    park: Park, tmp_path: Path, name: str, content: bytes
) -> None:
    done = write(park["office"], tmp_path)
    (done.folder / name).write_bytes(content)
    try:
        read(park["post"], tmp_path)
    except KnownError as error:
        pytest.fail(error.text)
    assert photos_here(park["post"]) == 3
