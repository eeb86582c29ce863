"""Writes patrols of a period into a foreign format."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ranger_app import formats
from ranger_app.domain.sites import Site
from ranger_app.formats import format_named
from ranger_app.jobs import Work
from ranger_app.patrols.loose import gather_loose
from ranger_app.patrols.proposals import Exported
from ranger_app.patrols.proposing import LOOSE
from ranger_app.patrols.stock import Period, Stock
from ranger_app.patrols.vocabulary import Vocabulary
from ranger_app.patrols.whole import gather_whole
from ranger_app.storage.files import FileStore
from ranger_app.storage.reading import Reading

WITH_NAMES = frozenset(("smart",))
"""Formats that a site keeps its own records in, and that therefore get the names of people by default."""


def export(
    data: Reading,
    site: Site,
    files: FileStore,
    format_id: str,
    out: Path,
    *,
    first: date | None,
    last: date | None,
    names: bool | None,
    words: Vocabulary,
    work: Work,
) -> Exported:
    """See `Patrols.export`."""
    format_id = format_named(format_id).id
    stock = Stock(data, site, Period(first=first, last=last))
    if format_id in LOOSE:
        gathered = gather_loose(stock, words)
    else:
        told = format_id in WITH_NAMES if names is None else names
        gathered = gather_whole(stock, files, work, names=told)
    written = formats.write(gathered.found, out, format_id=format_id, work=work)
    return Exported(path=out, written=written.counts, left_out=(*gathered.left_out, *written.left_out))
