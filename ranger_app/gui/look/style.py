"""The style sheet of the whole window, made from the colours, the text size and one step of space.

The sheet itself is `resources/window.qss`, with $names for what is filled in here.
"""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import TYPE_CHECKING

from ranger_app.config import resources_dir

if TYPE_CHECKING:
    from ranger_app.gui.look.colours import Colours


_STEPS = {
    "s0_5": 0.5,
    "s1": 1.0,
    "s1_5": 1.5,
    "s2": 2.0,
    "s2_5": 2.5,
    "s3": 3.0,
    "s4": 4.0,
    "s5": 5.0,
    "s6": 6.0,
}


def sheet(colours: Colours, *, base_pt: float, step_px: int) -> str:
    """The sheet in these colours, for text of `base_pt` points and steps of `step_px` pixels."""
    icons = resources_dir() / "icons"
    roles = {field.name: getattr(colours, field.name) for field in fields(colours)}
    box_px = round(base_pt * 1.5)
    tone = "dark" if colours.is_dark else "light"
    sizes = {name: round(factor * step_px) for name, factor in _STEPS.items()}
    template = Template((resources_dir() / "window.qss").read_text(encoding="utf-8"))
    return template.substitute(
        roles,
        **sizes,
        # A focused thing has a border one pixel thicker; its padding gives that pixel back.
        s1m=sizes["s1"] - 1,
        s2m=sizes["s2"] - 1,
        s1_5m=sizes["s1_5"] - 1,
        s3m=sizes["s3"] - 1,
        # A field to type in draws its text two pixels in, a list to choose from not.
        s2e=sizes["s2"] + 2,
        s2em=sizes["s2"] + 1,
        # Qt draws the text of a cell three pixels in, that of a header not.
        s2h=sizes["s2"] + 3,
        radius=round(1.5 * step_px),
        bar_margin=max(1, step_px // 2),
        box_px=box_px,
        box_radius=box_px // 2 + 1,
        tick=(icons / f"control_tick_{tone}.svg").as_posix(),
        dot=(icons / f"control_dot_{tone}.svg").as_posix(),
        line_px=round(base_pt * 1.7),
        pt=f"{base_pt:g}",
        pt_small=f"{base_pt * 0.9:g}",
        pt_heading=f"{base_pt * 1.15:g}",
        pt_title=f"{base_pt * 1.6:g}",
        pt_figure=f"{base_pt * 1.8:g}",
        chevron=(icons / "control_down.svg").as_posix(),
        chevron_up=(icons / "control_up.svg").as_posix(),
    )
