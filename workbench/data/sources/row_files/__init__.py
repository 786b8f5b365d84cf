"""Files of rows, CSV and JSON, as columns: a reader gives a ``RowFile`` with an account of rows.

``delimited`` reads CSV and TSV: ``records`` divides lines into fields, ``layout`` finds the header,
``dialect`` chooses how to read. ``jsonlines`` reads JSON: ``json_shapes`` knows where its rows are,
``nested_cells`` takes objects in cells apart. ``encoding`` makes text of bytes. Only ``sources``
imports this folder.
"""
