import json
from collections import Counter
from dataclasses import replace
from datetime import date
from math import inf
from pathlib import Path

import pytest

from index.documents import Document, Passage, Section
from index.embedding import Embedder
from index.library import Library, open_library
from qa.gate.binding import bind
from qa.gate.checking import Gate
from qa.gate.claims import names
from qa.gate.evidence import Given
from qa.gate.judging import load_judge
from qa.gate.matching import english_names
from qa.naming import own_places
from tests.adversarial import (
    FAITHFUL,
    WITH_SPEECHES,
    WRITTEN,
    WRITTEN_LATER,
    check,
    make_cases,
    written_cases,
)
from tests.conftest import index_files

# Written by somebody who had read the rules, to get past them.
TWISTS = WRITTEN.with_name("gate_twists.jsonl")
ATTACKS = WRITTEN.with_name("gate_attacks.jsonl")  # the same a day later, false ones alone
EVIDENCE = (
    ("2025年云溪省政府工作报告", "新建和改造社区服务中心260个"),
    ("2024年云溪省政府工作报告", "新建和改造社区服务中心320个"),
    ("在临澜市社区工作推进会上的讲话", "全市现有社区386个"),
    ("在青禾县乡村振兴大会上的讲话", "1、打好粮食稳产仗"),
)


@pytest.fixture(scope="module")
def gate(samples: Library) -> Gate:
    given = []
    for number, (title, words) in enumerate(EVIDENCE, start=1):
        document = next(d for d in samples.catalog.documents() if d.title == title)
        place = document.text.index(words)
        passage = next(p for p in document.passages if p.start <= place < p.end)
        given.append(Given(number, document, passage.section_id, passage.start, passage.end))
    return Gate(given, {place for d in samples.catalog.documents() for place in own_places(d)})


@pytest.mark.parametrize(
    "sentence",
    [
        "2025年云溪省计划新建和改造社区服务中心260个。[1]",
        "《2025年云溪省政府工作报告》提出，每个中心至少配备8名专职社工。[1]",
        "临澜市现有386个社区，社区工作者共5274人。[3]",
        "Linlan City has 386 communities and 5,274 community workers.[3]",
        "全县粮食播种面积要不少于92万亩，其中再生稻扩大到11万亩。[4]",
    ],
)
def test_what_the_evidence_says_passes(gate: Gate, sentence: str) -> None:
    verdict = gate.check(sentence)
    assert verdict.passed, verdict.fault
    assert len(verdict.spans) == 1


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("新建和改造社区服务中心280个。[1]", "number"),
        ("临澜市现有5274个社区，386名社区工作者。[3]", "number"),
        ("2024年云溪省计划新建和改造社区服务中心260个。[1]", "date"),
        ("新建和改造社区服务中心不超过260个。[1]", "bound"),
        ("每个中心最多配备专职社工8名。[1]", "bound"),
        ("不再新建和改造社区服务中心260个。[1]", "negation"),
        ("澄岭市新建和改造社区服务中心260个。[1]", "name"),
        ("青禾县新建和改造社区服务中心260个。[1]", "name"),
        ("新建和改造社区服务中心260个，有力推动了经济社会高质量发展。[1]", "meaning"),
        ("全省人民一致拥护。[1]", "meaning"),
        ("报告要求“新建和改造社区服务中心二百八十个”。[1]", "quotation"),
        ("新建和改造社区服务中心260个。[9]", "no_citation"),
        ("新建和改造社区服务中心260个。", "no_citation"),
        ("There are 368 communities in Linlan.[3]", "number"),
    ],
)
def test_what_it_does_not_say_is_withheld_with_the_reason(gate: Gate, sentence: str, fault: str) -> None:
    verdict = gate.check(sentence)
    assert not verdict.passed
    assert verdict.fault == fault


def given(text: str, heading: str = "", title: str = "在会上的讲话") -> list[Given]:
    """Evidence of one paragraph, in a speech of its own."""
    section = Section("s", None, "", heading, 0, False, 0, len(text))
    passage = Passage("p", "d", 0, "s", 0, len(text))
    document = Document("d", title, text, None, None, None, (section,), (passage,))
    return [Given(1, document, "s", 0, len(text))]


@pytest.mark.parametrize(
    ("evidence", "said", "fault"),
    [
        ("民营企业、外资企业出口分别占全省的50.6%、41.9%。", "外资企业出口占全省的50.6%。", "number"),
        ("心血管内科完成介入手术2140例，全年没有发生术中死亡。", "心血管内科完成介入手术2140例，有患者在术中死亡。", "negation"),
        ("审计科建议把高值耗材全部纳入扫码管理。", "医保办公室建议把高值耗材全部纳入扫码管理。", "attribution"),
        ("物流成本比全省平均高0.7个百分点。", "物流成本比全省平均低0.7个百分点。", "direction"),
        ("国家级项目118项，比上年少9项。", "国家级项目118项，比上年多了9项。", "direction"),
        ("集装箱吞吐量412万标箱，增长9.1%。", "集装箱吞吐量412万吨，增长9.1%。", "number"),
        ("全市物流企业2300多家，其中5A级的只有3家。", "全市物流企业2300多家，其中5A级的只有5家。", "number"),
        ("住房和养老两件实事部分完成。", "住房和养老两件实事全部完成。", "negation"),
        ("儿科夜间门诊开到23时。", "儿科夜间门诊开到晚上10点。", "number"),
        ("茶园每亩补贴300元。", "茶园每户补贴300元。", "number"),
        ("充电每千瓦时收费1.2元。", "充电每瓦时收费1.2元。", "number"),
        ("住户每月缴纳物业费60元。", "住户每年缴纳物业费60元。", "number"),
        ("村民会议以七票对四票通过。", "村民会议以七票对三票通过。", "number"),
        ("河水有没有受到污染，还在化验。", "河水受到污染，还在化验。", "meaning"),
        ("药品售价不得高于进价。", "药品售价高于进价。", "negation"),
        ("甲队没有丢旗，乙队没有误点。", "甲队没有丢旗也没有误点。", "negation"),
        ("贷款可以展期，最长不超过12个月。", "Loans can be extended by 12 weeks at most.", "number"),
        ("剩下的大多是老旧小区。", "剩下的全部是老旧小区。", "negation"),
        ("居民收入增长6.2%，生产总值增长5.7%。", "居民收入的增长慢于生产总值的增长。", "meaning"),
        ("育才中学招生300人。", "明月中学招生300人。", "name"),
        ("教师比城区高7岁。", "Teachers are 7 years younger than in the city.", "direction"),
        ("汛期比往年提前10天。", "The flood season comes ten days later than in other years.", "date"),
        ("支持有条件的幼儿园开设托班。", "支持每一家幼儿园开设托班。", "meaning"),
        ("There are 156 danger zones in the county.", "There are 165 danger zones in the county.", "number"),
    ],
)  # fmt: skip
def test_one_thing_told_otherwise_is_withheld(evidence: str, said: str, fault: str) -> None:
    assert Gate(given(evidence)).check(f"{evidence}[1]").passed
    verdict = Gate(given(evidence)).check(f"{said}[1]")
    assert (verdict.passed, verdict.fault) == (False, fault)


@pytest.mark.parametrize("judged", [False, True])
def test_of_what_is_changed_in_one_place_in_the_evidences_own_words_little_passes(
    embedder: Embedder, judged: bool
) -> None:
    judge = load_judge(embedder) if judged else None
    twists = [json.loads(line) for line in TWISTS.read_text("utf-8").splitlines()]
    passed = [row for row in twists if Gate(given(row["evidence"]), judge=judge).check(f"{row['said']}[1]").passed]
    false = sum(not row["true"] for row in passed)
    assert false <= sum(not row["true"] for row in twists) * 0.15
    assert len(passed) - false >= 20


def test_of_what_was_written_against_the_rules_little_passes() -> None:
    attacks = [json.loads(line) for line in ATTACKS.read_text("utf-8").splitlines()]
    passed = [
        row["said"]
        for row in attacks
        if Gate(given(row["evidence"], row.get("heading", ""), row.get("title", "在会上的讲话")))
        .check(f"{row['said']}[1]")
        .passed
    ]
    assert len(passed) <= len(attacks) * 0.15, passed


def test_a_body_that_the_heading_names_has_not_said_it_for_that() -> None:
    evidence = given("审计科建议把高值耗材全部纳入扫码管理。", "（二）医保与药品管理")
    assert Gate(evidence).check("审计科建议把高值耗材全部纳入扫码管理。[1]").passed
    assert Gate(evidence).check("医保办公室建议把高值耗材全部纳入扫码管理。[1]").fault == "attribution"


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ("儿科夜间门诊自3月1日起延长到23时。", "从3月1日起，儿科夜间门诊延长到晚上11点。"),
        ("药品使用强度不得高于40。", "药品使用强度不能超过40。"),
        ("拟向青溪县、白石县人民医院各派驻专家团队一支。", "拟向青溪、白石两县的人民医院各派驻专家团队一支。"),
        ("因南浦区路段拆迁没有完成，至今没有全线贯通。", "由于南浦区路段拆迁没有完成，至今没有全线贯通。"),
        ("完成心脏介入手术2140例。", "完成心脏介入手术2140台。"),
        ("体检标准由每人600元提高到900元。", "体检标准从每人六百元涨到九百元。"),
        ("次日凌晨4时控制住险情。", "第二天凌晨4点控制住险情。"),
        ("柳溪桥要不要重建，等汛期以后再定。", "柳溪桥是否重建，等汛期以后再定。"),
        ("值班医生每周夜班不得少于2次。", "值班医生每周夜班不少于2次。"),
        ("没有拿到通行证，不得进入库区。", "没有拿到通行证的不得进入库区。"),
        ("我在这里说清楚：公司今年不裁员。", "但公司今年不裁员。"),
        ("茶园面积、产量分别增长7%和11%。", "茶园产量增长11%。"),
        ("有一次通知了下游。", "有一次虽然通知了下游。"),
        ("其中判处五年以上有期徒刑的320人。", "有320人被判处五年以上有期徒刑。"),
        ("估值翻番的企业有11家。", "估值翻了一番的企业有11家。"),
        (
            "医院计划上半年增加核磁共振设备2台。",
            "The hospital plans to add two MRI scanners in the first half of the year.",
        ),
    ],
)
def test_the_same_thing_told_otherwise_passes(evidence: str, said: str) -> None:
    verdict = Gate(given(evidence)).check(f"{said}[1]")
    assert verdict.passed, verdict.fault


def test_what_a_heading_calls_a_review_is_done() -> None:
    said = "已建成口袋公园36个。[1]"
    assert Gate(given("建成口袋公园36个。", "一、2024年工作回顾")).check(said).passed
    assert Gate(given("建成口袋公园36个。", "二、2025年重点任务")).check(said).fault == "tense"


def test_a_month_is_not_said_because_the_speech_is_of_it() -> None:
    (piece,) = given("补贴要在3月底以前拨到县。")
    document = replace(piece.document, date=date(2023, 2, 21))
    evidence = [replace(piece, document=document)]
    assert Gate(evidence).check("补贴要在3月底以前拨到县。[1]").passed
    assert Gate(evidence).check("补贴要在2月底以前拨到县。[1]").fault == "date"


def test_figures_that_changed_places_in_other_words_lie_nearer_to_one_another(embedder: Embedder) -> None:
    evidence = "柳湾去年茶叶出口3.2亿元，茶具出口1.1亿元。"
    right = bind("卖到境外的茶叶值3.2亿元，茶具值1.1亿元。", evidence, embedder)
    assert right > 0 > bind("卖到境外的茶叶值1.1亿元，茶具值3.2亿元。", evidence, embedder)
    assert bind("去年茶叶出口3.2亿元。", "去年茶叶出口3.2亿元。", embedder) == inf


def test_ordinary_words_are_no_names() -> None:
    assert names("李建国张罗着把麦子晒干，两国的友谊，张榜公布，两县县长谈妥") == {"李建国"}
    assert english_names("All of the Class III dams") == {"Class"}
    assert english_names("Starting on July 1, the farmers of Zhu'an follow Bian Daosheng") == {
        "Zhu'an",
        "Bian Daosheng",
    }


def test_a_sentence_rests_on_the_evidence_that_bears_it_out(gate: Gate) -> None:
    assert set(gate.check("新建和改造社区服务中心320个。[1]").spans) == {2}
    assert set(gate.check("新建和改造社区服务中心260个。[1][9]").spans) == {1}


def test_words_of_the_evidence_are_verbatim_others_supported(gate: Gate) -> None:
    assert gate.check("全市现有社区386个、社区工作者5274名。[3]").support == "verbatim"
    assert gate.check("全市有386个社区。[3]").support == "supported"


@pytest.mark.parametrize("judged", [False, True])
def test_of_generated_sentences_hardly_a_false_one_passes_and_few_true_ones_are_withheld(
    samples: Library, embedder: Embedder, judged: bool
) -> None:
    documents = samples.catalog.documents()
    cases = [*make_cases(documents, each=30), *written_cases(documents)]
    assert len(cases) >= 300
    judge = load_judge(embedder) if judged else None
    asked, passed, _, _ = check(cases, {place for d in documents for place in own_places(d)}, judge)
    accepted = Counter({kind: passed[kind] / asked[kind] for kind in asked if kind not in FAITHFUL})
    withheld = {kind: 1 - passed[kind] / asked[kind] for kind in FAITHFUL if asked[kind]}
    for kind in ("number", "unit", "date", "negation", "invented citation"):
        assert accepted[kind] == 0, kind
    assert max(accepted.values()) <= 0.05, accepted
    for kind in ("verbatim", "framed", "cut", "written otherwise"):
        assert withheld[kind] <= 0.05, kind
    assert withheld["paraphrase"] <= (0.15 if judged else 0.25)


def test_the_judge_lets_more_true_sentences_through_and_not_more_false_ones(
    samples: Library, embedder: Embedder, tmp_path: Path
) -> None:
    documents = samples.catalog.documents()
    cases = [case for prefix, file in WRITTEN_LATER for case in written_cases(documents, file, prefix)]
    with open_library(tmp_path, lambda: embedder) as library:
        for speeches, _ in WITH_SPEECHES.values():
            index_files(library, speeches)
        documents += library.catalog.documents()
    for _, sentences in WITH_SPEECHES.values():
        cases += written_cases(documents, sentences)
    places = {place for d in documents for place in own_places(d)}
    let_through = []
    for judge in (None, load_judge(embedder)):
        _, _, wrong, _ = check(cases, places, judge)
        false = sum(not case.faithful for case in wrong)
        let_through.append((sum(case.faithful for case in cases) - sum(case.faithful for case in wrong), false))
    (by_words, false_by_words), (judged, false_judged) = let_through
    assert judged > by_words * 1.1
    assert false_judged < false_by_words
