from index.library import Library
from index.sources import Source
from qa.extractive import Selected
from qa.question import read_question
from qa.trimming import trim

LONG = (
    "过去一年，全县上下攻坚克难，新修灌溉渠道90公里，改造危桥23座，新建村级卫生室46个，每个卫生室配备全科医生不少于2名，"
    "安装路灯5200盏，植树造林1.3万亩，群众出行更方便了。"
)


def sentence_of(library: Library, *pointed: str) -> Selected:
    library.stage(Source("k", "a.txt", f"在青禾县总结大会上的讲话\n{LONG}\n".encode()))
    library.publish()
    document = library.catalog.documents()[0]
    start = document.text.index(LONG)
    focus = tuple((place, place + len(word)) for word in pointed for place in (document.text.index(word),))
    return Selected(document, document.sections[0].id, start, start + len(LONG), 0.9, focus)


def test_of_a_long_sentence_the_clauses_that_answer_are_left(library: Library) -> None:
    selected = sentence_of(library, "46个", "2名")
    question = read_question("新建了多少个村级卫生室，每个卫生室配备几名全科医生？")
    assert trim(question, selected).text == "新建村级卫生室46个，每个卫生室配备全科医生不少于2名"


def test_the_last_clause_keeps_its_full_stop_and_nothing_pointed_at_is_lost(library: Library) -> None:
    selected = sentence_of(library, "1.3万亩")
    trimmed = trim(read_question("群众出行怎么样，植树多少亩？"), selected)
    assert trimmed.text.endswith("群众出行更方便了。")
    assert "1.3万亩" in trimmed.text


def test_without_a_reader_the_sentence_stays_whole(library: Library) -> None:
    selected = sentence_of(library)
    assert trim(read_question("改造危桥多少座？"), selected) == selected
