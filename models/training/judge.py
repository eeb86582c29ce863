"""Shows packs to labelled frames just as Ranger does, and says how well they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from figures import Figure, area, calibration_error, resampled, share
from frames import Frame, bursts
from groups import GROUPS, PLACE
from numpy.typing import NDArray

from ranger_app.inference.detect import Model
from ranger_app.inference.looks import KINDS

SEEN_FROM = 0.3  # what counts as a person or a vehicle found, as in the parents' figures
FEW_ALARMS = 0.10
Shares = NDArray[np.float64]


@dataclass
class Judged:
    """What packs said of frames: scores (N × animal, person, vehicle) and shares of groups (N × groups)."""

    frames: list[Frame] = field(default_factory=list)
    scores: list[tuple[float, float, float]] = field(default_factory=list)
    groups: list[Shares] = field(default_factory=list)

    def show(self, model: Model, frames: Iterable[Frame]) -> Judged:
        """Look at further frames; a frame may not come twice."""
        for frame in frames:
            look = model.look(frame.file)
            shares = np.zeros(len(GROUPS))
            for name, score in look.groups:
                if name in PLACE:
                    shares[PLACE[name]] = score
            self.frames.append(frame)
            self.scores.append((look.animal, look.person, look.vehicle))
            self.groups.append(shares)
        return self

    def cool(self, divided: float) -> None:
        """Divide the log odds of all groups by a temperature, as the pack will."""
        for place, shares in enumerate(self.groups):
            powers = shares.clip(1e-12) ** (1 / divided)
            self.groups[place] = powers / powers.sum()

    def where(self, keep: Sequence[bool]) -> Judged:
        """Only these frames."""
        chosen = [place for place, kept in enumerate(keep) if kept]
        return Judged(
            [self.frames[place] for place in chosen],
            [self.scores[place] for place in chosen],
            [self.groups[place] for place in chosen],
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of the card."""

    what: str
    figure: Figure
    counted: str

    def __str__(self) -> str:
        return f"| {self.what} | {self.figure} | {self.counted} |"


def together(judged: Iterable[Judged]) -> Judged:
    """All of them as one."""
    whole = Judged()
    for one in judged:
        whole.frames += one.frames
        whole.scores += one.scores
        whole.groups += one.groups
    return whole


def triage_rows(judged: Judged, display: float) -> list[Row]:
    """Animals against empties, persons and vehicles."""
    score, triage = np.array(judged.scores), np.array([frame.triage for frame in judged.frames])
    numbers = bursts(judged.frames)
    rows = []
    animal, empty = triage == "animal", triage == "empty"
    if animal.any() and empty.any():
        said = f"{animal.sum()} / {empty.sum()}"

        def over(places: NDArray[np.intp]) -> float:
            return area(score[places[animal[places]], 0], score[places[empty[places]], 0])

        def kept_at_few(places: NDArray[np.intp]) -> float:
            calm = np.sort(score[places[empty[places]], 0])
            if not len(calm) or not animal[places].any():
                return float("nan")
            limit = calm[::-1][min(int(FEW_ALARMS * len(calm)), len(calm) - 1)]
            return float((score[places[animal[places]], 0] > limit).mean())

        rows.append(Row("animal against empty, area under the curve", resampled(over, numbers), said))
        rows.append(Row("animals kept at ≤ 10 % false alarms", resampled(kept_at_few, numbers), said))
    for name, kind, at, right in (
        (f"animals kept at {display}", animal, display, True),
        (f"empties set aside at {display}", empty, display, False),
        ("animals kept at 0.3", animal, SEEN_FROM, True),
        ("empties set aside at 0.3", empty, SEEN_FROM, False),
    ):
        if kind.any():
            rows.append(_counted(name, (score[kind, 0] >= at) == right))
    for place, name in enumerate(KINDS[1:], 1):
        if (triage == name).any():
            rows.append(_counted(f"{name}s found at 0.3", score[triage == name, place] >= SEEN_FROM))
        others = animal | empty
        if others.any():
            rows.append(_counted(f"false {name}s at 0.3", score[others, place] >= SEEN_FROM))
    return rows


def group_rows(judged: Judged) -> list[Row]:
    """Species groups of the frames whose group is one of ours."""
    judged = judged.where([frame.group in PLACE for frame in judged.frames])
    if not judged.frames:
        return []
    shares, truth = np.array(judged.groups), np.array([PLACE[frame.group] for frame in judged.frames])
    order = np.argsort(-shares, 1)
    first, third = order[:, 0] == truth, (order[:, :3] == truth[:, None]).any(1)
    sure, numbers = shares.max(1), bursts(judged.frames)
    said = f"{len(truth)} animals"
    return [
        Row("top-1", resampled(lambda places: float(first[places].mean()), numbers), said),
        Row("top-3", resampled(lambda places: float(third[places].mean()), numbers), said),
        Row(
            "calibration error",
            resampled(lambda places: calibration_error(sure[places], first[places]), numbers),
            said,
        ),
        _counted("right among answers of at least 0.5", first[sure >= 0.5]),
    ]


def by_group(judged: Judged) -> list[tuple[str, int, int, int]]:
    """For each group: its frames, right as first, right among three."""
    counted = []
    for place, group in enumerate(GROUPS):
        ours = [one for one, frame in enumerate(judged.frames) if frame.group == group.id]
        if ours:
            order = np.argsort(-np.array([judged.groups[one] for one in ours]), 1)
            right = (order[:, 0] == place).sum(), (order[:, :3] == place).any(1).sum()
            counted.append((group.id, len(ours), int(right[0]), int(right[1])))
    return counted


def temperature(judged: Judged) -> float:
    """By which log odds are divided so that the true groups are likeliest (Guo et al. 2017), 0.5 to 3."""
    judged = judged.where([frame.group in PLACE for frame in judged.frames])
    odds = np.log(np.array(judged.groups).clip(1e-9))
    truth = np.array([PLACE[frame.group] for frame in judged.frames])
    steps = np.linspace(0.5, 3.0, 251)

    def cost(divided: float) -> float:
        scaled = odds / divided
        scaled -= scaled.max(1, keepdims=True)
        logs = scaled - np.log(np.exp(scaled).sum(1, keepdims=True))
        return float(-logs[np.arange(len(truth)), truth].mean())

    return float(min(steps, key=cost))


def _counted(what: str, right: NDArray[np.bool_]) -> Row:
    return Row(what, share(int(right.sum()), len(right)), f"{right.sum()} of {len(right)}")
