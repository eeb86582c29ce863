"""Runs the whole thread once: data in, evidence made, packet and bundle out, the same on a second laptop."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ranger_app.bootstrap import Ranger
from ranger_app.config import resources_dir
from ranger_app.demo.answers import ANSWERS
from ranger_app.demo.cards import KINDS, LABELS, PICTURES_A_BURST, write_cards
from ranger_app.demo.patrol_files import NOTES, write_patrols
from ranger_app.demo.place import SITE_NAME, STATIONS, TIME_ZONE, lon_lat, write_boundary
from ranger_app.domain.errors import Refused
from ranger_app.domain.photos import CameraStation
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.patrols.recording import ObservationEntry
from ranger_app.photos.review import Word
from ranger_app.photos.views import Wanted
from ranger_app.storage.faults import disk_told

WORKSPACE = "demo-park.ranger"
SECOND = "second-laptop.ranger"


@dataclass(slots=True)
class Demo:
    """What the demo made and where; `same` says that the second workspace equals the first."""

    workspace: Path
    second: Path
    packet: Path
    bundle: Path
    files: Path
    digest: str = ""
    second_digest: str = ""
    records: dict[str, int] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        return bool(self.digest) and self.digest == self.second_digest


def build_demo(folder: Path, work: Work) -> Demo:
    """Make the demo park in a folder that is not there or is empty."""
    folder = folder.absolute()
    with disk_told(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(
                _("“{name}” is there already and is not empty.").format(name=folder.name),
                _("Choose another name for the demo; Ranger never writes over what is there."),
            )
        folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(
        workspace=folder / WORKSPACE,
        second=folder / SECOND,
        packet=folder / "demo-packet.zip",
        bundle=folder / "stick",
        files=folder / "files",
    )
    with disk_told(folder):
        demo.files.mkdir()
        demo.bundle.mkdir()
        write_boundary(demo.files / "demo-boundary.geojson")
        (demo.files / "demo-plan.pdf").write_bytes(_plan())
        gpx = write_patrols(demo.files / "gpx", work)
        cards = write_cards(demo.files / "cards", work)
    ranger, _doubts = Ranger.create(
        demo.workspace,
        site_name=SITE_NAME,
        boundary=demo.files / "demo-boundary.geojson",
        time_zone=TIME_ZONE,
        device=_("demo laptop 1"),
    )
    with ranger:
        _bring_in(ranger, gpx, cards, work)
        _assess(ranger, demo.files / "demo-plan.pdf")
        ranger.packets.write(demo.packet, work=work)
        ranger.exchange.write(demo.bundle, work)
        status = ranger.status()
        demo.digest, demo.records = status["digest"], status["records"]
    second, _doubts = Ranger.create(demo.second, site_name=None, device=_("demo laptop 2"))
    with second:
        second.exchange.read(demo.bundle, work)
        demo.second_digest = second.status()["digest"]
    return demo


def _plan() -> bytes:
    import typst

    made: Any = typst.compile(str(resources_dir() / "demo" / "plan.typ"))
    return bytes(made)


def _bring_in(ranger: Ranger, gpx: list[Path], cards: list[Any], work: Work) -> None:
    ranger.patrols.accept(ranger.patrols.propose(gpx, work=work))
    for row in ranger.patrols.rows():
        for noted in ranger.patrols.patrol(row.id).noted:
            category, values = NOTES[noted.waypoint.comment]
            ranger.patrols.observe(noted.waypoint.id, ObservationEntry(category=category, values=values))
        ranger.patrols.finish(row.id)
    for station, card in cards:
        ranger.photos.add(card, station=station.name, work=work)
    _place_stations(ranger)
    ranger.photos.classify(work=work)
    _review(ranger)


def _place_stations(ranger: Ranger) -> None:
    with ranger.workspace.unit("place the demo's stations") as unit:
        for station in STATIONS:
            lon, lat = lon_lat(station.east_km, station.north_km)
            id_ = ranger.photos.station_named(station.name)
            unit.change((CameraStation, id_), lon=round(lon, 6), lat=round(lat, 6))


def _review(ranger: Ranger) -> None:
    """The first card is looked through by a person, the others wait for whoever opens the demo."""
    first = STATIONS[0]
    ids = ranger.photos.ids(Wanted(station_id=ranger.photos.station_named(first.name)))
    for burst, kind in enumerate(KINDS):
        here = ids[burst * PICTURES_A_BURST : (burst + 1) * PICTURES_A_BURST]
        ranger.photos.label(here, Word(type=LABELS[kind]), by=_("demo reviewer"))


def _assess(ranger: Ranger, plan: Path) -> None:
    assessments = ranger.assessments
    assessments.start(title=_("Demo self-assessment"))
    measures = {m.id for m in ranger.measures()}
    for said in ANSWERS:
        assessments.answer(
            said.code, rating=said.rating, narrative=said.narrative, gap=said.gap, gap_type=said.gap_type
        )
        if said.page:
            assessments.cite(said.code, plan, page=said.page, title="Demo management plan", language="en")
        if said.measure in measures:
            assessments.freeze(said.code, said.measure)
        if said.action:
            assessments.plan_action(said.code, said.action, owner=_("demo manager"))
