"""Removing what a home does not need: a prepared data set (``data_removal.py``), and everything
that no run and no page needs, listed with its size first (``cleaning.py``).

Pages and the command ``clean`` import it.
"""
