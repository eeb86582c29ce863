"""What must not leave does not leave: names, positions, withheld evidence, hidden data of pictures."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ranger_app.domain.assessments import Action, Evidence
from ranger_app.domain.ids import new_id
from ranger_app.packets import pictures
from ranger_app.packets.dossier import Profile
from ranger_app.packets.redact import CLASSES, is_withheld, redacted_evidence, without_private_fields
from tests.packets.sites import HIDDEN, SECRET, a_picture
from tests.pdf_words import words_of_pdf


def everything_in(packet: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(packet) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text_of_pdf(content: bytes, folder: Path) -> str:
    """The words of a PDF, as a reader's program finds them."""
    (folder / "report.pdf").write_bytes(content)
    return words_of_pdf(folder / "report.pdf")


@pytest.mark.parametrize("profile", [Profile.PUBLIC, Profile.ASSESSOR])
def test_a_secret_in_a_field_that_tells_who_is_nowhere_in_the_packet(
    zips: dict[Profile, Path], profile: Profile
) -> None:
    for name, content in everything_in(zips[profile]).items():
        for secret in (SECRET, HIDDEN):
            assert secret not in name
            assert secret.encode() not in content, name


def test_no_secret_is_in_the_words_of_the_report(zips: dict[Profile, Path], tmp_path: Path) -> None:
    words = text_of_pdf(everything_in(zips[Profile.PUBLIC])["assessment.pdf"], tmp_path)
    assert "Management plan" in words
    assert SECRET not in words
    assert HIDDEN not in words


def test_the_full_packet_of_the_site_keeps_them(zips: dict[Profile, Path]) -> None:
    whole = b"".join(everything_in(zips[Profile.FULL]).values())
    assert SECRET.encode() in whole
    assert HIDDEN.encode() in whole


def test_the_public_packet_has_public_files_only(zips: dict[Profile, Path]) -> None:
    names = [name for name in everything_in(zips[Profile.PUBLIC]) if name.startswith("evidence/files/")]
    assert len(names) == 2
    assert all("Management-plan" in name or "Ford-at-night" in name for name in names)


def test_an_unknown_class_of_confidentiality_passes_with_nobody() -> None:
    strange = Evidence(site_id=new_id(), title="Demo", confidentiality="of a newer Ranger")
    assert all(is_withheld(strange, profile) for profile in Profile)
    assert CLASSES[Profile.PUBLIC] < CLASSES[Profile.ASSESSOR] < CLASSES[Profile.FULL]


def test_of_withheld_evidence_nothing_is_left_but_its_number() -> None:
    site = new_id()
    held = Evidence(
        site_id=site, title=HIDDEN, author=SECRET, file=b"\x01" * 32, file_name=HIDDEN, confidentiality="site"
    )
    left = redacted_evidence(held, Profile.ASSESSOR)
    assert left == Evidence(id=held.id, site_id=site, title="")


def test_who_owns_an_action_is_told_to_the_site_only() -> None:
    action = Action(site_id=new_id(), assessment_id=new_id(), indicator="1.1.1", what="Do it", owner=SECRET)
    assert without_private_fields(action, Profile.ASSESSOR).owner == ""
    assert without_private_fields(action, Profile.FULL).owner == SECRET


# ---- pictures


def test_a_cleaned_jpeg_shows_the_same_picture_upright_and_tells_nothing() -> None:
    original = a_picture(orientation=6)
    clean = pictures.without_metadata(original)
    assert clean is not None
    assert SECRET.encode() not in clean
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(clean)) as after:
        assert before.tobytes() == after.tobytes()
        assert dict(after.getexif()) == {0x0112: 6}
        assert not after.getexif().get_ifd(0x8825)


def test_what_hangs_on_behind_a_jpeg_is_left_out() -> None:
    clean = pictures.without_metadata(a_picture() + b"preview of " + SECRET.encode() + b"\xff\xd9")
    assert clean is not None
    assert SECRET.encode() not in clean


def test_a_cleaned_png_keeps_its_pixels_and_loses_its_words() -> None:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", SECRET)
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG", pnginfo=told, exif=Image.Exif())
    clean = pictures.without_metadata(out.getvalue())
    assert clean is not None
    assert SECRET.encode() not in clean
    with Image.open(io.BytesIO(out.getvalue())) as before, Image.open(io.BytesIO(clean)) as after:
        assert before.tobytes() == after.tobytes()


def test_every_real_camera_picture_is_cleaned_without_changing_a_pixel(shared_data: Path) -> None:
    checked = 0
    for path in sorted((shared_data / "photos" / "originals").glob("*.[jJ]*"))[:12]:
        clean = pictures.without_metadata(path.read_bytes())
        assert clean is not None, path.name
        with Image.open(path) as before, Image.open(io.BytesIO(clean)) as after:
            assert before.tobytes() == after.tobytes(), path.name
            assert set(after.getexif()) <= {0x0112}, path.name
        checked += 1
    assert checked == 12


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1\xff",
        b"\xff\xd8\xff\xe1\x00\x01",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR",
        b"\xff\xd8" + b"\xff" * 100,
    ],
)
def test_what_cannot_be_taken_apart_is_not_passed_on(content: bytes) -> None:
    assert pictures.without_metadata(content) is None


def test_a_file_that_is_no_picture_has_no_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "no.jpg"
    path.write_bytes(b"not a picture")
    assert pictures.thumbnail(path) == b""
