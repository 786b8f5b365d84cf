"""Presets: named lists of augmentations as published, and as they suit the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench import registry
from workbench.augment.canonical_form import canonical_form
from workbench.augment.suitability import small_gray
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo
from workbench.declared import Modality
from workbench.errors import RequestError, unknown_name
from workbench.options import build, values_of


@dataclass(frozen=True)
class AugmentPreset:
    """A named list of augmentations.

    steps: as published; ``steps`` of this module adapts them to the data. small_gray: those for
    gray images of at most 32 pixels a side, if they are others: such images are taken for
    characters.
    """

    name: str
    title: str
    summary: str
    modalities: tuple[Modality, ...]
    reference: str
    steps: tuple[AugmentStep, ...]
    small_gray: tuple[AugmentStep, ...] | None = None

    def describe(self) -> dict[str, Any]:
        """The object that ``workbench list presets --json`` gives."""
        modality: Any = self.modalities[0] if len(self.modalities) == 1 else list(self.modalities)
        return {
            "name": self.name,
            "title": self.title,
            "modality": modality,
            "family": "preset",
            "summary": self.summary,
            "reference": self.reference,
            "options": [],
            "steps": [{"name": step.name, "options": dict(step.options)} for step in self.steps],
        }


def _steps(**steps: Mapping[str, Any]) -> tuple[AugmentStep, ...]:
    return tuple(AugmentStep(name, options) for name, options in steps.items())


_CHARACTERS = _steps(
    random_resized_crop={"scale": [0.5, 1.0]},
    affine={"translate": 0.05, "shear": 8.0},
)
_SMALL_GRAY = _steps(
    random_resized_crop={"scale": [0.4, 1.0]},
    affine={"translate": 0.05, "shear": 8.0},
    brightness_contrast={},
    gaussian_noise={"sigma": [0.0, 0.05]},
)

PRESETS: tuple[AugmentPreset, ...] = (
    AugmentPreset(
        "none",
        "No augmentation",
        "The samples as they are.",
        ("image", "text"),
        "",
        (),
    ),
    AugmentPreset(
        "simclr",
        "SimCLR",
        "Crops (from a fifth of the area on, as short runs need), mirror images, strong colour "
        "shifts, grays, blur. Gray images of at most 32 pixels "
        "get crops, small slants, brightness and noise instead, without mirror images: characters "
        "would lose their identity. Larger gray ones, and where training is normals only, get "
        "crops of at least 30 %, which seldom miss a lesion or a defect.",
        ("image",),
        "Chen et al. 2020, arXiv 2002.05709, appendices A and B.9",
        _steps(
            random_resized_crop={},
            horizontal_flip={},
            color_jitter={"brightness": 0.8, "contrast": 0.8, "saturation": 0.8, "hue": 0.2},
            grayscale={},
            gaussian_blur={"sigma": [0.1, 2.0], "p": 0.5},
        ),
        small_gray=_SMALL_GRAY,
    ),
    AugmentPreset(
        "byol",
        "BYOL",
        "As SimCLR, with weaker colour shifts, and solarized at times. The paper's two recipes for "
        "the two views are averaged into one.",
        ("image",),
        "Grill et al. 2020, arXiv 2006.07733, appendix B",
        _steps(
            random_resized_crop={},
            horizontal_flip={},
            color_jitter={"saturation": 0.2},
            grayscale={},
            gaussian_blur={"sigma": [0.1, 2.0], "p": 0.55},
            solarize={"p": 0.1},
        ),
        small_gray=_SMALL_GRAY,
    ),
    AugmentPreset(
        "mae",
        "Crops and mirror images",
        "Crops and mirror images alone, for tasks that hide or turn what they show. Gray images of "
        "at most 32 pixels are not mirrored.",
        ("image",),
        "He et al. 2021, arXiv 2111.06377, appendix A.1",
        _steps(random_resized_crop={"scale": [0.2, 1.0]}, horizontal_flip={}),
    ),
    AugmentPreset(
        "gray",
        "Gray pictures",
        "Crops, mirror images, brightness, contrast and blur, for pictures without colour.",
        ("image",),
        "Chen et al. 2020, arXiv 2002.05709, appendix A, without colour",
        _steps(
            random_resized_crop={},
            horizontal_flip={},
            brightness_contrast={},
            gaussian_blur={"sigma": [0.1, 2.0], "p": 0.5},
        ),
    ),
    AugmentPreset(
        "characters",
        "Characters",
        "Crops of at least half, small turns, slants and shifts; never mirrored.",
        ("image",),
        "Simard et al. 2003",
        _CHARACTERS,
    ),
    AugmentPreset(
        "gray_scans",
        "Gray scans",
        "Crops of at least half, small turns, midtones, contrast and noise; never mirrored, as "
        "left and right may matter.",
        ("image",),
        "after Azizi et al. 2021, arXiv 2101.05224, section 3.2",
        _steps(
            random_resized_crop={"scale": [0.5, 1.0]},
            rotation={},
            brightness_contrast={"brightness": 0.2, "contrast": 0.2},
            gamma={},
            gaussian_noise={"sigma": [0.0, 0.03]},
        ),
    ),
    AugmentPreset(
        "mri",
        "Magnetic resonance scans",
        "As gray scans, with what differs from one MRI scanner to the next: uneven brightness, and "
        "noise of magnitudes. Colour images get neither.",
        ("image",),
        "after Pérez-García et al. 2021 (TorchIO), arXiv 2003.04696",
        _steps(
            random_resized_crop={"scale": [0.5, 1.0]},
            rotation={},
            bias_field={},
            gamma={},
            rician_noise={"sigma": [0.0, 0.05]},
        ),
    ),
    AugmentPreset(
        "xray",
        "X-rays",
        "Crops of at least 60 %, turns of up to 10 degrees, brightness, contrast, midtones and "
        "mild noise. Never mirrored, unlike the paper's: the side that the heart is on matters. "
        "Where it does not, add horizontal_flip.",
        ("image",),
        "after Sowrirajan et al. 2020 (MoCo-CXR), arXiv 2010.05352, section 3.2",
        _steps(
            random_resized_crop={"scale": [0.6, 1.0]},
            rotation={},
            brightness_contrast={"brightness": 0.2, "contrast": 0.2},
            gamma={},
            gaussian_noise={"sigma": [0.0, 0.02]},
        ),
    ),
    AugmentPreset(
        "microscopy",
        "Microscopy",
        "Quarter turns and mirror images, as cells have no right way up, crops of at least half, "
        "mild brightness, contrast and noise. Colours stay: a stain's hue means something.",
        ("image",),
        "after Cohen & Welling 2016, arXiv 1602.07576 (the group p4m); Ciga et al. 2020, "
        "arXiv 2011.13971",
        _steps(
            random_resized_crop={"scale": [0.5, 1.0]},
            right_angles={},
            vertical_flip={},
            brightness_contrast={"brightness": 0.2, "contrast": 0.2},
            gaussian_noise={"sigma": [0.0, 0.03]},
        ),
    ),
    AugmentPreset(
        "surface",
        "Surfaces",
        "Crops of at least 60 %, mirror images, light from one side, mild brightness and "
        "contrast. Nothing looks like a defect or hides one: no blur, noise, colour shifts or "
        "covered spots. No quarter turns: wood and cloth have a direction.",
        ("image",),
        "after Bergmann et al. 2019 (MVTec AD) and Li et al. 2021 (CutPaste), arXiv 2104.04015",
        _steps(
            random_resized_crop={"scale": [0.6, 1.0]},
            horizontal_flip={},
            vertical_flip={},
            lighting_gradient={"strength": [0.0, 0.2]},
            brightness_contrast={"brightness": 0.1, "contrast": 0.1},
        ),
    ),
    AugmentPreset(
        "eda",
        "Easy data augmentation",
        "A tenth of the words changes places, a tenth is left out. The paper's other two are "
        "augmentations of their own: synonym_replacement and token_insertion.",
        ("text",),
        "Wei & Zou 2019, arXiv 1901.11196",
        _steps(token_swap={"rate": 0.1}, token_deletion={"rate": 0.1}),
    ),
    AugmentPreset(
        "text_deletion",
        "Words left out",
        "A span and some words are left out: two such views of a text make a pair.",
        ("text",),
        "Wu et al. 2020 (CLEAR), arXiv 2012.15466",
        _steps(span_deletion={}, token_deletion={}),
    ),
)

# Of fine-tuning with few labels: crops that keep most of the image.
FINE_TUNING = _steps(random_resized_crop={"scale": [0.6, 1.0]})


def steps(name: str, info: DataInfo) -> tuple[AugmentStep, ...]:
    """The preset ``name`` for the data ``info``, each step in canonical form.

    Each augmentation says in ``adapted`` how it suits the data.
    Raises RequestError for an unknown preset, or one for the other kind of data.
    """
    presets = {preset.name: preset for preset in PRESETS}
    if name not in presets:
        raise unknown_name("preset", name, presets, field="--augment")
    preset = presets[name]
    if info.modality not in preset.modalities:
        fitting = [p.name for p in PRESETS if info.modality in p.modalities]
        raise RequestError(
            f"the preset '{name}' is for {' and '.join(preset.modalities)} data, "
            f"and '{info.name}' is {info.modality} data.",
            field="--augment",
            remedy=f"Give one of {', '.join(fitting)}.",
        )
    published = preset.steps
    if preset.small_gray is not None and small_gray(info):
        published = preset.small_gray
    suited = (adapted(step, info) for step in published)
    return tuple(step for step in suited if step is not None)


def adapted(step: AugmentStep, info: DataInfo) -> AugmentStep | None:
    """The step as its augmentation adapts it to the data, in canonical form; None if left out."""
    augmentation = build(registry.augmentation(step.name), step.options).adapted(info)
    if augmentation is None:
        return None
    return canonical_form(AugmentStep(augmentation.name, values_of(augmentation)))
