"""From a ``Listing`` to a cache folder: draw samples, decode, split, write.

Start with ``build``. It calls ``images`` or ``texts``, which have the same functions: ``usable``,
``read``, ``write``. ``labels`` has the label columns as class indices, ``division`` which samples
stay and their splits. ``sample_facts`` is what they report of the samples. Only ``data.preparing``
imports this folder.
"""
