"""Masked language modelling: fill in the words that were masked out of a text.

Idea. A quarter of the tokens of each text are chosen anew each time it is seen. Most of them are
replaced by [MASK], some by a random token, some are left as they are; a transformer that looks both
ways names the original token at each chosen place. To do that it has to know what goes with what.

Paper. J. Devlin, M.-W. Chang, K. Lee, K. Toutanova, "BERT: Pre-training of Deep Bidirectional
Transformers for Language Understanding", arXiv 1810.04805, section 3.1 (task 1: cross-entropy at
the chosen tokens; 80 % [MASK], 10 % random, 10 % unchanged). Chosen anew at each pass as in RoBERTa
(Liu et al., arXiv 1907.11692, section 4.1). Output weights are the input embeddings.

Teaches. Which words keep company, some syntax, topic. The mean over tokens is a fair description of
a text's topic, not of its word order.

Fails. From scratch in minutes it learns word statistics first: the loss falls fast from log V, the
chance level of V tokens, to that of word frequencies, and stays there for a while. A vocabulary
learned from few texts has mostly rare tokens, of which nothing can be learned. With everything
masked only frequencies are left; with many labels TF-IDF beats it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    MASK, SPECIAL_TOKENS, Augmenter, Batch, BrokenPreset, Context, DataInfo, Illustration,
    IllustrationData, Needs, Optimum, Output, RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, vocabulary
from workbench.tasks.parts.corruption import IGNORE, choose, corrupt, mark, words
from workbench.tasks.parts.render import original_panel, token_panel


@dataclass(frozen=True)
class MLM(Task):
    """See the module's docstring."""

    name = "mlm"
    title = "Masked language modelling"
    summary = "Fill in the words that were masked out of a text."
    family = "language"
    modalities = ("text",)
    reference = "Devlin et al. 2018, arXiv 1810.04805"
    needs = Needs(encoders=("text",))
    # Ten times BERT's 1e-4, for nets a hundredth of its size and runs of a thousand steps.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    fine_tuned = True
    sees = "Sees a text in which some words are masked or replaced; it must name the original ones."
    starter = 3
    caution = (
        "Half a minute gains little, and not with every seed: it learns how often words occur "
        "before it learns which belong together."
    )

    mask_rate: float = option(
        0.25,
        label="Masked share",
        help="Share of the tokens to predict. BERT has .15; more predictions a step teach more in "
        "a short run, up to about .4 (Wettig et al., arXiv 2202.08005).",
        low=0.01,
        high=1.0,
    )
    mask_end: float | None = option(
        None,
        label="Masked share at the end",
        help="The masked share moves evenly to this one over the run. By default it stays. "
        "GPT-BERT lets it fall from .3 to .15 (Charpentier & Samuel, arXiv 2410.24159).",
        low=0.01,
        high=1.0,
        advanced=True,
    )
    whole_words: bool = option(
        False,
        label="Whole words",
        help="Mask all pieces of a word together, so that one piece does not give away the next.",
    )

    corruption: str = option(
        "bert",
        label="What becomes of them",
        help="bert: 80 % are masked, 10 % replaced by random words, 10 % left as they are, so the "
        "model cannot rely on masks. mask: all are masked.",
        choices=("bert", "mask"),
        advanced=True,
    )

    broken = (
        BrokenPreset(
            "mlm_all_masked",
            "Masked language modelling with everything masked",
            "Nothing of the text is left to answer from but its length.",
            "Wettig et al. 2022, arXiv 2202.08005, on how much can be masked",
            {"mask_rate": 1.0, "corruption": "mask"},
        ),
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        if (info.vocabulary or 0) <= len(SPECIAL_TOKENS):
            raise RequestError(
                f"'{info.name}' has no vocabulary besides special tokens.",
                field="--data",
                remedy="Give texts with words.",
            )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        parts = vocabulary.head(encoder)
        if self.mask_end is not None:
            parts["rate"] = torch.tensor(self.mask_rate)
        return heads.assemble(encoder=encoder, **parts)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        tokens = augment(batch, rng)
        units = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        if self.whole_words and batch.continues is not None:
            units = words(tokens, batch.continues)
        rate = self.mask_rate if self.mask_end is None else module.rate
        chosen = choose(tokens, units, rate, rng)
        if self.corruption == "mask":
            corrupted = tokens.masked_fill(chosen, MASK)
        else:
            corrupted = corrupt(tokens, chosen, module.encoder.vocabulary, rng)
        return Views((corrupted,), (tokens.masked_fill(~chosen, IGNORE),))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (corrupted,), (target,) = views.inputs, views.targets
        return vocabulary.name_tokens(module, corrupted, target)

    def after_step(self, module: Any, progress: float) -> None:
        if self.mask_end is not None:
            module.rate.fill_(self.mask_rate + progress * (self.mask_end - self.mask_rate))

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        return math.log(info.vocabulary) if info.vocabulary else None

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (corrupted,), (target,) = views.inputs, views.targets
        rows = []
        for row in range(batch.size):
            marks = [
                mark(*pair)
                for pair in zip(corrupted[row].tolist(), target[row].tolist(), strict=True)
            ]
            chosen = target[row] != IGNORE
            answers = [name for name in marks if name]
            rows.append(
                (
                    original_panel(batch, row, data),
                    token_panel(corrupted[row], marks, data, "corrupted text", "sees"),
                    token_panel(target[row][chosen], answers, data, "original tokens", "answers"),
                )
            )
        return Illustration("Which tokens stood at the marked places?", tuple(rows))
