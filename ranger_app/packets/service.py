"""What the window and the command line may do with packets: make one, and check one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ranger_app.assessments.preflight import Missing
from ranger_app.assessments.service import Assessments
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.readable import Readable
from ranger_app.domain.sites import Device, Site
from ranger_app.jobs import Work
from ranger_app.packets import page, report, tables
from ranger_app.packets.dossier import Dossier, Piece, Profile
from ranger_app.packets.gather import cleaned_copy, gather, is_cleaned
from ranger_app.packets.manifest import Signer, write_manifest
from ranger_app.packets.names import safe_text
from ranger_app.packets.verify import Verdict, verify_packet
from ranger_app.packets.write import Part, too_large_for_a_stick, write_packet
from ranger_app.storage import Workspace

PAGE = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketMade:
    """A packet that was written: where, how large, what it lacks by indicator, and what else to know."""

    path: Path
    bytes: int
    missing: tuple[Missing, ...]
    notes: tuple[str, ...] = ()


class Packets:
    """Packets of one workspace."""

    def __init__(
        self, workspace: Workspace, assessments: Assessments, *, signer: Signer | None = None
    ) -> None:
        self._workspace = workspace
        self._assessments = assessments
        self._signer = signer

    def write(
        self,
        out: Path,
        *,
        profile: Profile = Profile.ASSESSOR,
        as_folder: bool = False,
        replace: bool = False,
        assessment_id: Id | None = None,
        made_at: datetime | None = None,
        work: Work | None = None,
    ) -> PacketMade:
        """Write the packet of an assessment (the newest one) to `out`, a zip file or a folder.

        When `out` is a folder that is there and a zip file is wanted, the file is put into it under a name
        of its own. The same assessment made at the same moment gives the same bytes.
        """
        work = work or Work()
        moment = (made_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        signer = self._signer or self._own_signer()
        dossier = gather(
            self._assessments,
            site=self._site(),
            profile=profile,
            made_at=moment,
            device=signer.name,
            work=work,
            assessment_id=assessment_id,
        )
        work.tick(0, None)
        set_in_type = report.set_report(dossier)
        parts = list(_parts(dossier, set_in_type))
        written = write_packet(
            _target(out, dossier, as_folder=as_folder),
            parts,
            manifest=lambda entries: write_manifest(_head(dossier), entries, signer),
            made_at=moment,
            as_folder=as_folder,
            replace=replace,
            work=work,
        )
        notes = (*set_in_type.notes, *filter(None, [too_large_for_a_stick(written)]))
        return PacketMade(path=written.path, bytes=written.bytes, missing=dossier.missing, notes=notes)

    def verify(self, path: Path, *, work: Work | None = None) -> Verdict:
        """Check a packet of any origin."""
        return verify_packet(path, work=work)

    def _site(self) -> Site:
        with self._workspace.reading() as data:
            return data.need(Site, self._workspace.site_id)

    def _own_signer(self) -> Signer:
        keys = self._workspace.keys
        with self._workspace.reading() as data:
            names = [one.name for one in data.find(Device) if one.replica == keys.replica]
        return Signer(public_key=keys.public_key, sign=keys.sign, name=names[0] if names else "")


def _parts(dossier: Dossier, set_in_type: report.Report) -> Iterator[Part]:
    """Every file of the packet but its manifest: what is read first comes first."""
    data = list(tables.data_files(dossier))
    shown = [page.REPORT, *(path for path, _content in data)]
    yield Part(path=PAGE, load=page.render(dossier, data_paths=shown).encode)
    yield Part(path=page.REPORT, load=lambda: set_in_type.pdf)
    for path, content in data:
        yield Part(path=path, load=partial(bytes, content))
    for piece in dossier.pieces:
        if piece.source is not None and piece.path:
            yield _evidence_part(dossier.profile, piece, piece.source)


def _evidence_part(profile: Profile, piece: Piece, source: Readable) -> Part:
    class_ = piece.evidence.confidentiality
    if is_cleaned(piece.evidence, profile):
        return Part(path=piece.path, load=partial(cleaned_copy, source), class_=class_)
    return Part(path=piece.path, source=source, sha256=piece.evidence.file, class_=class_)


def _head(dossier: Dossier) -> dict[str, object]:
    """What the manifest says of the packet as a whole."""
    assessment, pack = dossier.whole.assessment, dossier.pack
    return {
        "made_by": f"Ranger {dossier.program_version}",
        "created": dossier.made_at.isoformat().replace("+00:00", "Z"),
        "profile": dossier.profile.value,
        "pack": {"id": pack.id, "edition": pack.edition, "sha256": pack.digest.hex()},
        "site": {"id": id_text(dossier.site.id), "name": dossier.site.name},
        "assessment": {
            "id": id_text(assessment.id),
            "title": assessment.title,
            "round": assessment.round,
            "status": assessment.status,
        },
    }


def _target(out: Path, dossier: Dossier, *, as_folder: bool) -> Path:
    if as_folder:
        return out
    if out.is_dir():
        return out / f"{packet_name(dossier)}.zip"
    return out if out.suffix else out.with_name(f"{out.name}.zip")


def packet_name(dossier: Dossier) -> str:
    """A name for the packet that every file system takes: Demo-Hills_gl-1.1_2026-11-20."""
    site = safe_text(dossier.site.name)
    form = safe_text(dossier.pack.id.replace(":", "-"))
    return f"{site}_{form}_{dossier.made_at.date().isoformat()}"
