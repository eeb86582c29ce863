"""Writes the model card: what the packs are made of, how well they do, what they must not be used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from frames import Frame
from groups import GROUPS
from judge import Judged, by_group, group_rows, triage_rows
from learning_curve import HEADER, Step

WORDS = Path(__file__).resolve().parent / "card_words.md"
LIGHTS = (("day", "by day"), ("night_ir", "infrared"), ("night_flash", "with a flash"))
SOURCES = {
    "serengeti": ("Serengeti field guide and demo frames", "Apache-2.0; CDLA-Permissive-1.0"),
    "animl-buow": ("burrowing-owl nests (at most 35 used)", "MIT, owner's own"),
    "animl-jaguar": ("jaguar stations", "MIT, owner's own"),
    "animl-southwest": ("US Southwest", "MIT, owner's own"),
    "ena24": ("ENA24", "CDLA-Permissive-1.0"),
    "md-misc": ("web-size pictures", "MIT repository, owners not all named"),
    "chicago": ("Snapshot Chicago field guide", "Apache-2.0, the repository's licence is all there is"),
    "peru-SDZG2": ("one station in Peru", "MIT, owner's own"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """How the weights came to be."""

    command: str
    parents: Mapping[str, str]
    data: str
    machine: str
    plans: Sequence[str]
    temperature: float
    display: float
    kept: float
    least_frames: int
    moved: str


def card(
    made: Made,
    frames: Sequence[Frame],
    parents: Mapping[str, Judged],
    judged: Mapping[str, Judged],
    curves: Mapping[str, Sequence[Step]],
) -> str:
    """The card in Markdown.

    judged: by what was left out of training (`val`, and sources), what nets trained on all else said of it;
    parents: what the untouched ones said of the same; curves: what a head learned there adds.
    """
    before, ours = parents["val"], judged["val"]
    results = [_compared("Fold `val`", before, ours, made.display)]
    for lit, name in LIGHTS:
        keep = [frame.lit == lit for frame in ours.frames]
        if any(keep):
            title = f"Fold `val`, {name}"
            results.append(_compared(title, before.where(keep), ours.where(keep), made.display))
    for source in sorted({frame.source for frame in ours.frames}):
        keep = [frame.source == source for frame in ours.frames]
        title = f"Fold `val`, only `{source}`"
        results.append(_compared(title, before.where(keep), ours.where(keep), made.display))
    for sources in [name for name in judged if name != "val"]:
        title = f"{_left_out(sources)}, by nets trained on all other sources"
        results.append(_compared(title, parents[sources], judged[sources], made.display))
        for source in sources.split("+"):
            keep = [frame.source == source for frame in judged[sources].frames]
            if 1 < sum(keep) < len(keep):
                title = f"Of these only `{source}`"
                pair = parents[sources].where(keep), judged[sources].where(keep)
                results.append(_compared(title, *pair, made.display))
    triage = Counter(frame.triage for frame in frames).most_common()
    return WORDS.read_text(encoding="utf-8").format(
        group_count=len(GROUPS),
        parents="\n".join(f"| `{name}` | `{digest}` |" for name, digest in made.parents.items()),
        command=made.command,
        plans="\n".join(f"- `{plan}`" for plan in made.plans),
        data=made.data,
        machine=made.machine,
        temperature=made.temperature,
        display=made.display,
        kept=made.kept,
        moved=made.moved,
        least_frames=made.least_frames,
        triage=", ".join(f"{count} {kind}" for kind, count in triage),
        sources="\n".join(_sources(frames)),
        results="\n\n".join(results),
        groups="\n".join(_groups(frames, ours)),
        curves="\n\n".join(f"{_left_out(name)}:\n\n{_curve(steps)}" for name, steps in curves.items()),
    )


def _left_out(sources: str) -> str:
    if sources == "val":
        return "Fold `val`"
    return " and ".join(f"`{source}`" for source in sources.split("+"))


def _curve(steps: Sequence[Step]) -> str:
    return "\n".join([HEADER, *(step.row() for step in steps)]) if steps else "Too few frames of any class."


def _sources(frames: Sequence[Frame]) -> list[str]:
    counted = sorted(Counter((frame.source, frame.fold) for frame in frames).items())
    lines = []
    for (source, fold), count in counted:
        name, licence = SOURCES.get(source, (source, "see the folder's labels"))
        lines.append(f"| {name} | {count} | {fold} | {licence} |")
    return lines


def _compared(title: str, parents: Judged, ours: Judged, display: float) -> str:
    theirs = {row.what: row for row in triage_rows(parents, display) + group_rows(parents)}
    lines = [f"### {title}", "", "| what | untouched parents | ours | of |", "|---|---|---|---|"]
    for row in triage_rows(ours, display) + group_rows(ours):
        before = theirs.get(row.what)
        lines.append(f"| {row.what} | {before.figure if before else '–'} | {row.figure} | {row.counted} |")
    return "\n".join(lines)


def _groups(frames: Sequence[Frame], ours: Judged) -> list[str]:
    trained = Counter(frame.group for frame in frames)
    said = {group: (count, first, third) for group, count, first, third in by_group(ours)}
    lines = ["| group | frames | of `val` | right as first | right among three |", "|---|---|---|---|---|"]
    for group in GROUPS:
        count, first, third = said.get(group.id, (0, "–", "–"))
        lines.append(f"| {group.id} | {trained[group.id]} | {count} | {first} | {third} |")
    return lines
