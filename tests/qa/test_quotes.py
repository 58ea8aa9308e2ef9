from pathlib import Path

import pytest

from index.library import Library
from index.sources import Source
from qa.quotes import QuoteChecker, letters_of, sentences_in
from tests.conftest import SHARED, OpenLibrary, index_files
from tests.misquoting import Case, check_cases, make_cases

SPEECH = """在全县养老工作会上的讲话
2024年3月5日
同志们：
今年要新增养老床位1200张，每张补贴3000元，不得少发。各镇要把账目公开，接受群众监督。
护理员的工资不低于每月4500元；家庭确有困难的，县里再补200元。
“十四五”期间，全县投入1.2亿元，建成老年食堂56个。
"""
LATER = SPEECH.replace("2024年3月5日", "2025年3月6日").replace("在全县养老工作会", "在全县民政工作会")


@pytest.fixture
def checker(library: Library) -> QuoteChecker:
    for name, text in (("later.txt", LATER), ("first.txt", SPEECH)):
        library.stage(Source(name, name, text.encode()))
    library.publish()
    return QuoteChecker(library)


@pytest.mark.parametrize(
    "sentence",
    [
        "今年要新增养老床位1200张，每张补贴3000元，不得少发。",
        "今年要新增养老床位１２００张,每张补贴３０００元,不得少发!",
        "今年要新增養老床位1,200張、每張補貼3000元、不得少發",
        "  各镇要把账目公开 ，接受群众监督 ",
        "全县投入1.2亿元，建成老年食堂56个",
        "张县长强调：“各镇要把账目公开，接受群众监督。”",
    ],
)
def test_the_same_words_are_exact_wherever_they_stand(checker: QuoteChecker, sentence: str) -> None:
    quote = checker.check(sentence)
    assert (quote.verdict, quote.difference) == ("exact", ())
    # Earliest first.
    assert [source.document_title for source in quote.sources] == [
        "在全县养老工作会上的讲话",
        "在全县民政工作会上的讲话",
    ]
    assert "2024年3月5日" in quote.sources[0].label


@pytest.mark.parametrize(
    ("sentence", "added", "left_out"),
    [
        ("今年要新增养老床位1300张，每张补贴3000元，不得少发。", "3", "2"),
        ("今年要新增养老床位1200张，每张补贴3000元，得少发。", "", "不"),
        ("全县投入12亿元，建成老年食堂56个。", "", "."),
        ("今年要新增养老床位1200张，不得少发。", "", "每张补贴3000元，"),
        ("今年要新增养老床位1200张，每张补贴3000元。", "", "不得少发"),
        ("每张补贴3000元，不得少发。", "", "今年要新增养老床位1200张，"),
    ],
)
def test_what_was_altered_is_shown_letter_by_letter(
    checker: QuoteChecker, sentence: str, added: str, left_out: str
) -> None:
    quote = checker.check(sentence)
    assert quote.verdict == "altered"
    assert "".join(text for operation, text in quote.difference if operation == "insert") == added
    assert "".join(text for operation, text in quote.difference if operation == "delete").startswith(left_out)
    # What is not left out is the sentence as it was given.
    assert "".join(text for operation, text in quote.difference if operation != "delete") == sentence
    assert len(quote.sources) == 2


def test_a_sentence_put_together_from_two_is_traced_to_both(checker: QuoteChecker) -> None:
    quote = checker.check("护理员的工资不低于每月4500元，各镇要把账目公开，接受群众监督。")
    assert quote.verdict == "altered"
    assert [source.quote for source in quote.sources] == [
        "各镇要把账目公开，接受群众监督",
        "护理员的工资不低于每月4500元",
    ]


@pytest.mark.parametrize("sentence", ["全县要建三座太空港，向火星移民。", "好", "……", "<b>养老</b>"])
def test_what_no_speech_says_is_absent(checker: QuoteChecker, sentence: str) -> None:
    quote = checker.check(sentence)
    assert (quote.verdict, quote.sources) == ("absent", ())


def test_letters_keep_figures_apart() -> None:
    assert letters_of("增长5.2%。").letters != letters_of("增长52%。").letters
    assert letters_of("5—6个").letters == letters_of("5-6个").letters
    assert letters_of("5-6个").letters != letters_of("56个").letters


def test_a_manuscript_is_cut_into_what_can_be_looked_for() -> None:
    assert sentences_in("一、好\n今年要抓三件事。一是修路；二是建桥。\n\n") == [
        "今年要抓三件事。",
        "一是修路；二是建桥。",
    ]


def test_altered_sentences_are_told_from_real_and_foreign_ones(samples: Library) -> None:
    documents = list(samples.visible_documents(samples.catalog.visible_ids()).values())
    assert_told_apart(QuoteChecker(samples), list(make_cases(documents, [], altered=280, untouched=100)))


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the real seven-speech file is not here")
def test_real_speeches_and_what_others_say_are_told_apart(
    tmp_path: Path, open_data: OpenLibrary, samples: Library
) -> None:
    others = samples.visible_documents(samples.catalog.visible_ids()).values()
    foreign = [sentence for document in others for sentence in sentences_in(document.text) if len(sentence) > 15][:150]
    with open_data(tmp_path / "data") as library:
        index_files(library, SHARED / "seeds")
        documents = list(library.visible_documents(library.catalog.visible_ids()).values())
        assert_told_apart(QuoteChecker(library), list(make_cases(documents, foreign, altered=280, untouched=100)))


def assert_told_apart(checker: QuoteChecker, cases: list[Case]) -> None:
    tallies, wrong = check_cases(checker, cases)
    confused = [(case, quote) for case, quote in wrong if {case.verdict, quote.verdict} == {"exact", "altered"}]
    assert not confused
    altered = [tally for kind, tally in tallies.items() if kind not in ("untouched", "foreign")]
    assert sum(t.sourced for t in altered) >= 0.98 * sum(t.cases for t in altered)
    for kind in ("untouched", "foreign"):
        if kind in tallies:
            assert tallies[kind].right >= 0.99 * tallies[kind].cases
