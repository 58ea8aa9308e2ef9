import pytest

from qa.dictionary import load_dictionary
from qa.naming import places_in_english


@pytest.mark.parametrize(
    ("question", "word", "term"),
    [
        ("How many new-type communities have been established?", "communities", "社区"),
        ("How many new-type communities have been established?", "new type", "新型"),
        ("What is the GDP target?", "GDP", "生产总值"),
        ("How many kilometres of sea wall were built?", "kilometres", "公里"),
        ("Who modernised the water system?", "modernised", "现代化"),
    ],
)
def test_an_english_word_is_known_in_chinese(question: str, word: str, term: str) -> None:
    assert term in load_dictionary().terms(question)[word]


def test_words_of_asking_and_unknown_words_stand_for_nothing() -> None:
    terms = load_dictionary().terms("How much did the Zzyzx widget cost, and when?")
    assert not {"How", "much", "when", "the"} & set(terms)
    assert terms["Zzyzx"] == frozenset()


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("How many households does the average community in Huangshan have?", {"黄山"}),
        ("How many new-type communities has Hubei province established?", {"湖北"}),
        ("What did the council decide in May?", set()),
        ("how many people live there?", set()),
    ],
)
def test_a_place_is_known_by_its_pinyin(question: str, places: set[str]) -> None:
    assert places_in_english(question) == places
