"""Encoders: the networks whose representation h is learned and scored.

Start reading at ``base.py``, which says what an encoder is and what each kind offers. ``conv.py``,
``vit.py`` and ``text.py`` declare them without torch; ``nets/`` holds their torch modules.
``defaults.py`` finds the encoder that a run gets when it names none. ``pretrained.py`` checks a
foreign model to compare with, ``pretrained_hub.py`` fetches it.

This room imports ``data``, ``registry`` and what is below them. Every room above it may import it;
``nets/`` only in processes that have torch.

To add one: ``docs/how-to/add-an-encoder.md``.
"""
