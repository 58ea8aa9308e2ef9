from decimal import Decimal

import pytest

from qa.gate.quantities import Kind, folded_quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.02亿元", "10200万元"),
        ("百分之四十", "４０％"),
        ("四成五", "45%"),
        ("一千二百三十四个", "1,234个"),
        ("两百万人", "200万人"),
        ("3900多个", "3900余个"),
        ("100多万人", "100万人"),
        ("2025年1月15日", "15 January 2025"),
        ("20 percent", "20%"),
        ("445 billion", "4450亿"),
        ("twenty-one", "21个"),
        ("第二十位", "第20位"),
        ("5274名", "5274人"),
        ("两成", "20%"),
        ("86-million", "8600万立方米"),
        ("1.2 million kilowatts", "120万千瓦"),
        ("3公顷", "45亩"),
        ("264亿斤", "1320万吨"),
        ("30公里", "3万米"),
    ],
)
def test_the_same_quantity_in_two_forms(one: str, other: str) -> None:
    (first,), (second,) = folded_quantities(one), folded_quantities(other)
    assert first.agrees(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.02亿元", "1.02万元"),
        ("40%", "40个百分点"),
        ("260个", "280个"),
        ("260公里", "260米"),
        ("2025年3月", "2025年4月"),
        ("第2位", "2个"),
        ("三分之一", "四分之一"),
        ("45公顷", "45亩"),
        ("5吨", "5公斤"),
        ("120万千瓦", "120万瓦"),
    ],
)
def test_different_quantities(one: str, other: str) -> None:
    assert not any(a.agrees(b) for a in folded_quantities(one) for b in folded_quantities(other))


def test_the_number_of_an_item_counts_nothing() -> None:
    (only,) = folded_quantities("2.集体经济达3万元以上")
    assert only.unit == "元"
    assert len(folded_quantities("2.5亿元，3个")) == 2


def test_words_that_look_like_numbers_are_none() -> None:
    assert folded_quantities("统一思想，一个也不能少，千方百计抓落实，十分重要。") == []
    assert folded_quantities("One of the schools may be closed.") == []
    (year,) = folded_quantities("in 2024")
    assert year.kind is Kind.DATE
    (money,) = folded_quantities("总投资298亿元")
    assert (money.value, money.unit) == (Decimal(29_800_000_000), "元")
