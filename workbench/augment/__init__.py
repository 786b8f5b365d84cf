"""Augmentations: random changes of a batch, each sample with its own draw.

Start reading at ``base.py``, which says what an augmentation is, then at ``policy.py``, which makes
a list of them into one function. Every other file holds one family, except these: ``presets.py``
(named lists), ``canonical_form.py``, ``edit.py`` and ``link.py`` (how lists are written),
``suitability.py`` (what suits which data), and ``changes.py`` (what became of the words of a text).
``parts/`` holds what several augmentations need.

This room imports ``data``, ``registry`` and what is below them. Every room above it may import it.
Nothing here imports torch at the top: lists and forms are made without it.

To add one: ``docs/how-to/add-an-augmentation.md``.
"""
