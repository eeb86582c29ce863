"""Measures the stand-in on pictures of places that it was not trained on, and writes its card."""

from __future__ import annotations

import csv
import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from draw import DrawnFile

from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Look
from ranger_app.inference.trial import overlap

RESAMPLES = 1000
SAME_IOU = 0.5
ANIMALS_KEPT = 0.97  # what the conservative threshold is chosen for


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with a 95 % interval (Wilson 1927)."""

    part: int
    whole: int

    def __str__(self) -> str:
        if not self.whole:
            return "none to measure on"
        z, share = 1.96, self.part / self.whole
        middle = (share + z * z / (2 * self.whole)) / (1 + z * z / self.whole)
        half = z / (1 + z * z / self.whole)
        half *= math.sqrt(share * (1 - share) / self.whole + z * z / (4 * self.whole**2))
        return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}] ({self.part} of {self.whole})"


def auc(high: Sequence[float], low: Sequence[float]) -> float:
    """How often one of `high` lies above one of `low`; ties count half."""
    pairs = sum((one > other) + 0.5 * (one == other) for one in high for other in low)
    return pairs / (len(high) * len(low)) if high and low else float("nan")


def auc_words(high: Sequence[float], low: Sequence[float]) -> str:
    """The area with a 95 % bootstrap interval."""
    rng = Random(0)
    # The exact area is quadratic in the counts, so the resamples draw at most 200 of each.
    again = sorted(
        auc(rng.choices(high, k=min(len(high), 200)), rng.choices(low, k=min(len(low), 200)))
        for _resample in range(RESAMPLES)
    )
    low_end, high_end = again[round(0.025 * RESAMPLES)], again[round(0.975 * RESAMPLES)]
    return f"{auc(high, low):.3f} [{low_end:.3f}, {high_end:.3f}] ({len(high)} / {len(low)})"


def choose_thresholds(looks: Sequence[Look], files: Sequence[DrawnFile]) -> tuple[float, float]:
    """The thresholds of display and the conservative one.

    The first keeps most animals for the empties that it sets aside (the largest sum of both shares), the
    second is the highest that keeps enough of the animals, and no higher than the first.
    """
    animals = [look.animal for look, file in zip(looks, files, strict=True) if file.kind == "animal"]
    empties = [look.animal for look, file in zip(looks, files, strict=True) if file.kind == "empty"]
    gain = {}
    for step in range(5, 96, 5):
        kept = sum(score >= step / 100 for score in animals) / max(len(animals), 1)
        gain[step] = kept + sum(score < step / 100 for score in empties) / max(len(empties), 1)
    display = max(gain, key=lambda step: gain[step])
    careful = next(
        (
            step
            for step in range(display, 1, -1)
            if sum(s >= step / 100 for s in animals) >= ANIMALS_KEPT * len(animals)
        ),
        1,
    )
    return display / 100, careful / 100


def figures(looks: Sequence[Look], files: Sequence[DrawnFile], display: float) -> list[tuple[str, str]]:
    """What was measured, and how much it is."""
    pairs = list(zip(looks, files, strict=True))
    rows = []
    for words, chosen in (
        ("", pairs),
        (", by day", [pair for pair in pairs if not pair[1].night]),
        (", infrared", [pair for pair in pairs if pair[1].night]),
    ):
        animal = [look.animal for look, file in chosen if file.kind == "animal"]
        empty = [look.animal for look, file in chosen if file.kind == "empty"]
        rows.append((f"animal against empty, area under the curve{words}", auc_words(animal, empty)))
        quiet = [max(look.animal, look.person, look.vehicle) for look, file in chosen if file.kind == "empty"]
        kept = Share(sum(score >= display for score in animal), len(animal))
        aside = Share(sum(score < display for score in quiet), len(quiet))
        rows.append((f"animals kept at {display}{words}", str(kept)))
        rows.append((f"empty pictures set aside at {display}{words}", str(aside)))
    for kind in ("person", "vehicle"):
        ours = [getattr(look, kind) >= display for look, file in pairs if file.kind == kind]
        others = [getattr(look, kind) >= display for look, file in pairs if file.kind != kind]
        rows.append((f"{kind}: found", str(Share(sum(ours), len(ours)))))
        rows.append((f"{kind}: false alarms on other pictures", str(Share(sum(others), len(others)))))
    found, drawn, right, shown = _boxes(pairs, display)
    rows.append((f"boxes found (overlap ≥ {SAME_IOU})", str(Share(found, drawn))))
    rows.append((f"boxes shown that are right (overlap ≥ {SAME_IOU})", str(Share(right, shown))))
    return rows


def photograph_figures(model: Model, folder: Path) -> list[tuple[str, str]]:
    """The same on fold `val` of a folder of photographs with `labels.csv` (path, triage, fold)."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] == "val"]
    looks = [(model.look(folder / row["path"]), row["triage"]) for row in rows]
    animal = [look.animal for look, kind in looks if kind == "animal"]
    empty = [look.animal for look, kind in looks if kind == "empty"]
    return [("animal against empty on photographs, area under the curve", auc_words(animal, empty))]


def card(
    rows: Sequence[tuple[str, str]],
    photographs: Sequence[tuple[str, str]],
    *,
    command: str,
    facts: Sequence[str],
) -> str:
    """The model card as Markdown."""
    table = "\n".join(f"| {what} | {much} |" for what, much in rows)
    real = "\n".join(f"| {what} | {much} |" for what, much in photographs)
    real = real or "| on photographs | not measured |"
    facts_list = "\n".join(f"- {fact}" for fact in facts)
    return f"""# Stand-in (drawn pictures)

**What it is.** A very small net that finds a drawn animal, person or vehicle in a drawn picture. It is here
so that intake, model run, review and export can be shown and tested from end to end.

**What it is not.** It is no species model. It knows no species, it was never shown a photograph, and what
it says of one means nothing: see the last table. Ranger says so wherever its results are shown.

**How it was made.** `{command}` draws the pictures
(`ranger_app/photos/drawn.py`), trains every weight from random numbers with numpy alone, and writes this
pack and this card. No photograph, no other model and nobody else's data went into it.

{facts_list}

**In and out.** As in `pack.toml`. It answers with boxes, and with the groups animal, person, vehicle, empty.

**Results on drawn pictures** of places and seeds that it was not trained on. In brackets are 95 % intervals:
bootstrap for areas, Wilson for shares.

| what | how much |
|---|---|
{table}

**Results on photographs**, to show why it must not be used on them (`--photographs FOLDER` measures them).
They are camera-trap frames of a city and of one forest camera; an area of 0.5 is chance.

| what | how much |
|---|---|
{real}

**Use.** Demonstration and tests. **Do not use** it to sort, to count, or to claim that anything is there or
absent.

**Licence.** Apache-2.0, as the rest of Ranger.
"""


def machine_words() -> str:
    """The machine that trained, as far as it matters for repeating it."""
    return f"Python {platform.python_version()} on {platform.machine()}."


def _boxes(pairs: Sequence[tuple[Look, DrawnFile]], display: float) -> tuple[int, int, int, int]:
    found = drawn = right = shown = 0
    for look, file in pairs:
        boxes = [box for box in look.boxes if box.score >= display]
        drawn += len(file.boxes)
        shown += len(boxes)
        for truth in file.boxes:
            found += any(box.kind == truth.kind and overlap(box, truth) >= SAME_IOU for box in boxes)
        for box in boxes:
            right += any(box.kind == truth.kind and overlap(box, truth) >= SAME_IOU for truth in file.boxes)
    return found, drawn, right, shown
