"""Says of each model pack how fast it is on this computer and how good on this park's confirmed photos."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ranger_app.cli.frame import Document, Out, opened
from ranger_app.cli.learning import words
from ranger_app.i18n import _, ngettext, number, time_to_wait

BAR_CELLS = 20

if TYPE_CHECKING:
    from ranger_app.inference.measuring import Speed
    from ranger_app.inference.packs.pack import Pack
    from ranger_app.photos.bench import Choice
    from ranger_app.photos.learning.worth import Worth


def bench_park(args: argparse.Namespace, out: Out) -> Document:
    """Measure and judge the packs by the photos of a workspace."""
    with opened(args) as ranger:
        found = ranger.photos.choices(pack=args.pack, work=out.work())
    for one in found:
        _say(out, one)
    return {
        "packs": [
            {"id": one.pack.id, "version": one.pack.version, "name": one.pack.name} | one.as_data()
            for one in found
        ]
    }


def say_speed(out: Out, pack: Pack, speed: Speed) -> None:
    """One line about how fast a pack is."""
    out.say(
        _("{pack}: {rate} photos a second, {ms} ms for the middle one, loaded in {load} s, {mb} MB.").format(
            pack=f"{pack.id} {pack.version}",
            rate=number(speed.photos_per_s, places=1),
            ms=number(speed.median_ms, places=0),
            load=number(speed.load_s, places=1),
            mb=number(speed.peak_mb, places=0) if speed.peak_mb else "?",
        )
    )


def _say(out: Out, one: Choice) -> None:
    if one.speed:
        say_speed(out, one.pack, one.speed)
    else:
        out.say(f"{one.pack.id} {one.pack.version}  {one.problem}")
    if one.in_use:
        out.say("  " + _("in use"))
    if one.pack.caution:
        out.say("  " + one.pack.caution)
    if one.waiting and one.waiting_s is not None:
        text = ngettext(
            "{count} photo waits: about {time}.", "{count} photos wait: about {time}.", one.waiting
        )
        out.say("  " + text.format(count=one.waiting, time=time_to_wait(one.waiting_s)))
    if one.worth.photos:
        _say_worth(out, one.worth)
    else:
        out.say("  " + _("It has looked at no confirmed photo yet, so nobody can tell how good it is here."))


def _say_worth(out: Out, found: Worth) -> None:
    if found.since:
        out.say("  " + _("judged by photos confirmed since it was taught:"))
    rows = (
        (_("confirmed photos"), number(found.photos)),
        (_("animals against empty, area under the curve"), _plain(found)),
        (_("animals found"), words(found.animals_kept)),
        (_("empty photos set aside"), words(found.empties_set_aside)),
        (_("people found"), words(found.persons_found)),
        (_("vehicles found"), words(found.vehicles_found)),
        (_("animals named right"), words(found.named_right)),
        (_("by day"), words(found.by_day)),
        (_("by infrared"), words(found.by_infrared)),
    )
    for name, value in rows:
        if value != "–":
            out.say(f"  {name}: {value}")
    if found.bins:
        out.say("  " + _("how sure it says it is, and how often it is right then:"))
    for step in found.bins:
        out.say(
            "    "
            + _("{score} {bar} {right} of {count}").format(
                score=number(step.score, places=2),
                bar=_bar(step.score, step.right),
                right=number(step.right, places=2),
                count=number(step.count),
            )
        )
    if found.bins:
        text = _("mean difference between the two (calibration error): {error}")
        out.say("  " + text.format(error=number(found.calibration_error, places=2)))
    for one in found.species:
        out.say(f"    {one.name} ({one.photos}): {words(one.right)}")


def _bar(said: float, right: float) -> str:
    """A line of the reliability diagram: how often it is right, and a mark where it should end."""
    cells = ["█" if at < round(right * BAR_CELLS) else "·" for at in range(BAR_CELLS)]
    cells[min(int(said * BAR_CELLS), BAR_CELLS - 1)] = "|"
    return "".join(cells)


def _plain(found: Worth) -> str:
    area = found.animal_area
    if not area.known:
        return "–"
    if area.low != area.low:
        return number(area.value, places=2)
    return f"{number(area.value, places=2)} [{number(area.low, places=2)} – {number(area.high, places=2)}]"
