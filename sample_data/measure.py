"""Measures how hard the sample data are for baselines that learn nothing beforehand.

`python sample_data/measure.py [NAME ...]` prints one table a set, in Markdown. Images: raw pixels
and an untrained conv net under k nearest neighbours (k = 20, cosine of centred features) and
logistic regression; surfaces: distance to the nearest normal image, and from the oddest patches of
an image to their nearest normal patch. Texts: TF-IDF of words and
word pairs, and its 128 first singular directions (LSA); tickets: also which of two neighbouring
sentences comes first, told by bags of words. `--supervised` adds a small conv net trained with all
labels. The strength of the logistic regression is chosen on validation; every figure is on test.
"""

from __future__ import annotations

import argparse
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from PIL import Image
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.preprocessing import StandardScaler, normalize
from torch import nn

ROOT = Path(__file__).resolve().parent
NAMES = ("digits", "shapes", "surfaces", "scans", "intents", "tickets")
STRENGTHS = {"image": (1e-4, 1e-3, 1e-2, 1e-1), "text": (0.1, 1.0, 10.0, 100.0)}

Splits = dict[str, Any]


def read(name: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Card, and for each split its columns; images as float32 (n, channels, h, w) in 0..1."""
    card = json.loads((ROOT / name / "card.json").read_text(encoding="utf-8"))
    splits = {}
    for split in card["splits"]:
        columns = pq.read_table(ROOT / name / f"{split}.parquet").to_pydict()
        if card["modality"] == "image":
            columns["image"] = decode([cell["bytes"] for cell in columns["image"]])
        splits[split] = columns
    return card, splits


def decode(cells: list[bytes]) -> np.ndarray:
    stack = np.stack([np.asarray(Image.open(io.BytesIO(cell))) for cell in cells])
    stack = stack[:, None] if stack.ndim == 3 else stack.transpose(0, 3, 1, 2)
    return stack.astype(np.float32) / 255


def linear(
    features: Splits, targets: Splits, strengths: tuple[float, ...], tol: float = 1e-2
) -> float:
    """Test accuracy of logistic regression, its strength chosen on validation."""
    best, chosen = -1.0, None
    for strength in strengths:
        model = LogisticRegression(C=strength, max_iter=200, tol=tol)
        model.fit(features["train"], targets["train"])
        score = model.score(features["validation"], targets["validation"])
        if score > best:
            best, chosen = score, model
    return float(chosen.score(features["test"], targets["test"]))


def neighbours(features: Splits, targets: Splits) -> float:
    model = KNeighborsClassifier(20, weights="distance", metric="cosine")
    model.fit(features["train"], targets["train"])
    return float(model.score(features["test"], targets["test"]))


def majority(targets: Splits) -> float:
    """Test accuracy of always naming the most frequent class of the training split."""
    common = np.bincount(targets["train"]).argmax()
    return float(np.mean(np.asarray(targets["test"]) == common))


def anomaly(features: Splits, defective: np.ndarray) -> float:
    """AUROC of the distance to the nearest image of the training split."""
    model = NearestNeighbors(n_neighbors=1).fit(features["train"])
    return float(roc_auc_score(defective, model.kneighbors(features["test"])[0][:, 0]))


def patch_anomaly(images: Splits, seed: int = 0) -> np.ndarray:
    """Score of each test image: how far its five oddest places are from any place in training.

    A place is a patch of 9 x 9 pixels, kept as its 24 first principal components.
    """
    torch.manual_seed(seed)
    train, test = (
        nn.functional.unfold(torch.from_numpy(images[split]), 9, stride=stride).transpose(1, 2)
        for split, stride in (("train", 5), ("test", 4))
    )
    places = train.reshape(-1, train.shape[-1])
    places = places[torch.randperm(len(places))[:15000]]
    mean = places.mean(0)
    directions = torch.pca_lowrank(places, 24)[2]
    known = (places - mean) @ directions
    distances = [torch.cdist((image - mean) @ directions, known).min(1).values for image in test]
    return torch.stack([distance.topk(5).values.mean() for distance in distances]).numpy()


def standardised(features: Splits) -> Splits:
    scaler = StandardScaler().fit(features["train"])
    return {split: scaler.transform(rows) for split, rows in features.items()}


def centred(pixels: Splits) -> Splits:
    """Pixels less their mean image, on one common scale: rarely inked ones are not blown up."""
    mean, scale = pixels["train"].mean(axis=0), pixels["train"].std()
    return {split: (rows - mean) / scale for split, rows in pixels.items()}


def conv_net(channels: int, side: int) -> nn.Module:
    """Small conv net: strided blocks down to about 4 x 4, mean over places; 128 numbers out."""
    layers: list[nn.Module] = []
    width, before = 32, channels
    while side > 4:
        layers += [nn.Conv2d(before, width, 3, stride=2, padding=1), nn.BatchNorm2d(width)]
        layers += [nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)]
        layers += [nn.ReLU()]
        before, width, side = width, min(2 * width, 128), side // 2
    layers += [nn.Conv2d(before, 128, 3, padding=1), nn.BatchNorm2d(128), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def untrained(images: Splits, seed: int = 0) -> Splits:
    torch.manual_seed(seed)
    _, channels, side, _ = images["train"].shape
    net = conv_net(channels, side).train()
    with torch.no_grad():  # one pass in training mode gives the norms their statistics
        net(torch.from_numpy(images["train"][:512]))
    net.eval()
    return {split: encode(net, rows) for split, rows in images.items()}


def encode(net: nn.Module, images: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        parts = [net(torch.from_numpy(part)) for part in np.array_split(images, 16)]
    return torch.cat(parts).numpy()


def supervised(images: Splits, targets: Splits, epochs: int = 20, seed: int = 0) -> float:
    """Test accuracy of the conv net trained with every label of the training split."""
    torch.manual_seed(seed)
    x, y = torch.from_numpy(images["train"]), torch.tensor(targets["train"])
    net = nn.Sequential(conv_net(x.shape[1], x.shape[2]), nn.Linear(128, int(y.max()) + 1))
    steps = epochs * (len(x) // 64)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
    net.train()
    for step in range(steps):
        if step % (len(x) // 64) == 0:
            order = torch.randperm(len(x))
        rows = order[step % (len(x) // 64) * 64 :][:64]
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    net.eval()
    return float(np.mean(encode(net, images["test"]).argmax(1) == np.asarray(targets["test"])))


def targets_of(splits: Splits, column: str) -> Splits:
    return {split: columns[column] for split, columns in splits.items()}


def measure_images(card: dict[str, Any], splits: Splits, with_supervised: bool) -> None:
    images = {split: columns["image"] for split, columns in splits.items()}
    pixels = {split: rows.reshape(len(rows), -1) for split, rows in images.items()}
    sources = {"pixels": centred(pixels), "untrained": standardised(untrained(images))}
    if card["normal_label"] is not None:
        normal = card["classes"].index(card["normal_label"])
        labels = np.asarray(splits["test"]["label"])
        odd = patch_anomaly(images)
        print("| AUROC of | pixels | untrained | patches |\n|---|---|---|---|")
        for number, name in enumerate(card["classes"]):
            if number == normal:
                continue
            rows = np.isin(labels, [normal, number])
            scores = [auroc_on(features, labels != normal, rows) for features in sources.values()]
            scores.append(float(roc_auc_score(labels[rows] != normal, odd[rows])))
            print(f"| {name} | " + " | ".join(f"{score:.3f}" for score in scores) + " |")
        scores = [anomaly(features, labels != normal) for features in sources.values()]
        scores.append(float(roc_auc_score(labels != normal, odd)))
        print("| all defects | " + " | ".join(f"{score:.3f}" for score in scores) + " |")
    head = ["always the same", "pixels kNN", "pixels linear", "untrained kNN", "untrained linear"]
    head += ["net trained with labels"] * with_supervised
    print("\n| accuracy on | " + " | ".join(head) + " |\n" + "|---" * (len(head) + 1) + "|")
    columns = [] if card["normal_label"] is not None else [card["label"]]
    for column in columns + card["factors"]:
        targets = targets_of(splits, column)
        scores = [majority(targets)]
        for features in sources.values():
            scores.append(neighbours(features, targets))
            scores.append(linear(features, targets, STRENGTHS["image"]))
        cells = [f"{score:.3f}" for score in scores]
        if with_supervised:
            first = column == (columns + card["factors"])[0]
            cells.append(f"{supervised(images, targets):.3f}" if first else "")
        print(f"| {column} | " + " | ".join(cells) + " |", flush=True)


def auroc_on(features: Splits, defective: np.ndarray, rows: np.ndarray) -> float:
    return anomaly({"train": features["train"], "test": features["test"][rows]}, defective[rows])


def tfidf_accuracy(splits: Splits, strength: float = 10.0) -> float:
    """Test accuracy of TF-IDF (words and pairs) with logistic regression."""
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    rows = vectoriser.fit_transform(splits["train"]["text"])
    model = LogisticRegression(C=strength, max_iter=1000).fit(rows, splits["train"]["label"])
    test = vectoriser.transform(splits["test"]["text"])
    return float(model.score(test, splits["test"]["label"]))


def sentences_of(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def neighbours_in_order(texts: list[str], seed: int = 0) -> tuple[list[str], list[str], np.ndarray]:
    """From each text one pair of neighbouring sentences, every second one swapped."""
    rng = np.random.default_rng(seed)
    firsts, seconds = [], []
    swapped = np.arange(len(texts)) % 2
    for text, swap in zip(texts, swapped, strict=True):
        sentences = sentences_of(text)
        at = int(rng.integers(len(sentences) - 1))
        pair = sentences[at : at + 2]
        firsts.append(pair[swap])
        seconds.append(pair[1 - swap])
    return firsts, seconds, swapped


def order_accuracy(splits: Splits) -> float:
    """How often bags of words tell which of two neighbouring sentences comes first."""
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectoriser.fit([part for text in splits["train"]["text"] for part in sentences_of(text)])
    features, targets = {}, {}
    for name, columns in splits.items():
        firsts, seconds, targets[name] = neighbours_in_order(columns["text"])
        features[name] = vectoriser.transform(firsts) - vectoriser.transform(seconds)
    return linear(features, targets, STRENGTHS["text"], tol=1e-4)


def measure_texts(splits: Splits) -> None:
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectoriser.fit(splits["train"]["text"])
    tfidf = {name: vectoriser.transform(columns["text"]) for name, columns in splits.items()}
    projection = TruncatedSVD(128, random_state=0).fit(tfidf["train"])
    lsa = {name: normalize(projection.transform(rows)) for name, rows in tfidf.items()}
    targets = targets_of(splits, "label")
    print(
        "| accuracy on | TF-IDF linear | TF-IDF kNN | LSA linear | LSA kNN |\n" + "|---" * 5 + "|"
    )
    scores = [
        score
        for features in (tfidf, lsa)
        for score in (
            linear(features, targets, STRENGTHS["text"], tol=1e-4),
            neighbours(features, targets),
        )
    ]
    print("| label | " + " | ".join(f"{score:.3f}" for score in scores) + " |")
    if "sentences" in splits["train"]:
        print(f"| order of two neighbouring sentences | {order_accuracy(splits):.3f} | | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--supervised", action="store_true", help="add a net trained with labels")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.names:
        card, splits = read(name)
        print(f"\n### {name}\n")
        if card["modality"] == "image":
            measure_images(card, splits, options.supervised)
        else:
            measure_texts(splits)


if __name__ == "__main__":
    main()
