"""Writes the model card: what the packs are made of, how well they do, what they must not be used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from frames import Frame
from groups import GROUPS
from judge import Judged, Row, by_group, group_rows, triage_rows

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
    least_frames: int


def card(
    made: Made,
    frames: Sequence[Frame],
    parents: Judged,
    ours: Judged,
    left_out: Mapping[str, Judged],
    faults: Sequence[str] = (),
) -> str:
    """The card in Markdown.

    ours: what nets trained on fold `train` alone said of fold `val`; parents: the untouched ones there.
    left_out: the same by each source that was left out of training in turn, where that was done.
    """
    results = [_compared("Fold `val`", parents, ours, made.display)]
    for lit, name in LIGHTS:
        keep = [frame.lit == lit for frame in ours.frames]
        if any(keep):
            title = f"Fold `val`, {name}"
            results.append(_compared(title, parents.where(keep), ours.where(keep), made.display))
    for source in sorted({frame.source for frame in ours.frames}):
        keep = [frame.source == source for frame in ours.frames]
        title = f"Fold `val`, only `{source}`"
        results.append(_compared(title, parents.where(keep), ours.where(keep), made.display))
    for source, judged in left_out.items():
        title = f"`{source}`, by nets trained on all other sources"
        results.append(_table(title, triage_rows(judged, made.display) + group_rows(judged)))
    triage = Counter(frame.triage for frame in frames).most_common()
    return WORDS.read_text(encoding="utf-8").format(
        group_count=len(GROUPS),
        parents="\n".join(f"| `{name}` | `{digest}` |" for name, digest in made.parents.items()),
        command=made.command,
        plans="\n".join(f"- `{plan}`" for plan in made.plans),
        data=made.data,
        machine=made.machine,
        temperature=made.temperature,
        least_frames=made.least_frames,
        triage=", ".join(f"{count} {kind}" for kind, count in triage),
        sources="\n".join(_sources(frames)),
        results="\n\n".join(results),
        groups="\n".join(_groups(frames, ours)),
        faults="".join(f"- {fault}\n" for fault in faults),
    )


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


def _table(title: str, rows: Sequence[Row]) -> str:
    return "\n".join([f"### {title}", "", "| what | ours | of |", "|---|---|---|", *map(str, rows)])


def _groups(frames: Sequence[Frame], ours: Judged) -> list[str]:
    trained = Counter(frame.group for frame in frames)
    said = {group: (count, first, third) for group, count, first, third in by_group(ours)}
    lines = ["| group | frames | of `val` | right as first | right among three |", "|---|---|---|---|---|"]
    for group in GROUPS:
        count, first, third = said.get(group.id, (0, "–", "–"))
        lines.append(f"| {group.id} | {trained[group.id]} | {count} | {first} | {third} |")
    return lines
