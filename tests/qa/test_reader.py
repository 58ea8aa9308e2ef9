import json
import shutil
from pathlib import Path
from typing import cast

import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import BertModel

from index.embedding import Embedder
from index.library import Library
from index.parsing import parse_file
from qa.engine import Engine
from qa.errors import ReaderUnavailable
from qa.reader.bundled import BundledReader, load_bundled_reader, load_trained, make_encoder, make_model
from qa.reader.encoding import Context
from qa.reader.quantized import QuantizedLinear
from qa.reader.reading import REPORT_FILE, WEIGHTS, WEIGHTS_FILE, load_reader
from qa.reader.training.samples import Candidate, Sample, place_answers
from qa.reader.training.sets import LANGUAGES, held_out_passages, speech_questions, speech_texts, wiki_questions
from qa.reader.training.train import reading_loss, train
from tests.conftest import SHARED

CITY = Context("在临澜市社区工作推进会上的讲话 陈岚", "一、主要成绩")
COUNTY = Context("在青禾县乡村振兴大会上的讲话 周牧", "二、下一步任务")
PASSAGES = [
    (CITY, "全市现有社区居委会86个，社区平均规模为2140户，最大的社区有7300多户。社区工作者共有612人。"),
    (CITY, "同志们，社区是城市的细胞，做好社区工作意义重大，任务艰巨，使命光荣。"),
    (COUNTY, "到明年底，全县要建成高标准农田12万亩，新修灌溉渠道90公里。"),
]


@pytest.fixture(scope="module")
def reader(embedder: Embedder) -> BundledReader:
    loaded = load_bundled_reader(embedder)
    assert loaded
    return loaded


@pytest.mark.parametrize(
    ("question", "right", "answer"),
    [
        ("临澜市一个社区平均有多少户？", 0, "2140户"),
        ("临瀾市現有多少個社區居委會？", 0, "86个"),
        ("全县要新修多长的灌溉渠道？", 2, "90公里"),
        ("How many kilometres of irrigation channels are to be built in the county?", 2, "90"),
    ],
)
def test_the_passage_that_answers_comes_first_and_its_answer_is_pointed_at(
    reader: BundledReader, question: str, right: int, answer: str
) -> None:
    judgements = reader.read(question, PASSAGES)
    assert max(range(len(PASSAGES)), key=lambda i: judgements[i].logit) == right
    start, end, _ = judgements[right].spans[0]
    assert answer in PASSAGES[right][1][max(0, start - 1) : end + 1]


def test_a_passage_under_another_places_name_is_less_likely_to_answer(reader: BundledReader) -> None:
    text = "地区生产总值增长5.5%左右，城镇新增就业31万人以上。"
    own, other = reader.read(
        "云溪省2025年城镇新增就业目标是多少？",
        [
            (Context("2025年云溪省政府工作报告", "二、2025年工作安排"), text),
            (Context("2025年南屏省政府工作报告", "二、2025年工作安排"), text),
        ],
    )
    assert own.logit > other.logit + 1


def test_giving_up_hopeless_passages_early_changes_no_answer(
    reader: BundledReader, embedder: Embedder, samples: Library
) -> None:
    patient = BundledReader(reader.model, make_encoder(embedder), float("-inf"), 0)
    passages = [
        (Context(document.title, ""), document.text[p.start : p.end])
        for document in samples.catalog.documents()
        for p in document.passages[:4]
    ]
    for question in ("临澜市现有多少个社区？", "云溪省2024年的地区生产总值增长目标是多少？"):
        hasty, all_of_it = reader.read(question, passages), patient.read(question, passages)
        best = max(range(len(passages)), key=lambda i: all_of_it[i].logit)
        assert max(range(len(passages)), key=lambda i: hasty[i].logit) == best
        assert hasty[best].logit == pytest.approx(all_of_it[best].logit, abs=1e-3)
        assert hasty[best].spans[0][:2] == all_of_it[best].spans[0][:2]


def test_reading_in_8_bits_says_what_full_precision_says(reader: BundledReader, embedder: Embedder) -> None:
    exact_model = load_trained(embedder)
    assert exact_model
    assert any(isinstance(module, QuantizedLinear) for module in reader.model.modules())
    exact = BundledReader(exact_model, make_encoder(embedder), float("-inf"), 0)
    whole = BundledReader(reader.model, make_encoder(embedder), float("-inf"), 0)
    for question in ("临澜市一个社区平均有多少户？", "全县要新修多长的灌溉渠道？"):
        fast, slow = whole.read(question, PASSAGES), exact.read(question, PASSAGES)
        assert [j.logit for j in fast] == pytest.approx([j.logit for j in slow], abs=0.6)
        best = max(range(len(PASSAGES)), key=lambda i: slow[i].logit)
        assert fast[best].spans[0][:2] == slow[best].spans[0][:2]
    # The embedder's own layers stay as they were.
    assert not any(isinstance(module, QuantizedLinear) for module in embedder.model.modules())


def test_without_its_weights_answers_rest_on_retrieval(embedder: Embedder, tmp_path: Path) -> None:
    assert load_bundled_reader(embedder, tmp_path) is None


def test_another_embedder_is_not_read_with(embedder: Embedder) -> None:
    other = Embedder(embedder.model, "other", embedder.query_prompt, embedder.document_prompt)
    assert load_bundled_reader(other) is None


def test_damaged_weights_are_told(embedder: Embedder, tmp_path: Path) -> None:
    for name in (WEIGHTS_FILE, REPORT_FILE):
        shutil.copy(WEIGHTS / name, tmp_path / name)
    content = bytearray((tmp_path / WEIGHTS_FILE).read_bytes())
    content[-100] ^= 1
    (tmp_path / WEIGHTS_FILE).write_bytes(content)
    with pytest.raises(ReaderUnavailable):
        load_bundled_reader(embedder, tmp_path)


def test_what_ships_is_small_and_its_report_names_what_was_kept_out() -> None:
    assert (WEIGHTS / WEIGHTS_FILE).stat().st_size < 45_000_000
    report = json.loads((WEIGHTS / REPORT_FILE).read_text("utf-8"))
    assert len(report["held_out"]["xquad"]) == 80
    assert all(run["samples"] for run in report["training"])


def test_a_cross_encoder_of_ones_own_ranks_what_is_found(samples: Library, embedder: Embedder, tmp_path: Path) -> None:
    torch.manual_seed(0)
    folder = tmp_path / "cross-encoder"
    cast(BertModel, embedder.model[0].model).save_pretrained(folder)
    embedder.model.tokenizer.save_pretrained(folder)
    own_model = CrossEncoder(str(folder), num_labels=1)
    cast(torch.nn.Linear, own_model.model.classifier).weight.data.mul_(100)  # else it says the same of everything
    own_model.save_pretrained(str(folder))
    engine = Engine(samples, str(folder))
    own = [e.passage.id for e, _ in engine.search("临澜市现有多少个社区？", limit=20)]
    plain = [e.passage.id for e, _ in Engine(samples, "none").search("临澜市现有多少个社区？", limit=20)]
    assert sorted(own) == sorted(plain)
    assert own != plain
    assert engine.ask("临澜市现有多少个社区？").citations


def test_a_cross_encoder_that_is_not_there_is_told(embedder: Embedder, tmp_path: Path) -> None:
    with pytest.raises(ReaderUnavailable):
        load_reader(str(tmp_path / "nowhere"), embedder)


def test_training_learns_and_goes_on_where_it_was_stopped(embedder: Embedder, tmp_path: Path) -> None:
    def answered(passage: tuple[Context, str], answer: str) -> Candidate:
        start = passage[1].index(answer)
        return Candidate(*passage, ((start, start + len(answer)),))

    sample = [
        Sample("一个社区平均有多少户？", (answered(PASSAGES[0], "2140户"), Candidate(*PASSAGES[1]))),
        Sample("要新修多长的灌溉渠道？", (answered(PASSAGES[2], "90公里"), Candidate(*PASSAGES[0]))),
    ]
    losses: dict[str, list[float]] = {"whole": [], "stopped": []}

    def run(name: str, passes: int, stop: int | None = None) -> torch.Tensor:
        torch.manual_seed(1)
        model = make_model(embedder)

        def progress(step: int, _: int, loss: float) -> None:
            losses[name].append(loss)
            if step == stop:
                raise KeyboardInterrupt

        checkpoint = tmp_path / f"{name}.pt"
        passed = [sample] * passes
        train(
            model,
            make_encoder(embedder),
            passed,
            reading_loss,
            seed=7,
            checkpoint=checkpoint,
            progress=progress,
            every=2,
        )
        return cast(torch.nn.Linear, model.trained["answers"]).weight

    whole = run("whole", 30)
    with pytest.raises(KeyboardInterrupt):
        run("stopped", 30, stop=4)
    stopped = run("stopped", 30)
    assert losses["whole"][-1] < losses["whole"][0] * 0.8
    assert torch.allclose(whole, stopped, atol=1e-4)


@pytest.mark.skipif(not SHARED.exists(), reason="the question sets are not here")
def test_nothing_that_measures_is_trained_on() -> None:
    data = SHARED / "data"
    trained, kept = list(wiki_questions(data, False)), list(wiki_questions(data, True))
    assert not {q.key for q in trained} & {q.key for q in kept}
    assert {q.key for q in kept if q.set == "xquad"} == held_out_passages(
        "xquad", [json.loads(line)["id"] for line in (data / "xquad" / "passages.jsonl").open(encoding="utf-8")]
    )
    assert {q.language for q in kept if q.set == "xquad"} == set(LANGUAGES)
    assert not {q.key for q in speech_questions(False)} & {q.key for q in speech_questions(True)}


@pytest.mark.skipif(not SHARED.exists(), reason="the reports are not here")
def test_the_answers_of_the_written_questions_stand_in_the_reports(tmp_path: Path) -> None:
    texts = {text.key: text.text for text in speech_texts(SHARED / "data")}
    documents = {key: parse_file(text.encode(), f"{key}.txt")[0] for key, text in texts.items()}
    questions = [*speech_questions(False), *speech_questions(True)]
    placed = place_answers(questions, documents)
    answerable = [question for question in questions if question.answers]
    assert len(placed) >= 0.99 * len(answerable)
    for question in answerable:
        for (start, end), answer in zip(placed.get(question.id, ()), question.answers, strict=False):
            assert "".join(documents[question.key].text[start:end].split()) == "".join(answer.split())
