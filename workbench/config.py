"""RunConfig: the one description of a run, and the only thing that launches anything.

Page, command line and notebook make the same one. It goes to JSON and back unchanged, is
validated here with messages that name field and remedy, and is stored with the run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench import json_types
from workbench.errors import RequestError
from workbench.options import option
from workbench.records import ConfigRecord

DEFAULT_SECONDS = 60.0
# Values of DataConfig.folders, .fit and .unsplit.
FOLDERS = ("label", "group", "split", "none")
FITS = ("crop", "pad", "squash")
UNSPLIT = ("train", "out")


@dataclass(frozen=True)
class DataConfig:
    """Where the samples come from and how they are read.

    source: ``sample:NAME``, a path, or ``hub:OWNER/NAME``. label, group: column names; ``None``
    means guessed (label) or none (group). text: text columns, joined. image: image column.
    folders: meaning of the folder names of an image tree: ``label``, ``group``, ``split`` (the
    uppermost ones, whatever they are called) or ``none``.
    size: side of the images in pixels, ``None`` for the native side if all are equal and at most
    64, else 64. samples: draw at most this many. channels: which channels of a multi-channel image
    (1 to 3 of them). length: longest text in tokens. fingerprint: content address of the prepared
    data; ``None`` until prepared; a source that has changed since is refused. split: the column
    that names splits, ``none`` for splits made here whatever the source says; ``None``: guessed.
    unsplit: where samples go whose split cell is empty: ``train`` or ``out``. fit: how pictures are
    made square: ``crop``, ``pad`` or ``squash``; ``None``: by their shapes. dedupe: leave out
    samples of other splits that equal a training sample, and repeats within a split.
    """

    source: str
    label: str | None = None
    group: str | None = None
    text: tuple[str, ...] | None = None
    image: str | None = None
    folders: str = "label"
    size: int | None = None
    samples: int | None = None
    channels: tuple[int, ...] | None = None
    length: int | None = None
    fingerprint: str | None = None
    split: str | None = None
    unsplit: str = "train"
    fit: str | None = None
    dedupe: bool = False


@dataclass(frozen=True)
class Budget:
    """Training time: exactly one of seconds, steps, epochs. The whole schedule fits into it."""

    seconds: float | None = None
    steps: int | None = None
    epochs: float | None = None

    def __post_init__(self) -> None:
        given = {k: v for k, v in dataclasses.asdict(self).items() if v is not None}
        if len(given) != 1:
            raise RequestError(
                f"{len(given)} budgets are given.",
                field="--seconds/--steps/--epochs",
                remedy="Give exactly one of --seconds, --steps, --epochs.",
            )
        ((name, value),) = given.items()
        if not 0 < value < 1e9:
            raise RequestError(
                f"'{value}' is not allowed.", field=f"--{name}", remedy="Give a number above 0."
            )


@dataclass(frozen=True)
class TrainOptions:
    """Options of the trainer that belong to no task; set by ``--set train.NAME=VALUE``."""

    batch_size: int | None = option(
        None,
        label="Batch size",
        help="Samples a step. Auto: on a processor 128 images or 32 texts (256 for a bag of "
        "words), on a GPU 256; fewer for little data and for long texts.",
        low=2,
        high=65536,
    )
    learning_rate: float | None = option(
        None,
        label="Learning rate",
        help="Peak learning rate. Auto: the task's own, scaled to the batch where that helps.",
        low=0.0,
        high=1000.0,
    )
    weight_decay: float | None = option(
        None, label="Weight decay", help="Auto: the task's own.", low=0.0, high=10.0
    )
    optimizer: str | None = option(
        None,
        label="Optimizer",
        help="Auto: the task's own. muon: Muon for convolutions and for the matrices of "
        "transformer blocks, AdamW for the rest.",
        choices=("adamw", "sgd", "muon"),
    )
    warmup: float = option(
        0.05,
        label="Warm-up",
        help="Share of the budget in which the learning rate rises from 0 to its peak.",
        low=0.0,
        high=0.9,
    )
    passes: float | None = option(
        None,
        label="Most passes",
        help="A run of seconds ends after so many passes over the training samples; 0 is no limit. "
        "Auto: the task's own. Few have one: those that soon learn single samples by heart.",
        low=0.0,
        high=1e6,
        advanced=True,
    )
    clip: float = option(
        0.0,
        label="Gradient clipping",
        help="Largest gradient norm; 0 switches clipping off.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )
    precision: str = option(
        "auto",
        label="Precision",
        help="bf16 halves the work where the processor has instructions for it; auto asks it.",
        choices=("auto", "fp32", "bf16"),
        advanced=True,
    )
    threads: int | None = option(
        None,
        label="Threads",
        help="Threads of the processor. Auto: all cores, from 4 cores on all but one. Results "
        "repeat bit for bit with the same number of threads.",
        low=1,
        high=1024,
        advanced=True,
    )
    compile: bool = option(
        False,
        label="Compile",
        help="torch.compile before the clock starts; seldom pays in runs of minutes.",
        advanced=True,
    )
    check_every: float | None = option(
        None,
        label="Check every",
        help="Share of the run between two collapse checks. Auto: 0.02, or more where checks would "
        "take over an eighth of the training time. An alarm needs five checks.",
        low=0.001,
        high=0.2,
        advanced=True,
    )
    stop_on_collapse: bool = option(
        False,
        label="Stop on complete collapse",
        help="End the run when the collapse check says complete collapse.",
    )


@dataclass(frozen=True)
class EvalOptions:
    """Options of the evaluation; set by ``--set eval.NAME=VALUE``."""

    full: bool = option(
        False,
        label="Evaluate on everything",
        help="Lift the limits of 10,000 training, 2,000 validation and 5,000 test samples, and "
        "those that keep scoring in proportion to the training time. Short: --full.",
    )
    neighbours: int = option(
        20,
        label="Neighbours",
        help="kNN accuracy: how many nearest training samples vote for the class of a sample, also "
        "in the check during training. Small classes lower it: at most half of the median class.",
        low=1,
        high=200,
    )
    whiten: bool = option(
        False,
        label="Whiten",
        help="Whiten features before they are scored, so that all directions vary alike. Fitted on "
        "training samples, without labels. The untrained encoder's features are whitened too.",
        advanced=True,
    )
    label_efficiency: bool = option(
        True, label="Label efficiency", help="Scores with 1, 5, 10, 50, 100 labels a class."
    )
    factors: bool = option(
        True,
        label="Probe every factor",
        help="Linear probe for every further label column beside the label, up to 8.",
    )
    nuisances: bool = option(
        True,
        label="Nuisance probe",
        help="How well the features tell brightness, colour, length and groups. Needs no labels.",
        advanced=True,
    )
    fine_tuning: bool | None = option(
        None,
        label="Fine-tuning",
        help="Train the whole encoder on 10 labels a class, and the untrained encoder too: 3 draws "
        "of labels, 200 steps each, the learning rate chosen of 3. It takes a minute for the small "
        "conv net on a processor. Auto: for language-model tasks, if the training was long enough.",
    )
    supervised: bool = option(
        False,
        label="Supervised reference",
        help="Train the same encoder with labels for as many steps, and score it beside: about as "
        "long again as the run's own training. Kept for runs of the same encoder, seed and steps.",
    )
    pretrained: str | None = option(
        None,
        label="Pretrained encoder",
        help="A folder of a transformers model with safetensors, or hub:OWNER/NAME, to score "
        "beside, frozen. Large ones take long on a processor. Needs the extra 'pretrained'.",
        advanced=True,
    )


@dataclass(frozen=True)
class AugmentStep:
    """One augmentation by name, with the options that differ from its defaults."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides what a run does. See the module's docstring.

    options, encoder_options, train, eval: values by the names that the task, the encoder,
    TrainOptions and EvalOptions declare. augment and encoder: ``None`` means the task's own choice
    for these data; ``validate`` fills both in, so that a stored configuration has them.
    """

    data: DataConfig
    task: str
    options: Mapping[str, Any] = field(default_factory=dict)
    encoder: str | None = None
    encoder_options: Mapping[str, Any] = field(default_factory=dict)
    augment: tuple[AugmentStep, ...] | None = None
    budget: Budget = field(default_factory=lambda: Budget(seconds=DEFAULT_SECONDS))
    train: Mapping[str, Any] = field(default_factory=dict)
    eval: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    preset: str | None = None
    plugins: tuple[str, ...] = ()

    def to_json(self) -> ConfigRecord:
        """The configuration as JSON; ``from_json`` gives an equal RunConfig back."""
        record: ConfigRecord = json.loads(json.dumps(dataclasses.asdict(self), default=dict))
        record["budget"] = {k: v for k, v in record["budget"].items() if v is not None}
        return record

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> RunConfig:
        """The RunConfig that ``raw`` describes. Raises RequestError that names a bad field."""
        values = json_types.fields(cls, _with_data(raw), "")
        values["data"] = DataConfig(**json_types.fields(DataConfig, values["data"], "data."))
        if "budget" in values:
            values["budget"] = Budget(**json_types.fields(Budget, values["budget"], "budget."))
        if values.get("augment") is not None:
            values["augment"] = tuple(
                AugmentStep(**json_types.fields(AugmentStep, step, "augment."))
                for step in values["augment"]
            )
        return cls(**values)

    def digest(self) -> str:
        """Content address of the configuration: equal for equal requests."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_data(raw: Any) -> Any:
    """``raw`` with a data source that is a text (``"data": "sample:digits"``) as an object."""
    if isinstance(raw, Mapping) and isinstance(raw.get("data"), str):
        return {**raw, "data": {"source": raw["data"]}}
    return raw
