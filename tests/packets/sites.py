"""A demo park whose assessment holds everything that a packet can hold, with secrets where names are kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import shapely
from PIL import Image

from ranger_app.packets.service import Packets
from tests.assessments.parks import Park, a_file, open_park

MADE_AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
SECRET = "Zephyrine"
"""Stands in every field that tells who, in file names, in hidden data of pictures and in private columns."""
HIDDEN = "Quarantaine"
"""Stands in the title, the page and the file of evidence that stays at the site."""
A_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@dataclass
class Packed:
    """A park with a full assessment and the service that writes packets of it."""

    park: Park
    packets: Packets
    folder: Path


def a_picture(*, secret: str = SECRET, orientation: int = 6) -> bytes:
    """A drawn JPEG that lies on its side, with a position and a name in its EXIF and in a comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = secret  # artist
    exif.get_ifd(0x8825)[2] = (43.0, 7.0, 12.5)  # GPSLatitude
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((160, 90)).save(
        out, "JPEG", exif=exif, comment=f"taken by {secret}".encode()
    )
    return out.getvalue()


@contextmanager
def packed_park(folder: Path) -> Iterator[Packed]:
    with open_park(folder / "demo.ranger") as park:
        fill(park, folder / "papers")
        yield Packed(park, Packets(park.workspace, park.assessments), folder)


def fill(park: Park, papers: Path) -> None:
    outline = shapely.MultiPolygon([shapely.box(13.0, 45.0, 13.2, 45.1)])
    with park.workspace.unit("outline") as unit:
        unit.change(park.site, boundary=shapely.to_wkb(outline))
    room = park.assessments
    room.start(title="Demo assessment 2026")
    plan = a_file(papers, f"plan of {SECRET}.pdf", A_PDF)
    for page, code in enumerate(("1.1.1", "2.1.1", "3.1.1"), start=3):
        room.answer(
            code, rating="met", narrative=f"As the plan says for {code}.\n\nA second paragraph & <b>."
        )
        room.cite(
            code,
            plan,
            page=str(page),
            title="Management plan",
            dated_on=date(2025, 1, 1),
            author=SECRET,
            confidentiality="public",
        )
    room.answer(
        "1.2.4",
        rating="partly",
        narrative="=cmd|' /C calc'!A0",
        gap="No register yet.",
        gap_type="no_document",
    )
    room.plan_action("1.2.4", "Keep a register of complaints", owner=SECRET, due_on=date(2027, 5, 1))
    room.cite(
        "1.2.4",
        a_file(papers, f"{HIDDEN}.txt", HIDDEN.encode()),
        page=HIDDEN,
        note=HIDDEN,
        title=f"Complaints, {HIDDEN}",
        confidentiality="site",
        consent=HIDDEN,
    )
    room.answer("4.1.1", rating="met", narrative="Cameras see them every month.")
    room.cite(
        "4.1.1",
        a_file(papers, f"{SECRET} at the ford.jpg", a_picture()),
        title="Ford at night",
        dated_on=date(2026, 3, 1),
        confidentiality="public",
    )
    room.cite(
        "4.1.1",
        a_file(papers, "page.html", b"<script>alert(1)</script>"),
        title="A saved page",
        dated_on=date(2026, 3, 1),
        confidentiality="assessor",
    )
    for row in park.patrols.rows:
        row["team"] = SECRET
    room.freeze("3.5.2", "demo.distance", ends_on=date(2026, 2, 28), confidentiality="public")
    room.answer("3.5.2", rating="met", narrative="Patrols reach every sector.")
