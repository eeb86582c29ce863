"""Writes patrols of a period into a foreign format."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ranger_app import formats
from ranger_app.domain.sites import Site
from ranger_app.formats import format_named
from ranger_app.i18n import _, ngettext
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
    names: bool,
    words: Vocabulary,
    work: Work,
) -> Exported:
    """See `Patrols.export`."""
    format_id = format_named(format_id).id
    stock = Stock(data, site, Period(first=first, last=last))
    if format_id in LOOSE:
        gathered = gather_loose(stock, words)
    else:
        gathered = gather_whole(stock, files, work, names=names)
    written = formats.write(gathered.found, out, format_id=format_id, work=work)
    told = () if names else kept_back(stock)
    return Exported(path=out, written=written.counts, left_out=(*told, *gathered.left_out, *written.left_out))


def kept_back(stock: Stock) -> tuple[str, ...]:
    """What stays here of what is given out, in sentences."""
    said = [_("Names of people, comments, attached files and what other programs had noted.")]
    blurred = sum(stock.grid_deg(one) is not None for one in stock.waypoints)
    if blurred:
        text = ngettext(
            "The exact place and time of {count} waypoint where a listed species is.",
            "The exact places and times of {count} waypoints where listed species are.",
            blurred,
        )
        said.append(text.format(count=blurred))
    return tuple(said)
