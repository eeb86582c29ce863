"""Writes patrols of a period into a foreign format."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.sites import Site
from ranger_app.formats import FORMATS, format_named
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.patrols.loose import gather_loose
from ranger_app.patrols.proposals import Exported
from ranger_app.patrols.proposing import LOOSE
from ranger_app.patrols.stock import Period, Stock
from ranger_app.patrols.vocabulary import Vocabulary
from ranger_app.patrols.whole import gather_whole
from ranger_app.storage.files import FileStore
from ranger_app.storage.reading import Reading


def export(
    data: Reading,
    site: Site,
    files: FileStore,
    format_id: str,
    out: Path,
    *,
    first: date | None,
    last: date | None,
    words: Vocabulary,
    work: Work,
) -> Exported:
    """See `Patrols.export`."""
    chosen = format_named(format_id)
    if chosen.write is None:
        raise BadInput(
            _("Ranger reads “{format}” and does not write it.").format(format=chosen.id),
            _("Use one of: {formats}.").format(formats=", ".join(f.id for f in FORMATS if f.write)),
        )
    if out.is_dir():
        raise Refused(
            _("“{name}” is a folder.").format(name=out.name),
            _("Give the name of the file to be written, such as patrols{ending}.").format(
                ending=chosen.extensions[0]
            ),
        )
    stock = Stock(data, site, Period(first=first, last=last))
    gathered = gather_loose(stock, words) if chosen.id in LOOSE else gather_whole(stock, files, work)
    written = chosen.write(gathered.found, out, work=work)
    return Exported(path=out, written=written.counts, left_out=(*gathered.left_out, *written.left_out))
