"""The command ``workbench data``: what was read from a source, before anything is trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from workbench.cli.flags import home_option, json_option, reading_options
from workbench.cli.output import print_answer, show_progress
from workbench.requests.data_flags import data_config

_MOST_CLASSES = 20


@click.command(name="data")
@click.argument("source", metavar="D")
@reading_options
@home_option
@json_option
def data(source: str, home: Path, as_json: bool, **data_flags: Any) -> None:
    """Show what is read from D: counts, classes, what is left out and why, ten samples."""
    from workbench.data import prepare
    from workbench.data.preparing import account_now
    from workbench.data.report import report

    config = data_config({**data_flags, "source": source})
    prepared = prepare(config, home, show_progress)
    found = report(prepared, account_now(config, prepared)).to_json()
    print_answer(found, as_json, as_text)


def as_text(found: dict[str, Any]) -> str:
    """The report as lines for a terminal."""
    kind = "images" if found["modality"] == "image" else "texts"
    lines = [f"{found['name']}: {found['taken']:,} {kind}"]
    if found["size"]:
        height, width = found["size"]
        channels = "gray" if found["channels"] == 1 else f"{found['channels']} channels"
        lines.append(f"The encoder gets {height} x {width} pixels, {channels}.")
    if found["found"] is not None:
        lines.append(f"Found: {found['found']:,} {found['unit']}")
        lines += [f"  left out: {n:,} {reason}" for reason, n in found["left_out"].items()]
    lines.append("Splits: " + ", ".join(f"{name} {n:,}" for name, n in found["counts"].items()))
    lines += [
        f"  {n:,} {name} samples equal a training sample" for name, n in found["copies"].items()
    ]
    lines += _classes(found)
    lines += [f"- {note}" for note in found["notes"]]
    lines += ["Samples:", *(f"  {_sample(one)}" for one in found["samples"])]
    return "\n".join(lines)


def _classes(found: dict[str, Any]) -> list[str]:
    if not found["label"]:
        return ["No label."]
    classes = list(found["classes"].items())
    shown = ", ".join(f"{name} {n:,}" for name, n in classes[:_MOST_CLASSES])
    more = f", and {len(classes) - _MOST_CLASSES} more" if len(classes) > _MOST_CLASSES else ""
    lines = [f"Label '{found['label']}', {len(classes)} classes: {shown}{more}"]
    factors = [name for name in found["columns"] if name != found["label"]]
    if factors:
        lines.append(f"Other label columns: {', '.join(factors)}")
    if found["group"]:
        lines.append(f"Group: {found['group']}")
    return lines


def _sample(one: dict[str, Any]) -> str:
    label = "" if one["label"] is None else f"  [{one['label']}]"
    text = "" if one["text"] is None else f"  {one['text']}"
    return f"{one['split']:<10}  {one['id']}{label}{text}"


COMMANDS = (data,)
