"""Sees to it that persons and vehicles which the parent finds are found by our detector as well."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from detector_parent import HEAD, KIND_CLASSES, SIDE_PX, kind_scores
from graph_net import GraphNet
from marks import Marked, canvas

FOUND_FROM = 0.3
A_LITTLE = 0.005  # above it, so that rounding loses nothing
RAISED_AT_MOST = 0.3  # log odds; who needs more is not mended by a bias


@torch.no_grad()
def keep_finding(net: GraphNet, teacher: GraphNet, items: Iterable[Marked]) -> dict[str, float]:
    """Raise the biases of the rows of persons and vehicles until none of these frames is lost; by how much.

    Only frames that are labelled as the kind and that the teacher finds count. What is lost by a hair at the
    threshold comes back; the order of pictures by score stays as it is.
    """
    raised = {kind: 0.0 for kind in KIND_CLASSES if kind != "animal"}
    for item in items:
        kind = item.frame.triage
        if kind not in raised:
            continue
        place = list(KIND_CLASSES).index(kind)
        x = torch.from_numpy(canvas(item.picture, SIDE_PX, SIDE_PX)[0])[None]
        if kind_scores(teacher(x)["output"][0].numpy())[:, place].max() < FOUND_FROM:
            continue
        raw = net(x)["output"][0].numpy()
        best = int(kind_scores(raw)[:, place].argmax())
        thing, likely = float(raw[best, HEAD - 1]), float(raw[best, HEAD + place])
        wanted = (FOUND_FROM + A_LITTLE) / max(thing, 1e-6)
        if wanted < 1:
            needed = float(np.log(wanted / (1 - wanted)) - np.log(likely / (1 - likely)))
            raised[kind] = max(raised[kind], min(needed, RAISED_AT_MOST))
    for name, place in net.places.items():
        if "cls_preds" in name and name.endswith("bias"):
            for kind, much in raised.items():
                net.weights[place][list(KIND_CLASSES).index(kind)] += much
    return raised
