"""Trains the classifier of groups: every layer, near to ImageNet's words, which know more than we do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from crops import Crop, changed, plain
from descent import Descent, rising_and_falling
from graph_net import GraphNet
from groups import GROUPS
from torch import Tensor
from torch.nn import functional

REPORT_STEPS, RISING_STEPS = 20, 20
AT_ONCE = 16
WORDS, BY_WORDS, EMBEDDING = "word shares", "by words", "embedding"
HEAD = ("head.weight", "head.bias")


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """How long and how fast; the settings that were chosen on `val` and on left-out sources."""

    steps: int = 60
    batch: int = 12
    rate: float = 2e-5
    early_rate: float = 2e-5  # of the first layers, as a share of each tensor's own size
    drawn: float = 0.6  # crops are drawn by the frequency of their group to minus this power
    recent: int = 9  # the mean of the weights over steps: of about the last ninth
    copies: int = 2  # changed ones of each crop, beside the plain one, that the head is fitted on
    head_decay: float = 0.1
    bias_decay: float = 0.01
    adjusted: float = 1.0  # how far the frequency of groups is taken out of the head (Menon et al. 2021)
    least_frames: int = 10  # below it a group that has words is left to them
    seed: int = 0


def train_groups(
    net: GraphNet,
    crops: Sequence[Crop],
    plan: GroupPlan,
    *,
    device: str = "cpu",
    seen: Callable[[GraphNet, int], None] = lambda net, step: None,
) -> GraphNet:
    """The trained net: first all layers under the words, then the head over them."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    net = net.to(device, memory_format=torch.channels_last)
    steady = _train_layers(net, crops, plan, rng, device, seen)
    fit_head(steady, crops, plan, rng, device)
    return steady


def _train_layers(
    net: GraphNet,
    crops: Sequence[Crop],
    plan: GroupPlan,
    rng: np.random.Generator,
    device: str,
    seen: Callable[[GraphNet, int], None],
) -> GraphNet:
    """The net after as many steps as planned, averaged over the last ones.

    It is asked to see in a crop, as night, distance and another camera would have shown it, what the parent
    sees in the crop as it is, among several hundred words. That needs no label, and prefers no group to
    another: a fauna that it never saw does not suffer.
    """
    with torch.no_grad():
        shown = [torch.from_numpy(plain(crop))[None].to(device) for crop in crops]
        wanted = torch.cat([net(one, keep=(WORDS,))[WORDS] for one in shown])
    count = np.bincount([crop.group for crop in crops], minlength=len(GROUPS))
    chance = np.array([count[crop.group] ** -plan.drawn for crop in crops])
    chance /= chance.sum()
    head = {net.places[name] for name in HEAD}
    weights = [weight for place, weight in enumerate(net.weights) if place not in head]
    descent = Descent(
        net,
        weights,
        early=len(weights) // 2,
        rate=plan.rate,
        early_rate=plan.early_rate,
        recent=plan.recent,
    )
    for step in range(plan.steps):
        picked = rng.choice(len(crops), plan.batch, p=chance)
        x = torch.from_numpy(np.stack([changed(crops[one], rng) for one in picked])).to(device)
        said = net(x.contiguous(memory_format=torch.channels_last), keep=(WORDS,))[WORDS]
        loss = functional.kl_div((said + 1e-7).log(), wanted[picked], reduction="batchmean")
        share = rising_and_falling(step, plan.steps, rising=RISING_STEPS)
        descent.step(loss, share=share)
        if descent.report(REPORT_STEPS):
            seen(descent.steady, step + 1)
    return descent.steady


@torch.no_grad()
def _embedded(
    net: GraphNet, crops: Sequence[Crop], plan: GroupPlan, rng: np.random.Generator, device: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Embeddings, log odds by words, and groups, of the plain crops and of changed copies."""
    shown = [(plain(crop), crop.group) for crop in crops]
    shown += [(changed(crop, rng), crop.group) for _copy in range(plan.copies) for crop in crops]
    embeddings, by_words = [], []
    for start in range(0, len(shown), AT_ONCE):
        x = torch.from_numpy(np.stack([pixels for pixels, _group in shown[start : start + AT_ONCE]])).to(
            device
        )
        said = net(x.contiguous(memory_format=torch.channels_last), keep=(BY_WORDS,))
        embeddings.append(said[EMBEDDING].cpu())
        by_words.append(said[BY_WORDS].cpu())
    groups = torch.tensor([group for _pixels, group in shown])
    return torch.cat(embeddings), torch.cat(by_words), groups


def fit_head(
    net: GraphNet, crops: Sequence[Crop], plan: GroupPlan, rng: np.random.Generator, device: str
) -> None:
    """Put into the net the head that best mends what the words say, kept small; convex: there is just one.

    Embeddings are centred and scaled for the fit. The frequency of groups in the training pictures is taken
    out (logit adjustment): it says what was photographed there, not what lives here.
    """
    embeddings, by_words, groups = _embedded(net, crops, plan, rng, device)
    count = torch.bincount(groups[: len(crops)], minlength=len(GROUPS)).float()
    prior = torch.log(count / count.sum() + 1 / len(crops))
    mended = [
        float(count[place] >= plan.least_frames or (not group.words and count[place] > 0))
        for place, group in enumerate(GROUPS)
    ]
    mask = torch.tensor(mended)
    middle = embeddings.mean(0)
    scale = 20 / (embeddings - middle).norm(dim=1).mean()
    features = (embeddings - middle) * scale
    weight = torch.zeros(len(GROUPS), features.shape[1], requires_grad=True)
    bias = torch.zeros(len(GROUPS), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        odds = by_words + (features @ weight.T + bias) * mask + plan.adjusted * prior
        value = functional.cross_entropy(odds, groups)
        value = value + plan.head_decay * weight.square().sum() + plan.bias_decay * bias.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    with torch.no_grad():
        weight, bias = weight * mask[:, None] * scale, bias * mask
        net.weights[net.places[HEAD[0]]].copy_(weight)
        net.weights[net.places[HEAD[1]]].copy_(bias - weight @ middle)
