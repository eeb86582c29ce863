"""What a person should hear about a GPX file: counted while it is read, put into words at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ranger_app.domain.found import NO_TIME_MS, Doubt, FoundTrack, FoundWaypoint
from ranger_app.formats.gpx.times import TimeNotes
from ranger_app.i18n import _, ngettext


@dataclass(slots=True)
class Said:
    """Counts of one file."""

    times: TimeNotes = field(default_factory=TimeNotes)
    nowhere: int = 0
    decimal_commas: int = 0
    times_in_comments: int = 0
    too_large: int = 0
    broken_at_line: int = 0
    encoding_guessed: bool = False
    characters_removed: bool = False

    def doubts(self, tracks: Sequence[FoundTrack], waypoints: Sequence[FoundWaypoint]) -> Iterator[Doubt]:
        """A sentence for each kind of thing that was found."""
        if self.broken_at_line:
            yield Doubt(
                "truncated",
                _("The file is damaged or breaks off at line {line}; what stands before was read.").format(
                    line=self.broken_at_line
                ),
            )
        if self.encoding_guessed:
            yield Doubt(
                "encoding",
                _("The file's letters are not in the encoding that it declares; look at the names."),
            )
        if self.characters_removed:
            yield Doubt("control-characters", _("Control characters in the file were left out."))
        yield from self._about_fixes()
        yield from _about_times(self.times, tracks, waypoints)
        if self.times_in_comments:
            yield Doubt(
                "time-in-comment",
                ngettext(
                    "{count} waypoint has its time only in its comment: it is taken as local time.",
                    "{count} waypoints have their time only in their comments: it is taken as local time.",
                    self.times_in_comments,
                ).format(count=self.times_in_comments),
            )

    def _about_fixes(self) -> Iterator[Doubt]:
        if self.nowhere:
            yield Doubt(
                "bad-position",
                ngettext(
                    "{count} point has no position on Earth; a fix like that is left out.",
                    "{count} points have no position on Earth; fixes like that are left out.",
                    self.nowhere,
                ).format(count=self.nowhere),
            )
        if self.decimal_commas:
            yield Doubt(
                "decimal-comma",
                ngettext(
                    "{count} position is written with a comma for the decimal point.",
                    "{count} positions are written with a comma for the decimal point.",
                    self.decimal_commas,
                ).format(count=self.decimal_commas),
            )
        if self.too_large:
            yield Doubt(
                "extension-too-large",
                ngettext(
                    "{count} foreign element was too large or too deep and is left out.",
                    "{count} foreign elements were too large or too deep and are left out.",
                    self.too_large,
                ).format(count=self.too_large),
            )


def _about_times(
    times: TimeNotes, tracks: Sequence[FoundTrack], waypoints: Sequence[FoundWaypoint]
) -> Iterator[Doubt]:
    counts = [(len(t.fixes), t.fixes.time_ms.count(NO_TIME_MS)) for t in tracks]
    timeless = sum(1 for fixes, missing in counts if fixes and missing == fixes)
    if timeless:
        yield Doubt(
            "no-time",
            ngettext(
                "{count} track has no times: its date, hours and speed are unknown.",
                "{count} tracks have no times: their dates, hours and speeds are unknown.",
                timeless,
            ).format(count=timeless),
        )
    partly = sum(missing for fixes, missing in counts if missing != fixes)
    if partly:
        yield Doubt(
            "missing-times",
            ngettext(
                "{count} fix of a track with times has none.",
                "{count} fixes of tracks with times have none.",
                partly,
            ).format(count=partly),
        )
    undated = sum(1 for w in waypoints if w.at is None and w.at_local is None)
    if undated:
        yield Doubt(
            "waypoint-without-time",
            ngettext("{count} waypoint has no time.", "{count} waypoints have no time.", undated).format(
                count=undated
            ),
        )
    if times.without_zone:
        yield Doubt(
            "time-without-zone",
            ngettext(
                "{count} time does not say its zone; it is taken as UTC, as GPX demands.",
                "{count} times do not say their zone; they are taken as UTC, as GPX demands.",
                times.without_zone,
            ).format(count=times.without_zone),
        )
    if times.unreadable:
        yield Doubt(
            "unreadable-time",
            ngettext(
                "{count} time could not be read.", "{count} times could not be read.", times.unreadable
            ).format(count=times.unreadable),
        )
