"""SimCSE: recognise the same text after dropout has blurred it twice.

Idea. Each text goes through the encoder twice. Dropout sets other values to 0 each time, so that
the two results differ a little, and each has to find the other among the texts of the batch. No
word is changed: dropout inside the network is the only augmentation.

Paper. T. Gao, X. Yao, D. Chen, "SimCSE: Simple Contrastive Learning of Sentence Embeddings", arXiv
2104.08821, equation 4: with cosine similarity s and temperature T, the loss of text i is
    -log( exp(s(z_i, z'_i) / T) / sum over j of exp(s(z_i, z'_j) / T) ),
j over the B texts of the batch: the queries are the first passes, and the negatives the second
passes of the other texts. Ours differs: representations are means over tokens, the head is an MLP
with batch norm, and dropout is 0.1 after the embedding and after each half of a block.

Teaches. It was made to spread the features of a language model that has already been trained on
much text. Used from scratch, as here, it teaches what a trivial task teaches: any features that
tell the texts apart.

Fails. From scratch the loss falls to almost 0 at once, as an untrained network tells texts apart by
their words and dropout changes little. There is nothing left to learn, and the features may become
worse than those of the untrained encoder (AG News, 45 s: a simple classifier 46.6 against 49.1 %),
while every collapse check passes: a low loss and healthy spread are no sign of good features. Views
must differ in their words (half_split, or --augment text_deletion). Without dropout both passes are
equal, and with much of it nothing is recognised. The loss of a model that knows nothing is log B.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Encoder, F, Illustration, IllustrationData, Needs, Optimum,
    Output, RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import project_both
from workbench.tasks.parts.segments import illustrate_views, same_width

_SEEDS = 2**31


@dataclass(frozen=True)
class SimCSE(Task):
    """See the module's docstring."""

    name = "simcse"
    title = "SimCSE"
    summary = "Recognise the same text after dropout has blurred it twice."
    family = "contrastive"
    modalities = ("text",)
    reference = "Gao et al. 2021, arXiv 2104.08821"
    needs = Needs(encoders=("text",))
    encoder_options = {"dropout": 0.1}
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4, base_batch=32)
    joint_embedding = True
    sees = (
        "Sees each text twice, through different dropout; it must find the same text again among "
        "all texts of the batch."
    )
    starter = 2

    # The paper's.
    temperature: float = option(
        0.05,
        label="Temperature",
        help="How much the most similar wrong texts count: low means only those.",
        low=0.01,
        high=100.0,
    )
    hidden: int = option(
        512,
        label="Projection head width",
        help="Units of the hidden layer between representation and projection.",
        low=8,
        high=8192,
        advanced=True,
    )
    out: int = option(
        128,
        label="Projection size",
        help="Dimensions in which the texts are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    def check_encoder(self, encoder: Encoder) -> None:
        if not getattr(encoder, "dropout", 0.0):
            raise RequestError(
                f"'{self.name}' tells its two views apart by dropout, and this encoder has none.",
                field="--set encoder.dropout",
                remedy="Give --set encoder.dropout=0.1, or take the task half_split.",
            )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.hidden, self.out))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        twice = same_width(augment(batch, rng), augment(batch, rng))
        seed = torch.randint(_SEEDS, (1,), generator=rng, device=batch.index.device)
        return Views(twice, masks=(seed,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (seed,) = views.masks
        # The loss is a function of the views: dropout is drawn from the seed that is among them.
        devices = [seed.device] if seed.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(int(seed))
            z = project_both(module, views)
        with full_precision(z):
            first, second = (ctx.gather(part) for part in z.chunk(2))
            loss, found = info_nce(first, second, self.temperature)
        return Output(loss, {"text_found": found}, z)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(batch_size)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which text of the batch is the same, seen through other dropout?"
        captions = ("first pass", "second pass, with other dropout")
        return illustrate_views(views, batch, data, question, captions)


def info_nce(
    first: torch.Tensor, second: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Equation 4 of the paper, averaged over the batch, and the share that found its partner.

    first, second: float (B, d), projections of the two passes, not normalised. Both results are
    scalars. The loss is log B if all similarities are equal.
    """
    similarity = F.normalize(first, dim=1) @ F.normalize(second, dim=1).T / temperature
    partner = torch.arange(len(first), device=first.device)
    found = (similarity.argmax(dim=1) == partner).float().mean()
    return F.cross_entropy(similarity, partner), found.detach()
