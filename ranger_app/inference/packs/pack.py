"""One model pack: a folder whose manifest and labels have been read, and its files, each against its hash."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ranger_app import __version__
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _, language, ngettext
from ranger_app.inference.packs.labels import read_labels
from ranger_app.inference.packs.manifest import Label, Manifest, PackFile, Thresholds
from ranger_app.inference.packs.manifest_toml import FILE_BYTES_AT_MOST, read_manifest
from ranger_app.inference.packs.toml_table import Complaints

MANIFEST = "pack.toml"
MANIFEST_BYTES_AT_MOST = 1_000_000
LABELS_BYTES_AT_MOST = 20_000_000


@dataclass(frozen=True, slots=True)
class Pack:
    """A model pack that reads well. Whether its files are as they should be, `check_pack` says."""

    folder: Path
    manifest: Manifest
    labels: tuple[Label, ...]

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def name(self) -> str:
        """The name in the user's language."""
        return _in_language(self.manifest.names)

    @property
    def caution(self) -> str:
        """What must stand wherever results are shown, in the user's language; empty when nothing must."""
        return _in_language(self.manifest.caution)

    def graph(self, precision: str = "") -> PackFile:
        """The graph of that precision, or the first one. Raises `NotFound`."""
        for file in self.manifest.files:
            if file.role == "graph" and precision in ("", file.precision):
                return file
        raise NotFound(
            _("The model pack {pack} has no graph of precision {precision}.").format(
                pack=self.id, precision=precision or "?"
            )
        )

    def thresholds(self, precision: str = "") -> Thresholds:
        """The thresholds that belong to the graph of that precision."""
        own = self.manifest.precision_thresholds
        if self.manifest.pipeline is not None:
            return self.manifest.thresholds
        return own.get(self.graph(precision).precision, self.manifest.thresholds)


def read_pack(folder: Path) -> Pack:
    """The pack in `folder`, its manifest and labels read. Raises `BadInput` with the first thing wrong."""
    pack, problems = read_with_problems(folder)
    if pack is None or problems:
        raise unfit(problems)
    return pack


def unfit(problems: Sequence[str]) -> BadInput:
    """The error for a pack with these problems: the first, and how many more there are."""
    text = problems[0]
    if more := len(problems) - 1:
        text += " " + ngettext("({count} more problem)", "({count} more problems)", more).format(count=more)
    return BadInput(text, _("Ask whoever gave you the pack for a whole copy."))


def read_listed_file(pack: Pack, file: PackFile) -> bytes:
    """The bytes of one of the pack's files if they are those that the manifest names. Raises `BadInput`."""
    complaints = Complaints(f"{pack.id}: {file.path}")
    raw = checked_bytes(pack.folder, file, complaints)
    if raw is None:
        raise unfit(complaints.all)
    return raw


def read_with_problems(folder: Path) -> tuple[Pack | None, list[str]]:
    """The pack, if its manifest is TOML at all, and all that is wrong with its manifest and labels."""
    complaints = Complaints(MANIFEST)
    raw = _read_bytes(folder / MANIFEST, MANIFEST_BYTES_AT_MOST, complaints)
    manifest = read_manifest(raw, complaints) if raw is not None else None
    if manifest is None:
        return None, complaints.all
    if _numbers(manifest.min_app_version) > _numbers(__version__):
        complaints.say(_("needs Ranger {version} or newer").format(version=manifest.min_app_version))
    labels: tuple[Label, ...] = ()
    about_labels = Complaints(manifest.labels)
    listed = {file.path: file for file in manifest.files}
    if manifest.labels and (file := listed.get(manifest.labels)) and file.role == "labels":
        raw = _read_bytes(folder / file.path, LABELS_BYTES_AT_MOST, about_labels)
        if raw is not None:
            labels = read_labels(raw, about_labels)
    elif manifest.labels:
        complaints.say(_("labels must be one of the files, with the role labels"))
    return Pack(folder, manifest, labels), complaints.all + about_labels.all


def _read_bytes(path: Path, at_most: int, complaints: Complaints) -> bytes | None:
    """The content of a plain file that is no larger than `at_most`; else None, with a complaint."""
    try:
        about = os.lstat(path)
        if not stat.S_ISREG(about.st_mode):
            complaints.say(_("is not a plain file"))
            return None
        if about.st_size > at_most:
            complaints.say(_("is larger than {count} bytes").format(count=at_most))
            return None
        with path.open("rb") as file:
            return file.read(at_most)
    except FileNotFoundError:
        complaints.say(_("is not there"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        complaints.say(_("cannot be read ({reason})").format(reason=reason))
    return None


def checked_bytes(folder: Path, file: PackFile, complaints: Complaints) -> bytes | None:
    """The file's bytes if they are what the manifest says; else None, with a complaint."""
    for parent in Path(file.path).parents:
        if (folder / parent).is_symlink() and parent != Path("."):
            complaints.say(_("lies behind a link, which may lead out of the pack"))
            return None
    raw = _read_bytes(folder / file.path, FILE_BYTES_AT_MOST, complaints)
    if raw is None:
        return None
    if len(raw) != file.size_bytes:
        complaints.say(
            _("has {found} bytes and should have {said}").format(found=len(raw), said=file.size_bytes)
        )
        return None
    if hashlib.sha256(raw).hexdigest() != file.sha256:
        complaints.say(_("is not the file that pack.toml describes (its SHA-256 differs)"))
        return None
    return raw


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _in_language(words: Mapping[str, str]) -> str:
    return words.get(language()) or words.get(language().partition("_")[0]) or words.get("en") or ""
