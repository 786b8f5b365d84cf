"""Encoded images to arrays of one size, by one recipe.

Start with ``recipe`` (what is decided for all images of a data set) and ``decode`` (one image).
``batch`` decodes all images of a listing in parallel; ``tiff`` reads what Pillow cannot. Only
``data`` imports this folder.
"""
