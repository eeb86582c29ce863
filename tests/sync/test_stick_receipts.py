"""What comes back with a stick: a signed word of what arrived, and so what the next stick need not carry."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cbor2
import pytest

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.security.sealing import unseal
from ranger_app.storage.exchange.exchanging import tips
from ranger_app.sync.bundles.frames import RECEIPT, frame
from ranger_app.sync.bundles.manifest import MANIFEST_NAME
from ranger_app.sync.bundles.stick_receipts import (
    StickReceipt,
    read_stick_receipt,
    receipt_bytes,
    receipt_name,
)
from ranger_app.sync.bundles.telling import own_words, read_words
from ranger_app.sync.service import Exchange
from tests.builders import a_patrol, quiet
from tests.sync.park import SITE, Park, add, numbers
from tests.sync.sealed import add_photos, photos_here, read, sealed_park, write
from tests.sync.sticks import small_parts

FIRST = receipt_name(1)


@pytest.fixture
def park() -> Iterator[Park]:
    with sealed_park() as made:
        yield made


def exchange(park: Park, name: str) -> Exchange:
    return Exchange(park[name])


def test_nobody_has_it_before_the_receipt_is_back(park: Park, tmp_path: Path) -> None:
    office, post = exchange(park, "office"), exchange(park, "post")
    done = office.write(tmp_path, quiet())
    (own,) = office.own(tmp_path)
    assert (own.signed_by, own.waiting_for) == ((), ("post",))
    with pytest.raises(Refused, match="no other laptop has signed"):
        office.clear(own.folder)
    assert post.read(tmp_path, quiet()).receipts_left == 1
    back = office.read(tmp_path, quiet())
    assert back.receipts == ["post"]
    assert "Signed for by post: what you gave is there." in read_words(back)
    (own,) = office.own(tmp_path)
    assert own.signed_by == ("post",)
    assert "post holds all of it" in own_words(own)
    assert office.clear(own.folder) > 0
    assert not done.folder.exists()
    assert photos_here(park["post"]) == photos_here(park["office"]) == 3


def test_the_next_stick_carries_only_what_is_new(park: Park, tmp_path: Path) -> None:
    office, post = exchange(park, "office"), exchange(park, "post")
    first = office.write(tmp_path / "1", quiet())
    post.read(tmp_path / "1", quiet())
    again = office.write(tmp_path / "2", quiet())
    assert (again.segments, again.files) == (first.segments, first.files) != (0, 0)
    office.read(tmp_path / "1", quiet())
    nothing = office.write(tmp_path / "3", quiet())
    assert (nothing.segments, nothing.files) == (0, 0)
    add(park["office"], a_patrol(SITE, "P-9"))
    add_photos(park["office"], 1, first=50)
    news = office.write(tmp_path / "4", quiet())
    assert (news.segments, news.files) == (2, 1)
    post.read(tmp_path / "4", quiet())
    assert numbers(park["post"]) == {"P-1", "P-9"}
    assert photos_here(park["post"]) == 4
    everything = office.write(tmp_path / "5", quiet(), everything=True)
    assert everything.segments > news.segments
    assert everything.files == 4


def test_a_bundle_says_itself_what_its_writer_has(park: Park, tmp_path: Path) -> None:
    office, post = exchange(park, "office"), exchange(park, "post")
    office.write(tmp_path / "there", quiet())
    post.read(tmp_path / "there", quiet())
    add(park["post"], a_patrol(SITE, "P-2"))
    back = post.write(tmp_path / "back", quiet())
    assert (back.segments, back.files) == (1, 0)
    office.read(tmp_path / "back", quiet())
    assert numbers(park["office"]) == {"P-1", "P-2"}
    assert office.write(tmp_path / "again", quiet()).segments == 0


def test_a_laptop_that_joined_later_gets_everything(tmp_path: Path) -> None:
    with sealed_park("post") as park:
        office = exchange(park, "office")
        office.write(tmp_path / "1", quiet())
        exchange(park, "post").read(tmp_path / "1", quiet())
        office.read(tmp_path / "1", quiet())
        park.enrol("lake", "ranger")
        done = office.write(tmp_path / "2", quiet())
        assert done.files == 3
        exchange(park, "lake").read(tmp_path / "2", quiet())
        assert photos_here(park["lake"]) == 3
        post = park["post"].keys.replica
        assert office.write(tmp_path / "3", quiet(), receivers=[post]).files == 0


def test_a_stick_for_several_carries_what_any_of_them_lacks(tmp_path: Path) -> None:
    with sealed_park("post", "gate") as park:
        office = exchange(park, "office")
        office.write(tmp_path / "1", quiet())
        for name in ("post", "gate"):
            exchange(park, name).read(tmp_path / "1", quiet())
        office.read(tmp_path / "1", quiet())
        add(park["office"], a_patrol(SITE, "P-2"))
        add_photos(park["office"], 1, first=60)
        office.write(tmp_path / "2", quiet())
        exchange(park, "post").read(tmp_path / "2", quiet())
        office.read(tmp_path / "2", quiet())
        office.write(tmp_path / "3", quiet())
        exchange(park, "gate").read(tmp_path / "3", quiet())
        assert numbers(park["gate"]) == {"P-1", "P-2"}
        assert photos_here(park["gate"]) == 4


def test_what_did_not_arrive_goes_along_again(park: Park, tmp_path: Path) -> None:
    office, post = exchange(park, "office"), exchange(park, "post")
    with small_parts():
        done = office.write(tmp_path / "1", quiet())
    lost = done.parts[-1]
    (done.folder / lost).unlink()
    assert post.read(tmp_path / "1", quiet()).missing_parts == [f"{done.folder.name}/{lost}"]
    assert office.read(tmp_path / "1", quiet()).receipts == []
    assert office.own(tmp_path / "1")[0].signed_by == ()
    assert office.write(tmp_path / "2", quiet()).files == 1
    post.read(tmp_path / "2", quiet())
    assert photos_here(park["post"]) == 3


def test_a_second_reading_renews_its_receipt(park: Park, tmp_path: Path) -> None:
    with small_parts():
        done = exchange(park, "office").write(tmp_path, quiet())
    part = done.folder / done.parts[-1]
    content = part.read_bytes()
    part.unlink()
    exchange(park, "post").read(tmp_path, quiet())
    part.write_bytes(content)
    exchange(park, "post").read(tmp_path, quiet())
    assert [path.name for path in done.folder.glob("RCPT*")] == [FIRST]
    assert exchange(park, "office").read(tmp_path, quiet()).receipts == ["post"]


def test_receipts_are_sealed_and_signed(park: Park, tmp_path: Path) -> None:
    done = exchange(park, "office").write(tmp_path, quiet())
    exchange(park, "post").read(tmp_path, quiet())
    raw = (done.folder / FIRST).read_bytes()
    assert park["post"].keys.replica not in raw
    payload = unseal(raw, park.devices("office").group_secrets()).partition(b"RSR1")[2][38:]
    receipt = read_stick_receipt(payload)
    assert (receipt.receiver, receipt.complete) == (park["post"].keys.replica, True)
    assert receipt.tips == tips(park["post"])
    key, text, signature = cbor2.loads(payload)
    for bad in (
        [park["office"].keys.public_key, text, signature],
        [key, text.replace(b"complete", b"compleat"), signature],
        [key, text, bytes(64)],
        [key, text],
        "junk",
    ):
        with pytest.raises(BadInput):
            read_stick_receipt(cbor2.dumps(bad))


def test_a_receipt_of_a_stranger_or_for_another_bundle_counts_for_nothing(tmp_path: Path) -> None:
    with sealed_park("post") as park, sealed_park("thief") as strangers:
        done = exchange(park, "office").write(tmp_path, quiet())
        for n, (name, keys) in enumerate(
            [(done.folder.name, strangers["thief"].keys), ("AAAAAAAA", park["post"].keys)], start=1
        ):
            receipt = StickReceipt(
                bundle=name,
                receiver=keys.replica,
                at=1 << 60,
                tips=tips(park["office"]),
                taken=tuple(done.parts),
                complete=True,
            )
            (done.folder / receipt_name(n)).write_bytes(frame(RECEIPT, receipt_bytes(receipt, keys)))
        (done.folder / receipt_name(3)).write_bytes(b"junk")
        assert exchange(park, "office").read(tmp_path, quiet()).receipts == []
        assert exchange(park, "office").own(tmp_path)[0].signed_by == ()
        assert exchange(park, "office").write(tmp_path / "again", quiet()).files == 3


def test_an_older_word_does_not_undo_a_newer_one(park: Park, tmp_path: Path) -> None:
    office, post = exchange(park, "office"), exchange(park, "post")
    old = office.write(tmp_path / "old", quiet())
    post.read(tmp_path / "old", quiet())
    add(park["office"], a_patrol(SITE, "P-2"))
    office.write(tmp_path / "new", quiet())
    post.read(tmp_path / "new", quiet())
    office.read(tmp_path / "new", quiet())
    office.read(tmp_path / "old", quiet())
    assert old.segments
    assert office.write(tmp_path / "next", quiet()).segments == 0


def test_a_stick_that_cannot_be_written_to_is_read_all_the_same(park: Park, tmp_path: Path) -> None:
    write(park["office"], tmp_path / "stick")
    if os.geteuid() != 0:
        pytest.skip("a stick that cannot be written to needs the administrator's rights to be made")
    bound = subprocess.run(
        ["mount", "--bind", "-o", "ro", tmp_path / "stick", tmp_path / "stick"], check=False
    )
    if bound.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        found = read(park["post"], tmp_path / "stick")
    finally:
        subprocess.run(["umount", "--lazy", tmp_path / "stick"], check=True)
    assert photos_here(park["post"]) == 3
    assert (found.receipts_left, found.receipts_refused) == (0, 1)
    assert any("No receipt could be left" in words for words in read_words(found))


def test_only_what_ranger_writes_is_cleared_away(park: Park, tmp_path: Path) -> None:
    done = exchange(park, "office").write(tmp_path, quiet())
    (done.folder / "MY NOTES.TXT").write_text("keep me")
    exchange(park, "post").read(tmp_path, quiet())
    exchange(park, "office").clear(done.folder)
    assert [path.name for path in done.folder.iterdir()] == ["MY NOTES.TXT"]
    assert exchange(park, "office").own(tmp_path) == []


def test_without_the_list_no_receipt_is_left(park: Park, tmp_path: Path) -> None:
    done = exchange(park, "office").write(tmp_path, quiet())
    (done.folder / MANIFEST_NAME).unlink()
    assert read(park["post"], tmp_path).receipts_left == 0
    assert photos_here(park["post"]) == 3
