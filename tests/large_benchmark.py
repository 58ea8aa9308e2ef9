"""Time of each kind of question over 5,000 documents: `python -m tests.large_benchmark --work FOLDER`.

The documents are made of the paragraphs of the 31 reports, four under a title and date of their own; they are indexed
once (some ten minutes) and kept in the folder.
"""

import datetime
import random
import statistics
import time

from index.documents import State
from index.embedding import load_embedder
from index.library import Library, open_library
from index.sources import Source
from qa.engine import Engine
from tests.benchmark import ROUNDS, work_folder, write
from tests.conftest import SHARED
from ui.settings import Settings

DOCUMENTS, PARAGRAPHS = 5_000, 4
# A question of each kind.
QUESTIONS = {
    "corpus, a rare term": "有多少篇讲话提到“冰雪经济”？",
    "corpus, a common term": "哪些讲话提到“高质量发展”？",
    "corpus, a figure": "哪些讲话把地区生产总值增长目标定为5%左右？",
    "first use": "最早是谁在哪次会议上提出“银发经济”？",
    "most often": "提到“新质生产力”最多的是哪篇讲话？",
    "by speaker": "按讲话人列出提到“银发经济”的讲话有哪些",
    "wording over time": "“民营经济”的提法有什么变化？",
    "metadata, a day": "2021年3月5日有哪些讲话？",
    "metadata, who": "第1234号讲话是谁讲的？",
    "outline": "第1234号讲话讲了哪四个方面？",
    "compare": "第1234号讲话和第1235号讲话的目标分别是多少？",
    "fact": "全年新增城镇就业多少万人？",
}
SENTENCES = 100


def fill(library: Library) -> None:
    """Index the documents that are not there yet."""
    texts = sorted((SHARED / "data" / "speeches_gwr_prov_2025" / "txt").glob("*.txt"))
    paragraphs = [p.strip() for text in texts for p in text.read_text("utf-8").splitlines() if 60 <= len(p) <= 220]
    for number in range(DOCUMENTS):
        chance = random.Random(number)
        day = datetime.date(2015, 1, 1) + datetime.timedelta(chance.randrange(3650))
        body = "\n".join(
            f"{mark}、抓好第{mark}项工作\n{chance.choice(paragraphs)}"
            for mark, _ in zip("一二三四", range(PARAGRAPHS), strict=True)
        )
        text = f"第{number}号讲话\n{day.year}年{day.month}月{day.day}日\n县长 陈{'远山知行'[number % 4]}\n同志们：\n{body}\n"
        library.stage(Source(str(number), f"{number}.txt", text.encode()))
    library.publish(lambda done, total: None if done % 1000 else write(f"{done} of {total} passages"))


def main() -> None:
    """Fill the library and print the times."""
    with work_folder(__doc__) as folder:
        embedder = load_embedder("", Settings().cache)
        with open_library(folder / "5000 documents", lambda: embedder) as library:
            fill(library)
            passages = library.catalog.passage_count([State.READY])
            write(f"{datetime.date.today()}, {len(library.catalog.visible_ids())} documents, {passages} passages")
            engine = Engine(library)
            for kind, question in QUESTIONS.items():
                times = []
                for _ in range(ROUNDS):
                    started = time.perf_counter()
                    answer = engine.ask(question)
                    times.append(time.perf_counter() - started)
                found = "refused" if answer.abstained else f"{answer.kind}, {answer.total_citations} citations"
                write(
                    f"{kind:24} first {times[0] * 1000:6.0f} ms, then {statistics.median(times[1:]) * 1000:6.0f} ms; {found}"
                )
            texts = [
                document.text
                for document in library.visible_documents(sorted(library.catalog.visible_ids())[:SENTENCES]).values()
            ]
            sentences = [text.splitlines()[5] for text in texts]
            started = time.perf_counter()
            list(engine.quotes().check_all(sentences))
            write(f"quotations: {len(sentences)} paragraphs in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
