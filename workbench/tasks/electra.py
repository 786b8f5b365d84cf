"""ELECTRA: find the words that a small language model has put in the place of the right ones.

Idea. Some tokens of a text are masked. A small transformer, the generator, is trained to fill them
in, as in masked language modelling, and its guesses are put into the text. The encoder, which is
kept, sees the text with the guesses and says of every token whether it is the original one. So it
learns from all tokens and not from a few, sees no [MASK], and its task grows harder as the
generator learns.

Paper. K. Clark, M.-T. Luong, Q. V. Le, C. D. Manning, "ELECTRA: Pre-training Text Encoders as
Discriminators Rather Than Generators", arXiv 2003.10555, section 2: the loss is that of the
generator at the masked tokens plus 50 times that of the discriminator at all tokens. Chosen tokens
are all masked; a guess that is right counts as original; guesses are drawn from the generator and
no gradient goes through them; token embeddings are shared. Ours differs: the generator has
positions of its own, special tokens are never drawn as guesses, and the guesses are drawn when the
views are made, so that what you are shown is what the encoder sees.

Teaches. What fits where: words in their company, some syntax.

Fails. While the generator guesses at random, the replaced words are found by their rarity alone. A
generator as strong as the encoder leaves nothing to find. Only a small share of the tokens is
replaced, so that "original" everywhere is right most of the time: what counts is the share of the
replaced ones that is found, which is logged. The paper trains for days; half a minute is not enough
(benchmarks/RESULTS.md): on the sample intents, with two blocks of 128, the share found fell from .6
to .17 within 400 steps as the guesses came to have the right frequencies (weights of 1 and 5 and
.15 masked changed nothing). Chance is log V for the generator, and for the encoder the loss of one
that only knows what share was masked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    MASK, PAD, Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum,
    Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import generator, heads
from workbench.tasks.parts.corruption import IGNORE, choose
from workbench.tasks.parts.render import original_panel, token_panel
from workbench.tasks.parts.vocabulary import cross_entropy


@dataclass(frozen=True)
class Electra(Task):
    """See the module's docstring."""

    name = "electra"
    title = "ELECTRA"
    summary = "Find the words that a small language model has replaced."
    family = "language"
    modalities = ("text",)
    reference = "Clark et al. 2020, arXiv 2003.10555"
    needs = Needs(encoders=("text",))
    # As mlm: ten times the paper's rate, for small nets and short runs.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    fine_tuned = True
    sees = (
        "Sees a text in which a small language model has replaced some words; it must say of every "
        "word whether it is the original one."
    )
    caution = (
        "Half a minute gains nothing here. The small model still guesses at random, so replaced "
        "words stand out by being rare. Finding them needs no reading of the text."
    )

    mask_rate: float = option(
        0.25,
        label="Masked share",
        help="Share of the tokens that the generator fills in; the paper has .15 to .25.",
        low=0.01,
        high=0.95,
    )
    size: float = option(
        0.25,
        label="Generator size",
        help="Width of the generator as a share of the encoder's; best from .25 to .5 (paper).",
        low=0.05,
        high=1.0,
    )
    weight: float = option(
        50.0,
        label="Weight of the detection",
        help="How much the encoder's loss counts beside the far larger one of the generator.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        width = encoder.dim
        return heads.assemble(
            encoder=encoder,
            generator=generator.generator(encoder, self.size),
            head=nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1)),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        tokens = augment(batch, rng)[:, : module.encoder.length]
        each = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        chosen = choose(tokens, each, self.mask_rate, rng)
        masked = tokens.masked_fill(chosen, MASK)
        logits = generator.guess(module.generator, module.encoder.embedding, masked, chosen)
        corrupted = tokens.masked_scatter(chosen, generator.sample(logits, rng))
        target = tokens.masked_fill(~chosen, IGNORE)
        return Views((corrupted,), (target,), (corrupted != tokens,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (corrupted,), (target,), (replaced,) = views.inputs, views.targets, views.masks
        chosen = target != IGNORE
        masked = corrupted.masked_fill(chosen, MASK)
        logits = generator.guess(module.generator, module.encoder.embedding, masked, chosen)
        filling = cross_entropy(logits, target[chosen])
        real = corrupted != PAD
        suspicion = module.head(module.encoder.tokens(corrupted)[real])[:, 0]
        detection = generator.detection_loss(suspicion, replaced[real])
        suspected, truth = suspicion.detach() > 0, replaced[real]
        logs = {
            "generator_loss": filling.detach(),
            "detection_loss": detection.detach(),
            "replaced_found": (suspected & truth).sum() / truth.sum().clamp_min(1),
        }
        return Output(filling + self.weight * detection, logs)

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        if not info.vocabulary:
            return None
        p, q = self.mask_rate, 1 - self.mask_rate
        return math.log(info.vocabulary) - self.weight * (p * math.log(p) + q * math.log(q))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (corrupted,), (target,), (replaced,) = views.inputs, views.targets, views.masks
        rows = []
        for row in range(batch.size):
            chosen, wrong = target[row] != IGNORE, replaced[row]
            # A guess that is right counts as original: "kept".
            marks = [
                "replaced" if changed else "kept" if guessed else ""
                for changed, guessed in zip(wrong.tolist(), chosen.tolist(), strict=True)
            ]
            guesses = corrupted[row][wrong]
            panels = (
                original_panel(batch, row, data),
                token_panel(corrupted[row], marks, data, "text with guesses", "sees"),
                token_panel(guesses, ["answer"] * len(guesses), data, "not original", "answers"),
            )
            rows.append(panels)
        return Illustration("Which words are not the original ones?", tuple(rows))
