import pytest

from qa.gate.writing import plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("晚上11点", "23时"),
        ("晚上十一点关门", "23时关门"),
        ("半夜十二点", "零点"),
        ("凌晨零点", "24时"),
        ("下午3点半", "15时30分"),
        ("中午1点", "13时"),
        ("早8点到晚8点", "8时到20时"),
        ("夜里两点", "凌晨2时"),
        ("11 p.m.", "23 o'clock"),
        ("6:30 am", "6 o'clock 30"),
        ("midnight", "12 a.m."),
        ("三月五日", "3月5日"),
    ],
)
def test_one_time_written_in_two_ways(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("晚上11点", "上午11点"), ("下午3点", "凌晨3点"), ("中午12点", "半夜12点"), ("11 p.m.", "11 a.m.")],
)
def test_times_that_differ(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@pytest.mark.parametrize("text", ["三点建议", "一时难以解决", "每12小时", "新时代", "起点高", "2023年12月时"])
def test_what_only_looks_like_a_time_stays(text: str) -> None:
    assert plain(text) == text
