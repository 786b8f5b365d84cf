"""Names in notes: in quotes, few of many, and cut."""

from __future__ import annotations

from workbench.data.wording import quoted, shortened


def test_few_of_many_names_are_quoted_and_the_rest_is_counted() -> None:
    names = ["a", "b", "c", "d", "e"]
    assert quoted(names[:3]) == "'a', 'b', 'c'"
    assert quoted(names) == "'a', 'b', 'c' and 2 more"
    assert quoted(iter(names), 4) == "'a', 'b', 'c', 'd' and 1 more"
    assert quoted(names, None) == "'a', 'b', 'c', 'd', 'e'"


def test_a_long_text_is_cut() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcdef..."
