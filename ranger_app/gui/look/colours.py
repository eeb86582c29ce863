"""The colours of the window by what they are for: one set for light, one for dark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colours:
    """One colour for each purpose, as #rrggbb. The contrasts between them are tested."""

    canvas: str  # behind everything
    surface: str  # cards, tables, fields
    rail: str
    line: str  # quiet divisions
    control: str  # borders of what can be used
    text: str
    muted: str  # words that only help
    accent: str  # the one thing to do next; what is chosen
    accent_hover: str
    on_accent: str
    accent_soft: str  # behind what is chosen
    hover: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    good: str
    good_soft: str
    is_dark: bool = False


LIGHT = Colours(
    canvas="#f6f7f4",
    surface="#ffffff",
    rail="#eceee8",
    line="#dde1d9",
    control="#7e8780",
    text="#1b211d",
    muted="#545e57",
    accent="#1f6b4a",
    accent_hover="#185539",
    on_accent="#ffffff",
    accent_soft="#dcebe2",
    hover="#e6e9e2",
    danger="#a8231c",
    danger_soft="#fbe7e5",
    warning="#7d5200",
    warning_soft="#fcf0d9",
    good="#1f6b4a",
    good_soft="#e0efe6",
)
DARK = Colours(
    canvas="#161a18",
    surface="#1f2422",
    rail="#111412",
    line="#323935",
    control="#78827b",
    text="#e8ece9",
    muted="#a9b2ac",
    accent="#7fcba4",
    accent_hover="#98dab8",
    on_accent="#0b2418",
    accent_soft="#22392e",
    hover="#29302c",
    danger="#ffb0a6",
    danger_soft="#45201c",
    warning="#f0c473",
    warning_soft="#3d2f12",
    good="#8fd3a6",
    good_soft="#213a2a",
    is_dark=True,
)
