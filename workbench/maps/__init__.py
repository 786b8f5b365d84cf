"""Maps: many dimensions on a plane, and how far to trust them. Arrays in, arrays out.

``pca.py`` and ``umap.py`` make maps, ``align.py`` turns one onto another, ``frames.py`` does so for
all checks of a run, ``satellites.py`` puts new points on a map. ``trust.py``, ``agreement.py``,
``movers.py`` and ``cohesion.py`` measure what may be read from maps and representations, all by the
nearest neighbours of ``neighbours.py``: start there. ``word_counts.py`` gives texts as features.

Every room above may import this one. It knows ``diagnostics`` and ``evaluation``, which are arrays
too, but no store, no data set and no run: those are read by ``stored_runs/map_files.py``.
"""
