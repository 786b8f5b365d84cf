"""Messages to the support of an imagined online shop: twelve intents, from an own grammar.

The templates in `wordings/` are assigned to splits first; then messages are written from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from _common import OWN_LICENCE, target_folder, text_features, write
from _style import chatty, short_forms, typos
from _wordings import INTENTS, Filler, Part, Parts, item_for, lower, pick, split_parts

SEED = 12
COUNTS = {"train": 300, "validation": 100, "test": 200}  # of each intent
# What a message is made of, in order: a situation, a request, a plain line in the usual words.
# About one in eight does without the usual words.
SHAPES = {
    "p": 0.16,
    "sp": 0.18,
    "ps": 0.12,
    "pr": 0.12,
    "spr": 0.12,
    "pp": 0.12,
    "spp": 0.06,
    "sr": 0.06,
    "s": 0.03,
    "r": 0.03,
}
SECTIONS = {"s": "situations", "r": "requests", "p": "plain"}
GREETINGS = ("Hello,", "Hi,", "Hi there,", "Good morning,", "Good evening,", "Dear team,", "Hey,")
CLOSINGS = ("Thanks.", "Thank you.", "Many thanks.", "Cheers!", "Kind regards, <name>.", "<name>")
# "My kettle" is odd for what one does not have yet.
NOT_OWNED = ("product_question", "cancel_order")
WITHOUT_ORDER = ("login_problem", "end_subscription", "product_question")
CARD = {
    "name": "intents",
    "title": "Support messages",
    "modality": "text",
    "summary": (
        "Short messages to the support of an imagined online shop, twelve intents, written by a "
        "grammar whose templates never straddle splits."
    ),
    "label": "label",
    "factors": [],
    "group": "template",
    "normal_label": None,
    "size": None,
    "channels": None,
    "licence": OWN_LICENCE,
    "source": "written by make_intents.py from the templates in wordings/",
    "made_by": "make_intents.py",
}


def chosen_parts(rng: np.random.Generator, own: Parts, asides: Parts, intent: str) -> list[Part]:
    """Templates of one message, in order."""
    shape = str(rng.choice(list(SHAPES), p=list(SHAPES.values())))
    parts: list[Part] = []
    for letter in shape:
        parts.append(draw(rng, [part for part in own[SECTIONS[letter]] if part not in parts]))
    has_order = intent not in WITHOUT_ORDER
    if rng.random() < 0.25:
        known = [part for part in asides["asides"] if has_order or not marked(part, "ordered")]
        parts.insert(int(rng.integers(len(parts) + 1)), draw(rng, known))
    if rng.random() < 0.12:
        others = [part for part in asides["past"] if not marked(part, intent)]
        parts.insert(0, draw(rng, others))
    return parts


def draw(rng: np.random.Generator, parts: Sequence[Part]) -> Part:
    return parts[int(rng.integers(len(parts)))]


def marked(part: Part, mark: str) -> bool:
    return part.text.startswith(f"{mark}: ")


def without_mark(text: str) -> str:
    """An aside without its mark: the intent of an earlier matter, or `ordered`."""
    mark, _, rest = text.partition(": ")
    return rest if mark in (*INTENTS, "ordered") else text


def message(
    rng: np.random.Generator, own: Parts, asides: Parts, intent: str
) -> tuple[str, list[Part]]:
    """One message and the templates it was made from."""
    while True:
        parts = chosen_parts(rng, own, asides, intent)
        item = item_for(rng, parts)
        if item is not None:
            break
    filler = Filler(rng, item, owned=intent not in NOT_OWNED)
    sentences = [filler.fill(without_mark(part.text)) for part in parts]
    if rng.random() < 0.35:
        sentences[0] = f"{pick(rng, GREETINGS)} {lower(sentences[0])}"
    if rng.random() < 0.3:
        sentences.append(filler.fill(pick(rng, CLOSINGS)))
    return styled(rng, " ".join(sentences)), parts


def styled(rng: np.random.Generator, text: str) -> str:
    if rng.random() < 0.6:
        text = short_forms(text)
    if rng.random() < 0.18:
        text = chatty(text)
    return typos(rng, text, 3) if rng.random() < 0.3 else text


def template(parts: Sequence[Part]) -> str:
    """The names of the templates of one text; tests take it apart again."""
    return "+".join(part.name for part in parts)


def make_split(number: int, split: str, seen: set[str]) -> dict[str, list]:
    rng = np.random.default_rng([SEED, number])
    asides = split_parts(SEED, "asides")[split]
    columns: dict[str, list] = {"text": [], "label": [], "template": []}
    for label, intent in enumerate(INTENTS):
        own = split_parts(SEED, intent)[split]
        written = 0
        while written < COUNTS[split]:
            text, parts = message(rng, own, asides, intent)
            if text.lower() in seen:
                continue
            seen.add(text.lower())
            columns["text"].append(text)
            columns["label"].append(label)
            columns["template"].append(template(parts))
            written += 1
    order = rng.permutation(len(columns["text"]))
    return {name: [values[at] for at in order] for name, values in columns.items()}


def main() -> None:
    seen: set[str] = set()
    splits = {split: make_split(number, split, seen) for number, split in enumerate(COUNTS)}
    write(target_folder("intents"), CARD, text_features(INTENTS, template="string"), splits)


if __name__ == "__main__":
    main()
