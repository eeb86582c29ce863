"""The colours of the map by what they are for, on screen and on paper, light and dark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MapColours:
    """Each colour is `#rrggbb`; where something lies under it, its opacity (0..1) stands beside it."""

    water: str
    land: str
    coast: str
    border: str
    river: str
    grid: str
    grid_text: str
    boundary: str
    boundary_fill_opacity: float
    track: str
    halo: str  # around tracks and marks, so that they can be read on any ground
    halo_opacity: float
    highlight: str
    cluster: str
    cluster_text: str
    panel: str  # behind scale bar, coordinates and attribution
    panel_opacity: float
    text: str
    focus: str
    kinds: tuple[str, ...]  # of points, in the order of their kinds; told apart by shape as well


# The eight of Okabe and Ito (2008), which people with any colour vision can tell apart.
_KINDS_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7f00", "#5a5a5a")
_KINDS_DARK = ("#4fa8de", "#ff8a4c", "#3cc79c", "#e39cc4", "#f5b93d", "#8fd0f7", "#f0e442", "#b8b8b8")

LIGHT = MapColours(
    water="#d3e2ea",
    land="#f5f2ea",
    coast="#a5b8c2",
    border="#cdc3b4",
    river="#b4cedc",
    grid="#8b9aa0",
    grid_text="#6b7a80",
    boundary="#1f6b4a",
    boundary_fill_opacity=0.10,
    track="#b8432a",
    halo="#ffffff",
    halo_opacity=0.75,
    highlight="#1d5fb8",
    cluster="#2c5575",
    cluster_text="#ffffff",
    panel="#ffffff",
    panel_opacity=0.82,
    text="#1b211d",
    focus="#1f6b4a",
    kinds=_KINDS_LIGHT,
)

DARK = MapColours(
    water="#141d24",
    land="#262d30",
    coast="#46565f",
    border="#454d50",
    river="#304b59",
    grid="#5d6b72",
    grid_text="#8d9aa1",
    boundary="#7fcba4",
    boundary_fill_opacity=0.10,
    track="#ff9468",
    halo="#12181c",
    halo_opacity=0.70,
    highlight="#8fb8ff",
    cluster="#9cc3e0",
    cluster_text="#10202b",
    panel="#1f2422",
    panel_opacity=0.82,
    text="#e8ece9",
    focus="#7fcba4",
    kinds=_KINDS_DARK,
)
