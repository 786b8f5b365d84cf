"""The account of a source: numbers that add up, and one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.data.account import Account, together
from workbench.data.listing import Listing


def test_what_is_left_out_is_counted_by_reason_and_taken_is_the_rest() -> None:
    account = Account(10, {"without a text": 2}).without("not drawn", 3).without("not drawn", 1)
    assert (account.taken, dict(account.left_out)) == (4, {"without a text": 2, "not drawn": 4})
    assert account.without("never", 0) is account
    assert account.notes() == ("Of 10 rows 4 were taken; left out: 2 without a text, 4 not drawn.",)
    assert Account(10).notes() == ()


def test_more_than_was_found_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="left out"):
        Account(3, {"hidden": 4})
    with pytest.raises(ValueError, match="left out"):
        Account(3, {"hidden": -1})


def test_accounts_of_several_files_are_one() -> None:
    total = together([Account(5, {"a": 1}, "files"), Account(7, {"a": 2, "b": 1}, "files")])
    assert (total.found, dict(total.left_out), total.unit) == (12, {"a": 3, "b": 1}, "files")


def test_a_listing_whose_account_does_not_lead_to_its_samples_is_refused() -> None:
    split = np.full(2, -1, np.int8)
    listing = Listing("text", ["a", "b"], split, texts=lambda: ["x", "y"], account=Account(3))
    with pytest.raises(ValueError, match="does not lead to 2 samples"):
        _ = listing.accounted
    assert Listing("text", ["a", "b"], split, texts=lambda: ["x", "y"]).accounted == Account(2)
