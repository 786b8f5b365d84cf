"""Encoded images to arrays of one size, by one recipe.

Start with ``recipe`` (what is decided for all images of a data set), ``fit`` (how any shape becomes
one size) and ``decode`` (one image). ``orientation`` turns images upright, ``opening`` puts errors
into words, ``formats`` names what cannot be read, ``tiff`` reads what Pillow cannot, ``mask`` reads
masks. ``plan`` looks at headers alone; ``batch`` decodes all images of a listing in parallel. Only
``data`` and pages that draw frames import this folder.
"""
