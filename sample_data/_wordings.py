"""Reads the wordings, splits them, and fills their slots with things, places, times and sums.

A line of a wordings file is one template. `[this|that]` offers a choice, `<slot>` is filled in,
`<Slot>` with a capital. Items remember whether they were named: first "the kettle", then "it".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from _common import SPLITS, stratified_split

FOLDER = Path(__file__).resolve().parent / "wordings"
INTENTS = (
    "track_order",
    "cancel_order",
    "change_address",
    "return_item",
    "refund_status",
    "damaged_item",
    "wrong_item",
    "payment_problem",
    "invoice",
    "login_problem",
    "end_subscription",
    "product_question",
)
SHARES = (0.58, 0.17, 0.25)

# Every item is singular; a slot with one of the kinds asks for an item of that kind.
ITEMS: dict[str, set[str]] = {
    "kettle": {"thing", "hard", "gadget", "lidded", "handled"},
    "desk lamp": {"thing", "hard", "gadget", "footed", "glass"},
    "toaster": {"thing", "hard", "gadget"},
    "radio": {"thing", "hard", "gadget", "battery", "handled"},
    "coffee grinder": {"thing", "hard", "gadget", "lidded"},
    "blender": {"thing", "hard", "gadget", "lidded", "glass"},
    "alarm clock": {"thing", "hard", "gadget", "battery", "glass"},
    "electric fan": {"thing", "hard", "gadget"},
    "hand mixer": {"thing", "hard", "gadget", "handled"},
    "food scale": {"thing", "hard", "gadget", "battery", "flat"},
    "wall mirror": {"thing", "hard", "flat", "glass"},
    "picture frame": {"thing", "hard", "flat", "glass"},
    "bookshelf": {"thing", "hard", "flat", "footed"},
    "bedside table": {"thing", "hard", "flat", "footed"},
    "kitchen stool": {"thing", "hard", "flat", "footed"},
    "storage chest": {"thing", "hard", "flat", "footed", "lidded", "handled"},
    "teapot": {"thing", "hard", "lidded", "handled", "glass"},
    "suitcase": {"thing", "hard", "lidded", "handled", "zipped"},
    "rucksack": {"thing", "zipped"},
    "tent": {"thing", "zipped"},
    "rain jacket": {"wear", "zipped"},
    "winter coat": {"wear", "zipped"},
    "cardigan": {"wear"},
    "jumper": {"wear"},
    "waistcoat": {"wear"},
    "dressing gown": {"wear"},
    "hooded top": {"wear", "zipped"},
    "summer dress": {"wear"},
}
KINDS = frozenset().union(*ITEMS.values())
NUMBERS = ("two", "three", "four", "five", "six", "eight", "nine", "ten", "twelve")
VALUES: dict[str, Sequence[str]] = {
    "colour": ("blue", "green", "grey", "red", "white", "black", "yellow", "dark brown"),
    "size": ("XS", "S", "M", "L", "XL"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    "days": (*(f"{number} days" for number in NUMBERS), "a week", "a fortnight", "three weeks"),
    "month": (
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November"),
    ),
    "town": (
        *("Leeds", "York", "Bath", "Truro", "Perth", "Derby", "Swansea", "Exeter", "Norwich"),
        *("Dundee", "Hull", "Kendal", "Lincoln", "Bangor", "Stirling", "Luton"),
    ),
    "street": (
        *("Mill Lane", "Station Road", "Church Street", "Elm Avenue", "Harbour Road"),
        *("School Hill", "Bridge Street", "Orchard Close", "Park Row", "Castle Terrace"),
    ),
    "name": (
        *("Priya Shah", "Tom Ashdown", "Grace Okoro", "Wei Lin", "Hannah Moss", "Owen Pryce"),
        *("Aisha Khan", "Ewan Muir", "Rosa Field", "Daniel Hart", "Ines Carter", "Jack Dunne"),
    ),
    "plan": (
        "the tea box",
        "the plant post",
        "the snack crate",
        "the book parcel",
        "the sock club",
    ),
    "fee": ("£2.50", "£3.95", "£4.50", "£4.99", "£5.95", "£7.50", "£8", "£12"),
    "code": ("SPRING10", "HELLO5", "FRIEND15", "SUN20", "WELCOME"),
}
TIMES = ("day", "days", "date", "month")
SLOT = re.compile(r"<([^<>]+)>")
ASKING = re.compile(r"\?|[Pp]lease|I want|I would like|I need")
CHOICE = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Part:
    """One template: its own name, such as `invoice-s07`, and its text."""

    name: str
    text: str

    @property
    def kinds(self) -> set[str]:
        """The kinds that the item must have for every mention of it to make sense."""
        return {slot.lower().removeprefix("a ") for slot in SLOT.findall(self.text)} & KINDS

    @property
    def asks(self) -> bool:
        """Whether it asks for something, or else tells something."""
        return ASKING.search(self.text) is not None


Parts = Mapping[str, Sequence[Part]]


def sections(file: str) -> dict[str, list[Part]]:
    """The parts of a wordings file by section; named after file, section and line."""
    found: dict[str, list[Part]] = {}
    section = ""
    for line in (FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            section = line[2:]
            found[section] = []
        elif line:
            number = len(found[section]) + 1
            name = f"{file}-{section.replace(' ', '-')}-{number:02d}"
            found[section].append(Part(name, line))
    return found


def split_parts(seed: int, file: str) -> dict[str, Parts]:
    """For each split the parts of a file that are its own: no part is in two splits."""
    rng = np.random.default_rng([seed, sum(map(ord, file))])
    out: dict[str, dict[str, Sequence[Part]]] = {split: {} for split in SPLITS}
    for section, parts in sections(file).items():
        cut = stratified_split(np.array([part.asks for part in parts]), SHARES, rng)
        for split, rows in zip(SPLITS, cut, strict=True):
            out[split][section] = [parts[row] for row in rows]
    return dict(out)


def pick(rng: np.random.Generator, among: Sequence[str]) -> str:
    return among[int(rng.integers(len(among)))]


def with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def lower(text: str) -> str:
    """Without the capital at the start, unless it is that of 'I' or of an abbreviation."""
    return text if re.match(r"I\b|[A-Z]{2}", text) else text[:1].lower() + text[1:]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def item_for(rng: np.random.Generator, parts: Sequence[Part]) -> str | None:
    """An item of all the kinds that the parts ask for, or None if there is none such."""
    kinds = set().union(*(part.kinds for part in parts))
    fitting = [name for name, has in ITEMS.items() if kinds <= has]
    return pick(rng, fitting) if fitting else None


@dataclass
class Filler:
    """Fills the slots of one text; what it has chosen stays chosen for the whole text."""

    rng: np.random.Generator
    item: str
    owned: bool  # whether "my kettle" makes sense
    mentioned: bool = False
    chosen: dict[str, str] = field(default_factory=dict)
    past: dict[str, set[str]] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        while match := CHOICE.search(text):
            choice = pick(self.rng, match[1].split("|"))
            text = text[: match.start()] + choice + text[match.end() :]
        return capital(SLOT.sub(lambda match: self.word(match[1]), text))

    def word(self, slot: str) -> str:
        word = self.lower_word(slot.lower(), starts=slot[0].isupper())
        return capital(word) if slot[0].isupper() else word

    def lower_word(self, slot: str, starts: bool) -> str:
        if slot == "it" or slot in KINDS:
            return self.mention(starts)
        if slot == "item":
            return self.item
        if slot == "a other":
            return with_article(self.keep("other"))
        if slot.startswith("a "):
            self.mentioned = True
            return with_article(self.item)
        if slot == "order":
            return pick(self.rng, ("my order", f"order {self.keep('no')}", "my last order"))
        return self.keep(slot)

    def mention(self, starts: bool) -> str:
        """'the kettle' at first; later mostly 'it'. The long form only starts a sentence."""
        if self.mentioned and self.rng.random() < 0.65:
            return "it"
        forms = ["the", "the", "my"] if self.owned else ["the"]
        named = f"{pick(self.rng, forms)} {self.item}"
        if starts and self.owned and not self.mentioned and self.rng.random() < 0.4:
            named = f"the {self.item} I ordered"
        self.mentioned = True
        return named

    def keep(self, slot: str) -> str:
        """The same value for the same slot; `day2` is another day than `day`."""
        if slot not in self.chosen:
            kind = slot.rstrip("2")
            taken = self.past.get(kind, set()) | {self.chosen.get(kind)}
            while (value := self.draw(kind)) in taken:
                pass
            self.chosen[slot] = value
        return self.chosen[slot]

    def new_times(self) -> None:
        """Days, dates and the like that follow are other ones than those named so far."""
        for slot in [name for name in self.chosen if name.rstrip("2") in TIMES]:
            self.past.setdefault(slot.rstrip("2"), set()).add(self.chosen.pop(slot))

    def draw(self, kind: str) -> str:
        if kind == "other":
            wear = "wear" in ITEMS[self.item]
            like = [n for n, kinds in ITEMS.items() if ("wear" in kinds) == wear]
            return pick(self.rng, [name for name in like if name != self.item])
        if kind == "no":
            return str(self.rng.integers(20000, 99999))
        if kind == "number":
            return str(self.rng.integers(11, 99))
        if kind == "money":
            return f"£{self.rng.integers(6, 180)}" + pick(self.rng, ("", ".50", ".99", ".95"))
        if kind == "date":
            return f"{self.rng.integers(1, 29)} {pick(self.rng, VALUES['month'])}"
        return pick(self.rng, VALUES[kind])
