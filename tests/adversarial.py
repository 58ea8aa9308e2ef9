"""Generated sentences that say more, less or other than the evidence they cite, and faithful ones beside them.

Each case is a sentence with the evidence that its model would have been given; whether the gate lets it through is
known from how it was made. `python -m tests.adversarial --work FOLDER` prints false accepts and false rejects by kind.
"""

import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from index.documents import Document
from index.embedding import load_embedder
from index.library import open_library
from index.sentences import split_sentences
from qa.gate.checking import Gate
from qa.gate.evidence import Given
from qa.gate.judging import Judge, load_judge
from qa.naming import own_places
from tests.benchmark import SETS, work_folder, write
from tests.conftest import index_files
from ui.settings import Settings

WRITTEN = Path(__file__).parent / "gold" / "gate_sentences.jsonl"
# Written by people who had not seen the gate: after its rules were made, and after its first judge was trained.
WRITTEN_LATER = (
    ("later ", WRITTEN.with_name("gate_sentences_later.jsonl")),
    ("held out ", WRITTEN.with_name("gate_sentences_held_out.jsonl")),
)
# The same, with speeches of their own; what was chosen by the last one docs/reader.md tells.
WITH_SPEECHES = {
    name: (WRITTEN.with_name(name), WRITTEN.with_name(f"gate_sentences_{name}.jsonl")) for name in ("seen", "unseen")
}
FAITHFUL = (
    "verbatim",
    "framed",
    "cut",
    "written otherwise",
    "paraphrase",
    "partial",
    "translation",
)
FIGURE = re.compile(r"(?<![\d年月.])\d+(?:\.\d+)?(?=(?:万|亿|%|个|名|人|户|家|元|公里|项|所|座|亩|吨|处|件|台|辆|套))")
# Clauses that could stand in any such speech.
ADDED = (
    "有力推动了全省经济社会高质量发展", "受到广大群众一致好评", "并将在明年推广到全国", "这一做法得到国务院的肯定", "预计带动投资上百亿元",
    "比计划提前两个月完成", "居全国第一位", "为此专门设立了领导小组", "资金由中央财政全额承担", "同时建立了考核问责机制", "主要面向低收入家庭",
    "其中一半安排在农村地区", "并引入了社会资本参与", "有效缓解了财政压力", "下一步还将进一步扩大规模", "专家认为效果显著",
)  # fmt: skip
# Sentences that could stand in any answer about such a speech.
PLAUSIBLE = (
    "群众对这项工作普遍表示满意", "全省人民一致拥护这一决定", "这项工作取得了显著成效", "有关部门已经制定了实施方案", "资金已全部拨付到位",
    "这一目标已经提前完成", "各市县都建立了工作专班", "企业反映良好", "专家给予了高度评价", "这项政策面向全体居民", "省政府将对落实情况进行督查",
    "社会各界积极参与", "相关经验在全国推广", "这标志着改革进入新阶段", "基层干部的负担明显减轻",
)  # fmt: skip
UNITS = (
    ("万亿", "亿"), ("亿", "万"), ("万", "亿"), ("公里", "米"), ("个百分点", "%"), ("%", "个百分点"), ("元", "美元"), ("万亩", "亩"),
    ("吨", "公斤"), ("万人", "人"),
)  # fmt: skip
COMPARISONS = (
    ("不低于", "不超过"), ("不少于", "不超过"), ("不超过", "不低于"), ("以上", "以下"), ("以内", "以上"), ("至少", "最多"), ("增长", "下降"),
    ("下降", "上升"), ("提高到", "降低到"), ("超过", "不到"), ("增加", "减少"), ("降低", "提高"),
)  # fmt: skip
NEGATED = (
    ("新建", "不再新建"), ("完成", "没有完成"), ("实施", "没有实施"), ("建成", "未建成"), ("达到", "没有达到"), ("实现", "没有实现"),
    ("推进", "停止推进"), ("支持", "不支持"), ("启动", "取消"), ("安排", "不安排"), ("开展", "不开展"),
    ("没有", "有"), ("不得", "可以"), ("不能", "能"), ("必须", "不必"),
)  # fmt: skip
DATES = (
    ("今年", "去年"), ("去年", "前年"), ("上半年", "下半年"), ("年底", "年初"), ("2024年", "2022年"), ("2025年", "2027年"), ("月底", "月初"),
)  # fmt: skip
MONTH = re.compile(r"(\d{1,2})月(?=\d|底|前|起|中|下|上)")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with its citations, the evidence given, and the kind of change made."""

    kind: str
    sentence: str
    given: tuple[Given, ...]

    @property
    def faithful(self) -> bool:
        """True when it says what the evidence says."""
        return self.kind in FAITHFUL or self.kind.endswith((" paraphrase", " translation"))


@dataclass(frozen=True, slots=True)
class _Fact:
    """A sentence of a speech, in the passage it stands in."""

    document: Document
    sentence: str
    given: Given


def make_cases(documents: Sequence[Document], each: int) -> Iterator[Case]:
    """`each` cases of every kind, from the documents' sentences with figures; the same ones each time."""
    chance = random.Random(7)
    facts = list(_facts(documents))
    chance.shuffle(facts)
    places = sorted({place for document in documents for place in own_places(document)})
    makers: dict[str, Callable[[_Fact], str | None]] = {
        "verbatim": lambda fact: fact.sentence,
        "framed": lambda fact: f"《{fact.document.title}》提出，{fact.sentence}",
        "cut": _cut,
        "written otherwise": _written_otherwise,
        "number": lambda fact: _altered(fact.sentence, FIGURE, lambda m: _other_number(m[0], chance), chance),
        "unit": lambda fact: _swapped(fact.sentence, UNITS, chance, after_figure=True),
        "date": lambda fact: _other_date(fact.sentence, chance),
        "negation": lambda fact: _swapped(fact.sentence, NEGATED, chance),
        "comparison": lambda fact: _swapped(fact.sentence, COMPARISONS, chance),
        "name": lambda fact: _other_place(fact, places, chance),
        "merged": _exchange,
        "added": lambda fact: f"{fact.sentence}，{chance.choice(ADDED)}",
    }
    for kind, make in makers.items():
        made = 0
        for fact in chance.sample(facts, len(facts)):
            said = make(fact)
            if said and (said != fact.sentence or kind == "verbatim"):
                yield Case(kind, f"{said}。[1]", (fact.given,))
                made += 1
            if made == each:
                break
    for fact in chance.sample(facts, min(each, len(facts))):
        yield Case("invented citation", f"{fact.sentence}。[7]", (fact.given,))
    for said in PLAUSIBLE[:each]:
        for fact in chance.sample(facts, min(3, len(facts))):
            yield Case("added sentence", f"{said}。[1]", (fact.given,))
    plain = list(_facts(documents, figures=False))
    for fact in chance.sample(plain, min(each, len(plain))):
        yield Case("verbatim", f"{fact.sentence}。[1]", (fact.given,))
        if denied := _swapped(fact.sentence, NEGATED, chance):
            yield Case("negation", f"{denied}。[1]", (fact.given,))
        yield Case("added", f"{fact.sentence}，{chance.choice(ADDED)}。[1]", (fact.given,))
    yield from _attributed(facts, each, chance)


def _attributed(facts: Sequence[_Fact], each: int, chance: random.Random) -> Iterator[Case]:
    """The right fact told of another speech: by its title, with both pieces of evidence given."""
    made = 0
    while made < each:
        fact, other = chance.sample(facts, 2)
        if fact.document.id == other.document.id:
            continue
        theirs = Given(2, other.document, other.given.section_id, other.given.start, other.given.end)
        said = f"《{other.document.title}》提出，{fact.sentence}。[{1 + made % 2}]"
        yield Case("attribution", said, (fact.given, theirs))
        made += 1


def written_cases(documents: Sequence[Document], file: Path = WRITTEN, prefix: str = "") -> Iterator[Case]:
    """Sentences written by hand over `documents`, most by somebody who had not seen the gate: faithful and false ones."""
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        for document in documents:
            place = document.text.find(row["evidence"])
            if place >= 0:
                wording = f"{row['wording']} " if row["kind"] == "paraphrase" and "wording" in row else ""
                given = _given(document, place, place + len(row["evidence"]))
                yield Case(prefix + wording + row["kind"], f"{row['said']}[1]", (given,))
                break
        else:
            raise AssertionError(row["evidence"])


def _facts(documents: Sequence[Document], figures: bool = True) -> Iterator[_Fact]:
    for document in documents:
        for start, end in split_sentences(document.text, 0, len(document.text)):
            sentence = document.text[start:end].rstrip("。；")
            if 15 <= len(sentence) <= 120 and "\n" not in sentence and bool(FIGURE.search(sentence)) is figures:
                yield _Fact(document, sentence, _given(document, start, end))


def _given(document: Document, place: int, end: int = 0) -> Given:
    passage = next(p for p in document.passages if p.start <= place < p.end)
    return Given(1, document, passage.section_id, passage.start, max(passage.end, end))


def _altered(
    text: str, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str], chance: random.Random
) -> str | None:
    found = list(pattern.finditer(text))
    if not found:
        return None
    match = chance.choice(found)
    return text[: match.start()] + change(match) + text[match.end() :]


def _other_number(number: str, chance: random.Random) -> str:
    place = chance.choice([i for i, letter in enumerate(number) if letter.isdigit()])
    digit = chance.choice([d for d in "123456789" if d != number[place]])
    return number[:place] + digit + number[place + 1 :]


def _swapped(
    text: str, pairs: Sequence[tuple[str, str]], chance: random.Random, after_figure: bool = False
) -> str | None:
    before = r"(?<=\d)" if after_figure else ""
    fitting = [(one, other) for one, other in pairs if re.search(before + re.escape(one), text)]
    if not fitting:
        return None
    one, other = chance.choice(fitting)
    return re.sub(before + re.escape(one), other, text, count=1)


def _other_date(text: str, chance: random.Random) -> str | None:
    if MONTH.search(text):
        return _altered(text, MONTH, lambda m: f"{int(m[1]) % 12 + 1}月", chance)
    return _swapped(text, DATES, chance)


def _other_place(fact: _Fact, places: Sequence[str], chance: random.Random) -> str | None:
    own = own_places(fact.document)
    others = [place for place in places if place not in own and place not in fact.given.text]
    return f"{chance.choice(others)}{chance.choice(('', '提出，', '的'))}{fact.sentence}" if others else None


def _exchange(fact: _Fact) -> str | None:
    """Two figures of one unit changed places."""
    found = [
        (m.span(), m[0])
        for m in re.finditer(r"\d+(?:\.\d+)?(?:万|亿)?(?:%|个|名|人|户|家|元|公里|项|所|座)", fact.sentence)
    ]
    for (one, first), (two, second) in pairwise(found):
        if first != second and first[-1] == second[-1]:
            text = fact.sentence
            return text[: one[0]] + second + text[one[1] : two[0]] + first + text[two[1] :]
    return None


def _cut(fact: _Fact) -> str | None:
    """The first or the last of a sentence's clauses that has a figure."""
    clauses = [clause for clause in re.split("[，；]", fact.sentence) if FIGURE.search(clause)]
    return clauses[-1] if len(clauses) > 1 and len(clauses[-1]) > 8 else None


def _written_otherwise(fact: _Fact) -> str | None:
    """The same numbers in another form."""
    text = re.sub(r"(?<![\d.])(\d+)%", lambda m: f"百分之{m[1]}", fact.sentence)
    text = re.sub(r"(?<![\d.])(\d+)\.(\d{1,2})亿", lambda m: f"{int(m[1] + m[2].ljust(4, '0'))}万", text)
    return text if text != fact.sentence else None


def check(
    cases: Sequence[Case], known_names: Collection[str], judge: Judge | None
) -> tuple[Counter[str], Counter[str], list[Case], list[float]]:
    """How many cases of each kind there are, how many the gate lets through, those it judges wrongly, the seconds each."""
    asked: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    wrong: list[Case] = []
    seconds: list[float] = []
    for case in cases:
        asked[case.kind] += 1
        started = time.perf_counter()
        verdict = Gate(case.given, known_names, judge).check(case.sentence)
        seconds.append(time.perf_counter() - started)
        passed[case.kind] += verdict.passed
        if verdict.passed is not case.faithful:
            wrong.append(case)
    return asked, passed, wrong, seconds


def main() -> None:
    """Print the figures for each set at hand."""
    with work_folder(__doc__) as folder:
        embedder = load_embedder("", Settings().cache)
        own = {name: speeches for name, (speeches, _) in WITH_SPEECHES.items()}
        for name, speeches in (*((name, speeches) for name, speeches, _ in SETS), *own.items()):
            if not speeches.exists():
                continue
            with open_library(folder / name, lambda: embedder) as library:
                index_files(library, speeches)
                documents = library.catalog.documents()
                cases = list(
                    written_cases(documents, WITH_SPEECHES[name][1]) if name in own else make_cases(documents, each=40)
                )
                if name == "samples":
                    cases += written_cases(documents)
                    for prefix, file in WRITTEN_LATER:
                        cases += written_cases(documents, file, prefix)
                names = {place for d in documents for place in own_places(d)}
                # By words alone is the simplest gate; the judge has to be better than that.
                for way, judge in (("words alone", None), ("with the judge", load_judge(embedder))):
                    report(f"{name}, {way}", cases, names, judge)


def report(title: str, cases: Sequence[Case], names: Collection[str], judge: Judge | None) -> None:
    """Print the figures of one gate."""
    asked, passed, wrong, seconds = check(cases, names, judge)
    half, most = statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000
    write(f"\n{title}: {len(cases)} sentences, {half:.1f} ms each in the median, {most:.1f} at the 95th percentile")
    for kind, count in asked.items():
        faithful = Case(kind, "", ()).faithful
        failed = count - passed[kind] if faithful else passed[kind]
        write(f"{kind:20} {count:4}  {'withheld' if faithful else 'accepted'} {failed:3}  {failed / count:.3f}")
    for case in wrong:
        write(f"  {case.kind}: {case.sentence} | {case.given[0].document.title}")


if __name__ == "__main__":
    main()
