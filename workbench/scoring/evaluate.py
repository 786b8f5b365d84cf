"""After training: embed, score beside the baselines, and write map, spectrum and embeddings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from workbench import paths
from workbench.config import RunConfig
from workbench.data.dataset import SPLITS, Dataset
from workbench.evaluation import run_files
from workbench.evaluation.feature_scores import Scored
from workbench.evaluation.scores import Evaluation
from workbench.records import Gain, Score
from workbench.scoring import references, sample_plan
from workbench.scoring.embedding import embed, embed_untrained, project
from workbench.scoring.files import RunFiles
from workbench.scoring.finetuning import fine_tuning, wanted
from workbench.scoring.order_probe import order_probe
from workbench.scoring.scorer import Scorer
from workbench.scoring.trained_run import Rows, Splits, TrainedRun
from workbench.tasks.base import Task
from workbench.training import instances
from workbench.training.batches import batches_of_rows
from workbench.training.device import Placement
from workbench.training.encode import ENCODE_BATCH
from workbench.training.fresh import fresh_module
from workbench.training.ports import Artifacts, Control, Events
from workbench.training.trainer import Trained


def evaluate_run(
    config: RunConfig,
    data: Dataset,
    trained: Trained,
    placement: Placement,
    events: Events,
    artifacts: Artifacts,
    control: Control,
    *,
    home: Path,
) -> None:
    """Score the trained encoder and write what pages and maps need.

    home: where scores of baselines are kept, beside the prepared data. Scores come first, for a
    run is finished when they are written. Raises RunError if an embedding is not a number.
    """
    shelf = paths.cache_dir(home) / data.info.fingerprint / "baselines"
    samples = sample_plan.plan(config, data, trained, placement, shelf)
    if samples.note is not None:
        events.note(samples.note)
    run = TrainedRun(config, data, samples.rows, trained, placement, events, control, shelf)
    h = embed(trained.module.encoder, data, samples.rows, placement)  # type: ignore[arg-type]
    u = embed_untrained(run)
    scores = _score(run, h, u) if samples.scored else _no_scores()
    if not samples.scored and data.info.label is not None:
        events.summary({"unscored": True})
    events.summary(
        {
            "scores": scores.test,
            "gains": scores.gains,
            "validation_scores": scores.validation,
            "validation_gains": scores.validation_gains,
        }
    )
    for note in scores.notes:
        events.note(note)
    _write_files(run, artifacts, scores.main, h, u, samples.mapped)
    events.summary({"map_rows": len(samples.mapped)})
    if samples.scored and wanted(run, samples.spare, samples.encoding):
        # Last, for it takes longest: all else is written by now.
        tuned, gained = fine_tuning(run)
        _add_totals(data, tuned)
        events.summary({"scores": scores.test + tuned, "gains": scores.gains + gained})


@dataclass(frozen=True)
class RunScores:
    """Everything that is scored of one run. main: of the label. notes: each once."""

    main: Evaluation
    test: list[Score]
    gains: list[Gain]
    validation: list[Score]
    validation_gains: list[Gain]
    notes: list[str]


def _no_scores() -> RunScores:
    return RunScores(Evaluation(), [], [], [], [], [])


def _score(run: TrainedRun, h: Splits, u: Splits) -> RunScores:
    """Labels, factors, the task's own answers, and what should not matter."""
    scorer = Scorer(run, h, u, references.features(run))
    with _one_thread():
        targets = list(scorer.all_targets().values())
        nuisances = scorer.nuisances() if run.options.nuisances else Scored()
        reads_order = instances.task_of(run.config).reads_order
        ordered, order_gains = order_probe(run) if reads_order else ([], [])
    validated = [target.validation for target in targets if target.validation is not None]
    of_nuisances = nuisances.validation or Scored()
    notes = [note for target in targets for note in target.notes]
    scores = RunScores(
        main=targets[0],
        test=[*_scores(targets), *held_out(run), *ordered, *nuisances.scores],
        gains=[*_gains(targets), *order_gains],
        validation=[*_scores(validated), *of_nuisances.scores],
        validation_gains=_gains(validated),
        notes=list(dict.fromkeys([*notes, *nuisances.notes])),
    )
    _add_totals(run.data, [*scores.test, *scores.validation])
    return scores


def _write_files(
    run: TrainedRun, artifacts: Artifacts, main: Evaluation, h: Splits, u: Splits, mapped: Rows
) -> None:
    """Predictions, embeddings, spectrum, map, thumbnails."""
    files = RunFiles(artifacts, run.data)
    files.write_predictions(run.rows, main)
    files.write_embeddings(run.rows, h, u)
    h_mapped, u_mapped = (run_files.pick(features, run.rows, mapped) for features in (h, u))
    z = project(run.config, run.trained.module, h_mapped, run.placement)
    with _one_thread():
        files.write_spectra(h_mapped, u_mapped, z)
        files.write_map(mapped, h_mapped)
    if run.data.info.modality == "image":
        files.write_thumbnails(mapped)


@torch.no_grad()
def held_out(run: TrainedRun) -> list[Score]:
    """What the task says of its own answers on test samples, as scores; [] for most tasks, and
    where no sample is in test.

    The untrained module is made again from the run's seed.
    """
    task, module, placement = instances.task_of(run.config), run.trained.module, run.placement
    if type(task).held_out is Task.held_out or "test" not in run.rows:
        return []
    info = run.data.info
    encoder = instances.encoder_of(run.config)
    fresh = fresh_module(task, encoder, run.data, run.config.seed).module
    fresh = fresh.to(placement.device).eval()
    was_training = module.training
    module.eval()
    # Tasks may take the first few only: in an order of the data's own they would be of one kind.
    shuffled = np.random.default_rng(0).permutation(run.rows["test"])
    batches = batches_of_rows(run.data, shuffled, placement.device, ENCODE_BATCH)
    with placement.autocast():
        answers = task.held_out(module, fresh, batches)
    module.train(was_training)
    where = {"representation": "output", "target": info.modality, "split": "test"}
    return [cast(Score, {**dataclasses.asdict(answer), **where}) for answer in answers]


def _scores(evaluations: Sequence[Evaluation]) -> list[Score]:
    return [score for evaluation in evaluations for score in evaluation.scores]


def _add_totals(data: Dataset, scores: Sequence[Score]) -> None:
    """Put the size of its split into each score."""
    rows = {str(split): data.rows(split) for split in SPLITS}
    for score in scores:
        of_split = rows[score["split"]]
        score["total"] = of_split.stop - of_split.start


def _gains(evaluations: Sequence[Evaluation]) -> list[Gain]:
    return [gain for evaluation in evaluations for gain in evaluation.gains]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hundreds of small products: threads that wait for one another on a busy machine made these
    five to ten times slower, and on an idle one they win little."""
    with threadpool_limits(1, user_api="blas"):
        yield
