"""Fine-tuning: encoder and linear head together, on a few labelled samples a class.

All compared encoders have one recipe and the same search: only the learning rate of the encoder is
chosen, by validation accuracy with the first draw of labels.

- 200 steps of AdamW with batches of 32, whatever the number of labels. Counted in epochs, training
  on small sets would end after a few steps, which is what made fine-tuning on them look unstable
  (Mosbach et al. 2020, 2006.04884; Zhang et al. 2020, 2006.05987). Warm-up over a tenth, for the
  same reason, then a half cosine to 0.
- The encoder's learning rate is one of three, a factor of five apart, because a trained encoder
  needs a lower one than an encoder from scratch. The head's is fixed, and the head starts at zero:
  a random head would first spoil the features (Kumar et al. 2022, 2202.10054).
- Images are cropped lightly, which keeps every label true; mirroring would not (characters). Texts
  stay as they are.
- Batch norms use their batch while training. Before predicting they get statistics of the whole
  un-augmented training split, which needs no labels: running means over a few batches of a small
  set are inaccurate, and an untrained encoder's would be of other weights.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from workbench.augment.policy import Policy
from workbench.augment.presets import FINE_TUNING
from workbench.data.dataset import Dataset
from workbench.training.batches import Order, SplitData, batches_of_rows
from workbench.training.device import Placement, memory_errors_outside_training
from workbench.training.encode import calibrate, encode_rows
from workbench.training.schedule import learning_rate_factor

Ints = npt.NDArray[np.int64]

# Goes up whenever the same encoder would get other predictions: stored ones are then left aside.
VERSION = 2
LEARNING_RATES = (2e-4, 1e-3, 5e-3)
STEPS, BATCH = 200, 32
_WORK = f"while it fine-tuned with batches of {BATCH}"
_REMEDY = "Leave out --set eval.fine_tuning=true, or give a smaller encoder or a smaller --size."
_HEAD_RATE, _WEIGHT_DECAY, _WARMUP = 1e-2, 1e-2, 0.1


@dataclass(frozen=True)
class Labelled:
    """rows: int64 (n,), positions in the cache. classes: int64 (n,), all labelled."""

    rows: Ints
    classes: Ints


@dataclass(frozen=True)
class FineTuned:
    """predicted: int64 (draws, m), classes of the test samples. learning_rate: the chosen one.
    hits: validation accuracy of each learning rate with the first draw; () without."""

    predicted: Ints
    learning_rate: float
    hits: tuple[float, ...] = ()


def fine_tune(
    encoder: nn.Module,
    data: Dataset,
    draws: Sequence[Labelled],
    validation: Labelled,
    test: Ints,
    n_classes: int,
    placement: Placement,
    *,
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda share: None,
) -> FineTuned | None:
    """Fine-tune a copy of ``encoder`` on each draw; None if it was stopped.

    draws: the labelled training samples of each draw. test: rows int64 (m,), without labels. If
    there are no validation samples, the middle learning rate is taken. seed: of batches and crops,
    the same for every encoder. ``encoder`` itself does not change.
    """
    tuner = _Tuner(data, n_classes, placement, seed, should_stop)
    middle = LEARNING_RATES[len(LEARNING_RATES) // 2]
    rates = LEARNING_RATES if len(validation.rows) else (middle,)
    fits = len(rates) + len(draws) - 1
    hits: list[float] = []
    predicted: list[Ints] = []
    chosen = middle
    for index, rate in enumerate(rates):
        progress(index / fits)
        model = tuner.fit(encoder, draws[0], rate, 0)
        if model is None:
            return None
        hit = 0.0
        if len(validation.rows):
            said = tuner.predict(model, validation.rows)
            hit = float(np.mean(said == validation.classes))
        if not hits or hit > max(hits):
            chosen, predicted = rate, [tuner.predict(model, test)]
        hits.append(hit)
    for number, labelled in enumerate(draws[1:], 1):
        progress((len(rates) + number - 1) / fits)
        model = tuner.fit(encoder, labelled, chosen, number)
        if model is None:
            return None
        predicted.append(tuner.predict(model, test))
    return FineTuned(np.stack(predicted), chosen, tuple(hits) if len(validation.rows) else ())


class _Tuner:
    """Fine-tunes copies of an encoder on one data set, one learning rate and draw at a time."""

    def __init__(
        self,
        data: Dataset,
        n_classes: int,
        placement: Placement,
        seed: int,
        should_stop: Callable[[], bool],
    ):
        self.data, self.n_classes, self.placement = data, n_classes, placement
        self.seed, self.should_stop = seed, should_stop
        self.samples = SplitData(data, "train", placement.device)
        crops = FINE_TUNING if data.info.modality == "image" else ()
        self.augment = Policy(crops, data.info)

    def fit(
        self, encoder: nn.Module, labelled: Labelled, rate: float, number: int
    ) -> nn.Module | None:
        """``encoder`` and ``head`` after ``STEPS`` steps, ready to predict; None if stopped."""
        device = self.placement.device
        forked = [device] if device.type == "cuda" else []
        # Layers and dropout draw from the global generator, whose state must not change.
        with torch.random.fork_rng(devices=forked):
            torch.manual_seed(self.seed + number)
            tuned = copy.deepcopy(encoder).train()
            head = nn.Linear(int(encoder.dim), self.n_classes).to(device)  # type: ignore[arg-type]
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
            model = nn.ModuleDict({"encoder": tuned, "head": head})
            optimizer = torch.optim.AdamW(_groups(tuned, rate) + _groups(head, _HEAD_RATE))
            order = Order(len(labelled.rows), BATCH, self.seed + number)
            rng = torch.Generator(device=device).manual_seed(self.seed + number)
            for step in range(STEPS):
                if self.should_stop():
                    return None
                for group in optimizer.param_groups:
                    group["lr"] = group["peak_lr"] * learning_rate_factor(step / STEPS, _WARMUP)
                with memory_errors_outside_training(_WORK, _REMEDY):
                    self._step(model, optimizer, labelled, order.positions(step), rng)
        calibrate(tuned, self.samples, self.placement)
        return model.eval()

    def _step(
        self,
        model: nn.ModuleDict,
        optimizer: torch.optim.Optimizer,
        labelled: Labelled,
        positions: Ints,
        rng: torch.Generator,
    ) -> None:
        device = self.placement.device
        (batch,) = batches_of_rows(self.data, labelled.rows[positions], device, len(positions))
        x = self.augment(batch, rng)
        x = self.placement.arrange(x)
        target = torch.from_numpy(labelled.classes[positions]).to(device)
        optimizer.zero_grad(set_to_none=True)
        with self.placement.autocast():
            h = model["encoder"](x)
        loss = F.cross_entropy(model["head"](h.float()), target)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    @torch.no_grad()
    def predict(self, model: Any, rows: Ints) -> Ints:
        """int64 (n,): classes of the samples at ``rows`` of the cache."""
        h = encode_rows(model["encoder"], self.data, rows, self.placement)
        logits = model["head"](torch.from_numpy(h).to(self.placement.device))
        classes: Ints = logits.argmax(dim=1).cpu().numpy()
        return classes


def _groups(module: nn.Module, rate: float) -> list[dict[str, Any]]:
    """Optimizer groups; biases and norms have no weight decay."""
    learned = [p for p in module.parameters() if p.requires_grad]
    rates = {"peak_lr": rate, "lr": rate}
    return [
        {**rates, "params": [p for p in learned if p.ndim > 1], "weight_decay": _WEIGHT_DECAY},
        {**rates, "params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0},
    ]
