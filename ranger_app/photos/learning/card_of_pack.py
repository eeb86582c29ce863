"""The card that lies in a learned pack: what it was taught with, what it is worth, and what it is not for."""

from __future__ import annotations

from ranger_app.analysis.intervals import Interval
from ranger_app.inference.learning.head_pack import Base
from ranger_app.inference.learning.learning import Taught
from ranger_app.photos.learning.comparing import Figures


def card_text(name: str, version: str, base: Base, taught: Taught, figures: Figures) -> str:
    """The card as Markdown, in English: it is for whoever gets the pack, wherever."""
    head = taught.head
    held = "cameras" if figures.by_camera else "bursts of the same camera"
    rows = "\n".join(
        f"| {one.name.replace('|', '/')} | {one.photos} | {one.cameras} | {_share(one.learned)} "
        f"| {_share(one.present)} |"
        for one in figures.classes
    )
    parts = ", ".join(f"{part.pack} {part.version} ({part.manifest_sha256[:12]})" for part in base.parts)
    return f"""# {name} {version}

A linear head over the embeddings of {parts}, taught by people's labels of one park.

| class | pictures | cameras | recognised | {figures.present_pack} |
|---|---|---|---|---|
{rows}

On {figures.judged} pictures of {held} that were held out: {_share(figures.learned)} recognised
({figures.present_pack}: {_share(figures.present)}; difference {_share(figures.difference)}).
It answers on {_share(figures.answered)} of the pictures (score from {head.answer_from}), and of these answers
{_share(figures.right_of_answered)} are right; calibration error {_number(figures.calibration_error)}.
Intervals are 95 %.

Ridge {head.ridge}, temperature {head.temperature}; crops and words {taught.lessons.digest()[:16]}, head
{head.digest()[:16]}: learned again from the same, it is the same.

For sorting photos of this park before a person looks. Not for deciding without one, nor for other parks, nor
for any species that is not in the table.
"""


def _share(found: Interval) -> str:
    if not found.known:
        return "–"
    ends = "" if found.low != found.low else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{found.value:.2f}{ends}"


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"
