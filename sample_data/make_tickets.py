"""Support tickets of 3 to 8 sentences whose order matters: the same twelve intents as `intents`.

A ticket tells a story: greeting, how it began, what went wrong, waiting, what was tried and what
came of it, the request, the closing. Templates are assigned to splits first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from _common import OWN_LICENCE, target_folder, text_features, write
from _style import short_forms, typos
from _wordings import INTENTS, Filler, Part, Parts, item_for, lower, pick, split_parts
from make_intents import NOT_OWNED, draw, marked, template, without_mark

SEED = 38
COUNTS = {"train": 300, "validation": 100, "test": 200}  # of each intent
LONGEST = 8
GREETINGS = (
    "Hello, my name is <name>.",
    "Good morning from <town>.",
    "Hello everybody.",
    "Good evening.",
    "Dear team, I am writing to ask for your help.",
    "Hi there.",
)
# How it began, how time passed (None: not at all), what was tried; sections of story.txt.
STORY = {
    "track_order": ("order", "parcel", "parcel"),
    "cancel_order": ("fresh", None, "parcel"),
    "change_address": ("order", None, "parcel"),
    "return_item": ("order", "thing", "thing"),
    "refund_status": ("order", "parcel", "money"),
    "damaged_item": ("order", "thing", "thing"),
    "wrong_item": ("order", "thing", "thing"),
    "payment_problem": ("order", "parcel", "money"),
    "invoice": ("order", "parcel", "money"),
    "login_problem": ("account", "parcel", "account"),
    "end_subscription": ("account", "parcel", "account"),
    "product_question": ("interest", "interest", "interest"),
}
# Where one line may sum up another; elsewhere two reasons would contradict each other.
SUMMED_UP = ("track_order", "refund_status", "damaged_item", "wrong_item", "login_problem")
BUT = ("", "", "But ", "The thing is that ")
SO_QUESTION = ("", "My question now is: ", "So tell me, please: ")
SO_REQUEST = ("", "So ", "That is why I am writing: ")
# Connecting words go before what begins as a question or request, not before "It is ..., can I".
QUESTION = re.compile(
    r"(Am|Are|Can|Could|Did|Do|Does|Has|Have|How|Is|May|Should|To which|What|When|Where|Which|Who"
    r"|Why|Will|Would)\b"
)
REQUEST = re.compile(r"(I need|I want|I would|Kindly|Please)\b")
CARD = {
    "name": "tickets",
    "title": "Support tickets",
    "modality": "text",
    "summary": (
        "Support tickets of 3 to 8 sentences that tell a story in order, the same twelve intents "
        "as the support messages, and templates that never straddle splits."
    ),
    "label": "label",
    "factors": [],
    "group": "template",
    "normal_label": None,
    "size": None,
    "channels": None,
    "licence": OWN_LICENCE,
    "source": "written by make_tickets.py from the templates in wordings/",
    "made_by": "make_tickets.py",
}

Line = tuple[str, Part]  # the connecting words before it, and the template


def joined(start: str, sentence: str) -> str:
    return start + lower(sentence) if start else sentence


def problem(rng: np.random.Generator, own: Parts, intent: str) -> list[Line]:
    """What went wrong, in one sentence or two."""
    plain = [part for part in own["plain"] if not part.asks]
    situation, usual = draw(rng, own["situations"]), draw(rng, plain) if plain else None
    if usual is not None and intent in SUMMED_UP and rng.random() < 0.5:
        return [(pick(rng, BUT), situation), ("In short, ", usual)]
    return [(pick(rng, BUT), usual if usual is not None and rng.random() < 0.55 else situation)]


def request(rng: np.random.Generator, own: Parts, tried: bool) -> Line:
    usual = [part for part in own["plain"] if part.asks]
    part = draw(rng, usual if rng.random() < 0.8 else own["requests"])
    if part.text.endswith("?"):
        return (pick(rng, SO_QUESTION) if QUESTION.match(part.text) else ""), part
    words = (*SO_REQUEST, "After all that, ") if tried else SO_REQUEST
    return (pick(rng, words) if REQUEST.match(part.text) else ""), part


def story(
    rng: np.random.Generator, own: Parts, shared: Parts, asides: Parts, intent: str
) -> list[Line]:
    """The lines of one ticket after the greeting, in the order in which things happened."""
    opening, wait, tried = STORY[intent]
    lines: list[Line] = [("", draw(rng, shared[f"opening {opening}"]))]
    if rng.random() < 0.2:
        others = [part for part in asides["past"] if not marked(part, intent)]
        lines = [("", draw(rng, others)), ("Now to something new: ", lines[0][1])]
    lines += problem(rng, own, intent)
    if wait is not None and rng.random() < 0.4:
        lines.append(("", draw(rng, shared[f"wait {wait}"])))
    tries = rng.random() < 0.65
    if tries:
        lines.append(("", draw(rng, shared[f"tried {tried}"])))
    lines.append(request(rng, own, tries))
    if rng.random() < 0.6:
        lines.append(("", draw(rng, shared["closing"])))
    return lines


def ticket(
    rng: np.random.Generator, own: Parts, shared: Parts, asides: Parts, intent: str
) -> tuple[str, list[Part], int]:
    """One ticket, the templates it was made from, and its number of sentences."""
    while True:
        lines = story(rng, own, shared, asides, intent)
        parts = [part for _, part in lines]
        item = item_for(rng, parts)
        greets = rng.random() < 0.5
        # What was tried and what came of it are two sentences of one template.
        sentences = greets + sum(1 + (" | " in part.text) for part in parts)
        if item is not None and sentences <= LONGEST:
            break
    filler = Filler(rng, item, owned=intent not in NOT_OWNED)
    texts = [filler.fill(pick(rng, GREETINGS))] if greets else []
    for start, part in lines:
        texts += told(filler, start, part)
    return styled(rng, " ".join(texts)), parts, sentences


def told(filler: Filler, start: str, part: Part) -> list[str]:
    """The sentences of one line; times that it names are not named again later."""
    halves = without_mark(part.text).split(" | ")
    texts = [filler.fill(half) for half in halves]
    filler.new_times()
    return [joined(start, texts[0]), *texts[1:]]


def styled(rng: np.random.Generator, text: str) -> str:
    if rng.random() < 0.5:
        text = short_forms(text)
    return typos(rng, text, 3) if rng.random() < 0.25 else text


def make_split(number: int, split: str, seen: set[str]) -> dict[str, list]:
    rng = np.random.default_rng([SEED, number])
    shared, asides = split_parts(SEED, "story")[split], split_parts(SEED, "asides")[split]
    names = ("text", "label", "template", "sentences")
    columns: dict[str, list] = {name: [] for name in names}
    for label, intent in enumerate(INTENTS):
        own = split_parts(SEED, intent)[split]
        written = 0
        while written < COUNTS[split]:
            text, parts, sentences = ticket(rng, own, shared, asides, intent)
            if text.lower() in seen:
                continue
            seen.add(text.lower())
            for name, value in zip(names, (text, label, template(parts), sentences), strict=True):
                columns[name].append(value)
            written += 1
    order: Sequence[int] = rng.permutation(len(columns["text"])).tolist()
    return {name: [values[at] for at in order] for name, values in columns.items()}


def main() -> None:
    seen: set[str] = set()
    splits = {split: make_split(number, split, seen) for number, split in enumerate(COUNTS)}
    features = text_features(INTENTS, template="string", sentences="int8")
    write(target_folder("tickets"), CARD, features, splits)


if __name__ == "__main__":
    main()
