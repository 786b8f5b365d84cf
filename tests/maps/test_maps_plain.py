from __future__ import annotations

import subprocess
import sys

import numpy as np

from workbench.maps.word_counts import word_rows

TEXTS = ["The cat sat on the mat", "the dog sat", "A dog and a cat!", "nothing", ""]


def test_words_are_weighed_as_the_reference_does() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    reference = TfidfVectorizer(sublinear_tf=True, min_df=2, token_pattern=r"(?u)\b\w+\b")
    wanted = reference.fit_transform(TEXTS).toarray()
    found = word_rows(TEXTS)
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=1e-6)
    assert found.shape == wanted.shape
    assert (found[3:] == 0).all()


def test_the_commonest_words_are_kept_and_texts_without_words_are_fine() -> None:
    assert word_rows(TEXTS, most=2).shape == (5, 2)
    assert word_rows(["", "!"]).shape == (2, 0)
    assert word_rows([]).shape == (0, 0)


def test_it_needs_no_sklearn() -> None:
    code = (
        "import sys, workbench.stored_runs.feature_spaces, workbench.stored_runs.agreement;"
        "print([m for m in ('torch', 'sklearn', 'umap') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
