"""Makes records of pictures that were read: a photo each, in its sequence, at its station, never twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ranger_app.domain import photos
from ranger_app.domain.ids import Id, derived_id, new_id
from ranger_app.domain.photos import CameraStation, Photo
from ranger_app.photos.intake.sequences import Placement, Shot, Span, place
from ranger_app.photos.intake.shots import TakenShot
from ranger_app.storage import Workspace
from ranger_app.storage.query import at_least, at_most, equal, one_of
from ranger_app.storage.unit import Unit

_EPOCH = datetime(1970, 1, 1)


@dataclass(slots=True)
class Recorder:
    """Records batch after batch of one camera's pictures, and counts."""

    workspace: Workspace
    station: str
    """Its name; made with the first batch if there is none."""
    deployment_id: Id | None
    gap_s: float
    station_id: Id | None = None
    added: int = 0
    already: int = 0
    sequences: frozenset[Id] = frozenset()
    """That the added pictures are in."""

    def record(self, batch: Sequence[TakenShot], *, link: bool) -> None:
        """Record a batch, all of it or nothing; the files must be on disk for good, or be `link`ed."""
        if not batch:
            return
        site_id = self.workspace.site_id
        with self.workspace.unit("take in photos") as unit:
            station_id = self.station_id or find_station(unit, self.station, site_id=site_id)
            fresh = self._new_ones(unit, batch, site_id)
            again = unit.data.taken_ids(Photo, fresh)
            for id_ in again:
                unit.restore(Photo, id_)
            placement = self._place(unit, {i: s for i, s in fresh.items() if i not in again}, station_id)
            unit.add_many(
                _photo(id_, shot, site_id, station_id, self.deployment_id, placement.of.get(id_))
                for id_, shot in fresh.items()
                if id_ not in again
            )
            self._change_sequences(unit, placement, station_id, site_id)
            if link:
                self._link(unit, batch)
        self.station_id = station_id
        self.added += len(fresh)
        self.already += len(batch) - len(fresh)
        kept = {placement.swallowed.get(sequence, sequence) for sequence in self.sequences}
        self.sequences = frozenset(kept | set(placement.of.values()))

    def _new_ones(self, unit: Unit, batch: Iterable[TakenShot], site_id: Id) -> dict[Id, TakenShot]:
        """The pictures whose bytes the site does not have yet, each once, by the id that they get."""
        hashes = [shot.sha256 for shot in batch]
        known = set(unit.data.column(Photo, "file", one_of("file", hashes), equal("site_id", site_id)))
        return {photo_id(site_id, shot): shot for shot in batch if shot.sha256 not in known}

    def _place(self, unit: Unit, fresh: Mapping[Id, TakenShot], station_id: Id) -> Placement:
        shots = [Shot(id_, shot.taken_local) for id_, shot in fresh.items() if shot.taken_local]
        if not shots:
            return Placement({}, (), (), {})
        gap = timedelta(seconds=self.gap_s)
        near = unit.data.columns(
            photos.Sequence,
            ("id", "starts_local", "ends_local"),
            equal("station_id", station_id),
            equal("deployment_id", self.deployment_id),
            at_least("ends_local", _moved(min(shot.taken_local for shot in shots), -gap)),
            at_most("starts_local", _moved(max(shot.taken_local for shot in shots), gap)),
        )

        def name(first: Shot) -> Id:
            # Two laptops that take the same card make the same sequences.
            id_ = derived_id(_ms(first.taken_local), "sequence", first.photo_id)
            return new_id() if unit.data.get(photos.Sequence, id_, hidden_too=True) else id_

        return place(shots, (Span(*row) for row in near), gap_s=self.gap_s, make_id=name)

    def _change_sequences(self, unit: Unit, placement: Placement, station_id: Id, site_id: Id) -> None:
        unit.add_many(
            photos.Sequence(
                id=span.id,
                site_id=site_id,
                station_id=station_id,
                deployment_id=self.deployment_id,
                starts_local=span.starts_local,
                ends_local=span.ends_local,
                gap_s=self.gap_s,
            )
            for span in placement.made
        )
        for span in placement.stretched:
            unit.change(
                (photos.Sequence, span.id), starts_local=span.starts_local, ends_local=span.ends_local
            )
        for old, kept in placement.swallowed.items():
            for id_ in unit.data.column(Photo, "id", equal("sequence_id", old)):
                unit.change((Photo, id_), sequence_id=kept)
            unit.remove((photos.Sequence, old), reason="joined to another by a photo in between")

    def _link(self, unit: Unit, batch: Iterable[TakenShot]) -> None:
        for shot in batch:
            if not self.workspace.files.has(shot.sha256):
                unit.link(
                    shot.sha256,
                    shot.found.path.absolute(),
                    size_bytes=shot.size_bytes,
                    mtime_ns=shot.mtime_ns,
                )


def find_station(unit: Unit, name: str, *, site_id: Id) -> Id:
    """The station of that name, made when there is none."""
    there = unit.data.column(
        CameraStation, "id", equal("name", name), equal("site_id", site_id), order=("id",), limit=1
    )
    if there:
        return Id(there[0])
    # Two laptops that first hear of a station make the same one; unless it was renamed or deleted since.
    id_ = derived_id(0, "camera_station", site_id, name.casefold())
    if unit.data.get(CameraStation, id_, hidden_too=True):
        id_ = new_id()
    unit.add(CameraStation(id=id_, site_id=site_id, name=name))
    return id_


def photo_id(site_id: Id, shot: TakenShot) -> Id:
    """The same picture is the same photo on every laptop. Ids of dated pictures lie in the order of time."""
    return derived_id(_ms(shot.header.exif.taken_local), "photo", site_id, shot.sha256)


def _photo(
    id_: Id, shot: TakenShot, site_id: Id, station_id: Id, deployment_id: Id | None, sequence_id: Id | None
) -> Photo:
    exif, (width_px, height_px) = shot.header.exif, shot.header.upright_size
    return Photo(
        id=id_,
        site_id=site_id,
        station_id=station_id,
        deployment_id=deployment_id,
        sequence_id=sequence_id,
        file=shot.sha256,
        file_name=shot.found.name,
        folder=shot.found.folder,
        media_type=shot.header.media_type,
        size_bytes=shot.size_bytes,
        width_px=width_px,
        height_px=height_px,
        taken_local=shot.taken_local,
        time_source=shot.time_source,
        taken_raw=shot.taken_raw,
        camera_make=exif.make,
        camera_model=exif.model,
        camera_serial=exif.serial,
        exif={**exif.tags, "TimeFrom": exif.taken_tag} if exif.tags else None,
        lon=exif.lon,
        lat=exif.lat,
        note=shot.note,
    )


def _ms(moment: datetime | None) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1) if moment else 0


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment
