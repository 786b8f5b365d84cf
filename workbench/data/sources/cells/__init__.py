"""Cells of tables: what a column holds, and what its values mean.

``content`` tells images, names of files, addresses and texts apart by the first rows. ``payload``
chooses the columns that hold the samples, ``files`` finds the files that cells name, ``classes``
makes one column of classes of all parts, ``splits`` reads a column that names splits. ``table``
puts them together; nothing else but the sources imports them.
"""
