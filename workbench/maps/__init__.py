"""Maps: many dimensions on a plane, and how far to trust them. Arrays in, arrays out.

One map a file: ``pca``, ``umap``; ``align`` turns one map onto another, ``trust`` and
``agreement`` say what may be read off them.
"""
