"""Where the picture lies on a graph's input, and how to get from there back to the whole picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Placing:
    """Input pixel = (picture pixel − left/top) × scale + pad, on a picture of picture_w × picture_h.

    `picture_w` and `picture_h` are those of the upright picture as it was decoded, perhaps small.
    """

    scale_x: float
    scale_y: float
    pad_x: float
    pad_y: float
    left: float
    top: float
    picture_w: int
    picture_h: int
    input_w: int
    input_h: int
    region_w: int = 0
    region_h: int = 0
    """Size of the part that is looked at, in the same pixels as the picture."""

    def relative(self, corners: NDArray[np.float32]) -> NDArray[np.float64]:
        """N × 4 (x, y, w, h) from N × 4 corners (x0, y0, x1, y1) in input pixels.

        Shares of the whole upright picture from its top left; what reaches over its edge is cut off.
        """
        whole = np.asarray(corners, np.float64).reshape(-1, 4)
        scale = np.array([self.scale_x, self.scale_y] * 2)
        pad = np.array([self.pad_x, self.pad_y] * 2)
        start = np.array([self.left, self.top] * 2)
        size = np.array([self.picture_w, self.picture_h] * 2)
        shares: NDArray[np.float64] = np.clip(((whole - pad) / scale + start) / size, 0.0, 1.0)
        shares[:, 2:] -= shares[:, :2]
        return shares
