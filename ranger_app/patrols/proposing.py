"""Reads files and proposes what to keep of them; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ranger_app import formats
from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.domain.found import Found
from ranger_app.domain.patrols import DataModel
from ranger_app.domain.sites import Site
from ranger_app.i18n import _, ngettext, number
from ranger_app.jobs import Work
from ranger_app.patrols.checking import doubts_about
from ranger_app.patrols.foreign import Foreign, keys_used
from ranger_app.patrols.known import Known
from ranger_app.patrols.matching import judged
from ranger_app.patrols.proposals import Draft, Failed, FileDoubt, Proposal
from ranger_app.patrols.receivers import Receiver
from ranger_app.patrols.vocabulary import Vocabulary, newest_model
from ranger_app.storage.reading import Reading

MAX_FILES = 20_000
OF_THE_SITE = frozenset(("zone-unknown", "zone-unlikely"))
"""Doubts that are said once, however many files they are about."""
LOOSE = frozenset(("gpx",))
"""Formats that know tracks and waypoints and no patrols."""


def propose(
    data: Reading,
    paths: Sequence[Path],
    *,
    site: Site,
    format_id: str | None,
    gap: timedelta,
    now: datetime,
    work: Work,
) -> Proposal:
    """Everything in these files and folders. A file that cannot be read is among `failed`."""
    files, failed = _files(paths, format_id)
    batch = _Batch(site=site, known=Known(data, site.id), gap=gap, now=now)
    waiting: list[tuple[Path, Found]] = []
    for path in work.each(files, len(files)):
        try:
            found = formats.read(path, format_id=format_id, work=_OneFile(work))
            if found.format in LOOSE and not found.tracks:
                waiting.append((path, found))  # its waypoints may belong to a track in another file
            else:
                batch.take(path, found)
        except KnownError as error:
            failed.append(Failed(str(path), error.text))
    for path, found in waiting:
        batch.take(path, found)
    drafts = list(judged(data, batch.drafts))
    unknown, said_of_keys = _unmapped_keys(data, drafts)
    return Proposal(
        drafts=tuple(drafts),
        doubts=(*batch.doubts, *said_of_keys),
        unmapped=frozenset(batch.unmapped | unknown),
        failed=tuple(failed),
        files=batch.files,
    )


class _OneFile(Work):
    """One file's own progress is not the batch's; being asked to stop is."""

    def __init__(self, batch: Work) -> None:
        super().__init__()
        self._batch = batch

    def tick(self, done: int, total: int | None = None, note: str = "") -> None:
        if self._batch.stopping:
            self.cancel()
        super().tick(done, total, note)


class _Batch:
    """The files of one proposal, one after the other: each is compared with those before it too."""

    def __init__(self, *, site: Site, known: Known, gap: timedelta, now: datetime) -> None:
        self._site = site
        self._known = known
        self._gap = gap
        self._now = now
        self._said: set[str] = set()
        self.drafts: list[Draft] = []
        self.doubts: list[FileDoubt] = []
        self.unmapped: set[str] = set()
        self.files = 0

    def take(self, path: Path, found: Found) -> None:
        self.files += 1
        self.unmapped |= found.unmapped
        drafts = self._drafts(path, found)
        for doubt in (*found.doubts, *doubts_about(found, site=self._site, now=self._now)):
            if doubt.code not in OF_THE_SITE:
                self.doubts.append(FileDoubt(path.name, *doubt))
            elif doubt.code not in self._said:
                self._said.add(doubt.code)
                self.doubts.append(FileDoubt("", *doubt))
        if not any(draft.records or draft.recognised for draft in drafts):
            self.doubts.append(FileDoubt(path.name, "nothing", _("There is nothing in this file.")))
        self.drafts += drafts

    def _drafts(self, path: Path, found: Found) -> list[Draft]:
        if found.format not in LOOSE:
            return Foreign(found, site=self._site).drafts()
        taken = Receiver(found, site=self._site, known=self._known, gap=self._gap).drafts()
        if taken.fixes_known:
            text = ngettext(
                "{count} fix is here already and was left out.",
                "{count} fixes are here already and were left out.",
                taken.fixes_known,
            ).format(count=number(taken.fixes_known))
            self.doubts.append(FileDoubt(path.name, "already-here", text))
        return list(taken.drafts)


# ---- which files


def _files(paths: Sequence[Path], format_id: str | None) -> tuple[list[Path], list[Failed]]:
    files: list[Path] = []
    failed: list[Failed] = []
    for path in paths:
        try:
            found = list(_within(path, format_id))
        except OSError as error:
            failed.append(Failed(str(path), _cannot(path, error).text))
            continue
        if not found and path.is_dir():
            failed.append(Failed(str(path), _("There is no patrol file in “{name}”.").format(name=path.name)))
        files += found
        if len(files) > MAX_FILES:
            raise BadInput(
                _("There are more than {count} files.").format(count=number(MAX_FILES)),
                _("Import one folder at a time."),
            )
    return files, failed


def _within(path: Path, format_id: str | None) -> Iterator[Path]:
    """The file itself, or every file in a folder whose ending says that it may be one."""
    if not path.is_dir():
        yield path
        return
    wanted = formats.FORMATS if format_id is None else (formats.format_named(format_id),)
    endings = {ending for one in wanted if one.read is not None for ending in one.extensions}
    for folder, folders, names in os.walk(path, onerror=_stop):
        folders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in endings:
                yield Path(folder) / name


def _stop(error: OSError) -> None:
    raise error


def _cannot(path: Path, error: OSError) -> KnownError:
    if isinstance(error, FileNotFoundError):
        return NotFound(_("“{name}” is not there.").format(name=path.name))
    return BadInput(
        _("“{name}” cannot be read: {reason}.").format(name=path.name, reason=error.strerror or error)
    )


# ---- keys without a meaning


def _unmapped_keys(data: Reading, drafts: Sequence[Draft]) -> tuple[set[str], list[FileDoubt]]:
    """The keys that no data model here explains: they are kept as they are."""
    records = [record for draft in drafts for record in draft.records]
    models = [record for record in records if isinstance(record, DataModel)]
    used = keys_used(records)
    if not used["category"] and not used["attribute"]:
        return set(), []
    model = models[-1] if models else newest_model(data)
    if model is None:
        text = _("No data model is here yet: keys of categories are shown as they are. Import it from SMART.")
        return used["category"] | used["attribute"], [FileDoubt("", "no-data-model", text)]
    words = Vocabulary(model.definition)
    unknown = {key for key in used["category"] if not words.knows_category(key)}
    unknown |= {key for key in used["attribute"] if not words.knows_attribute(key)}
    if not unknown:
        return set(), []
    text = ngettext(
        "{count} key is not in the data model: {keys}. It is kept as it is.",
        "{count} keys are not in the data model: {keys}. They are kept as they are.",
        len(unknown),
    ).format(count=number(len(unknown)), keys=", ".join(sorted(unknown)[:8]))
    return unknown, [FileDoubt("", "unmapped-keys", text)]
