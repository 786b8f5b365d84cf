"""From texts to tokens: what a text is changed to (``token_text``), the word pieces that are
learned and the tokens that texts are cut into (``vocabulary``), and where sentences begin
(``sentences``). The rest of the data room imports the names below. Start with ``vocabulary``.
"""

from __future__ import annotations

from workbench.data.tokenizer.vocabulary import FILE as FILE
from workbench.data.tokenizer.vocabulary import LARGEST as LARGEST
from workbench.data.tokenizer.vocabulary import continues as continues
from workbench.data.tokenizer.vocabulary import encode as encode
from workbench.data.tokenizer.vocabulary import load as load
from workbench.data.tokenizer.vocabulary import train as train

__all__ = ["FILE", "LARGEST", "continues", "encode", "load", "train"]
