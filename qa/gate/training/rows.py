"""What the judge learns from: pieces of evidence, each with sentences that it bears out and sentences that it does not."""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, islice
from pathlib import Path
from typing import Any, TypeVar

from qa.reader.encoding import Context

SENTENCES = Path(__file__).parent / "sentences"
HELD_OUT = 8  # rows at the end of each file that are never trained on
# How many of the rows have sentences of other evidence before or behind, how often one more, and how many at most.
CROWDED, ONE_MORE, MOST_BESIDE = 0.4, 0.6, 3
READ_AGAIN = 0.22  # share of the rows of earlier files that are read once more beside new ones
# Written sentences of a row that are read in one pass, of one without and of one with twins, and pairs of twins.
KEPT, KEPT_BESIDE_TWINS, KEPT_TWINS = 6, 2, 5
OWN_WORDS = 3  # sentences made of the evidence's own words
ELSEWHERE = 2  # sentences of other rows, which this evidence does not bear out
LONGEST = 360  # letters of evidence; the network reads no more than some 400
SHORTEST = 6  # letters of a sentence or clause that says something
SENTENCE, CLAUSE, NAME = re.compile(r"[^。；]+[。；]"), re.compile(r"[，；：]"), re.compile(r"[（(]")
FIGURE = re.compile(r"(\d+(?:\.\d+)?)(万|亿)?(\D?)")  # number, how many, unit
TOLD_ALIKE = tuple(
    tuple(pair.split("/"))
    for pair in (
        "达到/为 新建/建设 完成/做完 同比增长/比上年同期增长 不少于/至少 不低于/至少为 不超过/最多 开展/进行 要/应当 共有/一共有 建成/建好 提高到/升到 "
        "降至/降到 增加/多了 支持/扶持 加强/强化 同志/人员 群众/老百姓 企业/公司 每年/一年 帮助/协助 启动/开始 目前/现在 设立/成立 提供/给予 "
        "全部/所有 必须/一定要 不得/不准 因为/由于 但/可是 已经/已 以及/和 投入/拿出 覆盖/惠及 推进/推动 解决/处理 负责/承担 逐步/一步步 继续/接着"
    ).split()
)
# What is put in or taken out to deny a sentence; the first and the second never say the same.
DENIED = tuple(
    tuple(pair.split("/"))
    for pair in (
        "不得/可以 不能/可以 尚未/已经 没有/已经 未能/已 仍未/已经 不再/仍然 不低于/低于 不超过/超过 不少于/少于 不是/正是 无须/必须 不用/必须 "
        "已完成/没有完成 全部完成/没有全部完成 完成/没有完成 建成/没有建成 投入使用/没有投入使用 达到/没有达到 超过/没有超过 增长/没有增长 下降/没有下降 "
        "提高到/没有提高到 增加/没有增加 启动/没有启动 通过/没有通过 实现/没有实现 承担/不承担 牵头/不牵头 支持/不支持 "
        "同意/不同意 必须/不必 应当/不应当 可以/不可以 允许/不允许 将/不会 属于/不属于 来自/不是来自 由于/不是由于 因为/不是因为 用于/不用于"
    ).split()
)
TWICE = re.compile("不不|不没|没有不|没有没|已经已|可以不得|不得不")  # no longer Chinese, or no longer denied


Sentence = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """Evidence and its sentences, each with what was altered in it, empty for what the evidence bears out.

    `twins` are more of them: two sentences that differ in one place, the first borne out, the second not.
    """

    context: Context
    evidence: str
    said: tuple[Sentence, ...]
    twins: tuple[tuple[Sentence, Sentence], ...] = ()
    file: int = 0

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All of them."""
        return (*self.said, *chain.from_iterable(self.twins))


def rows(held_out: bool, folder: Path = SENTENCES) -> list[Row]:
    """The rows to train on, or those held out to measure."""
    found: list[Row] = []
    for file in sorted(folder.glob("*.jsonl"), key=lambda file: int(file.stem)):
        read = [_row(json.loads(line), int(file.stem)) for line in file.read_text("utf-8").splitlines() if line.strip()]
        found += read[-HELD_OUT:] if held_out else read[:-HELD_OUT]
    return found


def _row(told: dict[str, Any], file: int) -> Row:
    """A line of a file: sentences by whether they are borne out, or `pairs` of one that is and its twin that is not."""
    said: list[Sentence] = [(one, "") for name in ("faithful", "faithful_en") for one in told.get(name, ())]
    said += [(one, kind) for name in ("false", "false_en") for kind, one in told.get(name, ())]
    said += [(one, kind) for one, kind in told.get("more", ())]
    twins = tuple(((true, ""), (false, kind)) for name in ("pairs", "en") for true, false, kind in told.get(name, ()))
    name, _, path = told["about"].partition(">")
    return Row(Context(name.strip(), path.strip()), told["evidence"], tuple(said), twins, file)


def mostly_new(known: Sequence[Row], since: int, seed: int) -> list[Row]:
    """The rows of the files from `since` on, and some of the earlier ones, which a judge has read before."""
    chance = random.Random(seed)  # noqa: S311 # repeatable, no secret
    return [row for row in known if row.file >= since or chance.random() < READ_AGAIN]


def crowd(known: Sequence[Row], seed: int) -> list[Row]:
    """The rows, some with other sentences put around the evidence: what a sentence rests on is seldom alone."""
    chance = random.Random(seed)  # noqa: S311 # repeatable, no secret
    crowded = []
    for row in known:
        parts = [row.evidence]
        for _ in range(MOST_BESIDE if chance.random() < CROWDED else 0):
            if chance.random() > ONE_MORE:
                break
            beside = chance.choice(known).evidence.split("。")[0] + "。"
            if sum(map(len, parts)) + len(beside) <= LONGEST:
                parts.insert(chance.choice((0, len(parts))), beside)
        crowded.append(replace(row, evidence="".join(parts)))
    return crowded


def with_own_words(known: Sequence[Row], seed: int) -> list[Row]:
    """The rows with some of their sentences, and with the evidence's own words, whole, cut, framed and spoilt.

    What people write tells words that were kept from words that were changed; a model also repeats what it reads.
    """
    chance = random.Random(seed)  # noqa: S311 # repeatable, no secret
    drawn = []
    for row in known:
        said = _some(row.said, KEPT_BESIDE_TWINS if row.twins else KEPT, chance) + _own_words(row, known, chance)
        drawn.append(replace(row, said=tuple(said), twins=tuple(_some(row.twins, KEPT_TWINS, chance))))
    return drawn


def _own_words(row: Row, known: Sequence[Row], chance: random.Random) -> list[Sentence]:
    whole = [said for said in SENTENCE.findall(row.evidence) if len(said) >= SHORTEST]
    if not whole:
        return []
    said = chance.choice(whole)
    clauses = [clause for clause in CLAUSE.split(said[:-1]) if len(clause) >= SHORTEST] or [said[:-1]]
    others = [other for other in chance.sample(known, ELSEWHERE + 1) if other is not row][:ELSEWHERE]
    faithful = [[words for words, kind in other.sentences if not kind] for other in others]
    borrowed = CLAUSE.split(others[0].evidence.rstrip("。；"))
    made: list[Sentence] = [
        (said, ""),
        (f"{chance.choice(clauses)}。", ""),
        (f"《{NAME.split(row.context.name)[0]}》提出，{chance.choice(whole)}", ""),
        (_reworded(said, chance), ""),
        (f"{chance.choice(clauses)}，{chance.choice(borrowed)}。", "added"),
        *((chance.choice(sentences), "elsewhere") for sentences in faithful),
    ]
    if figures := list(FIGURE.finditer(said)):
        end = chance.choice(figures).end(1)
        digit = str((int(said[end - 1]) + chance.randint(1, 8)) % 10)
        made.append((said[: end - 1] + digit + said[end:], "figure"))
    true = [words for words, kind in row.sentences if not kind]
    for known_true, spoil, kind in (
        (whole, _exchanged, "exchanged"),
        (true, _exchanged, "exchanged"),
        (chance.choice((whole, true)), _denied, "negation"),
    ):
        spoilt = (spoil(words, chance) for words in chance.sample(known_true, len(known_true)))
        made += [(words, kind) for words in islice(filter(None, spoilt), 1)]
    made += [one for other in others for one in other.said if one[1] == "general"]
    return _some(made, OWN_WORDS, chance)


def _exchanged(said: str, chance: random.Random) -> str | None:
    """The same with two figures of one unit in each other's place; None where there are none."""
    figures = list(FIGURE.finditer(said))
    pairs = [(one, other) for one, other in combinations(figures, 2) if one[3] == other[3] and one[1] != other[1]]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    swapped = (
        said[: one.start()],
        _amount(other),
        said[one.start(3) : other.start()],
        _amount(one),
        said[other.start(3) :],
    )
    return "".join(swapped)


def _amount(figure: re.Match[str]) -> str:
    return figure[1] + (figure[2] or "")


def _denied(said: str, chance: random.Random) -> str | None:
    """The same with a denial put in or taken out; None where there is nowhere to."""
    for pair in chance.sample(DENIED, len(DENIED)):
        for one, other in (pair, pair[::-1]):
            denied = said.replace(one, other, 1)
            if denied != said and other not in said and not TWICE.search(denied):
                return denied
    return None


def _reworded(said: str, chance: random.Random) -> str:
    """The same in hardly other words: what may be told in two ways is told in the other."""
    for one, other in chance.sample(TOLD_ALIKE, len(TOLD_ALIKE)):
        if one in said:
            said = said.replace(one, other, 1)
    return said


def _some(values: Sequence[T], most: int, chance: random.Random) -> list[T]:
    return chance.sample(list(values), min(most, len(values)))
