"""The reader that ships with SpeechQA: passages of like length together, hopeless ones read only in part."""

import hashlib
import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor
from transformers import BertModel

from index.embedding import Embedder
from qa.errors import ReaderUnavailable
from qa.reader.encoding import Context, Encoded, Encoder
from qa.reader.model import ReaderModel, collate
from qa.reader.quantized import quantize
from qa.reader.reading import BUNDLED, REPORT_FILE, WEIGHTS, WEIGHTS_FILE, Judgement

logger = logging.getLogger(__name__)
BATCH = 4  # inputs of like length that go through the network together
# Passages that the early judgement puts below this logit are given up, but for so many of the best.
EARLY_LOGIT, LEAST_READ = -2.5, 8
LONGEST_SPAN = 60  # tokens
# Inputs as the reader meets them: they show how large the network's activations are.
TYPICAL = (
    (
        "全市要新建多少个社区服务站？",
        Context("2026年澄岭市政府工作报告 澄岭市 闻人晓 2026年1月9日", "二、2026年重点任务 / （三）办好民生实事"),
        "（三）办好民生实事。新建社区服务站48个、改造老旧小区126个，每个服务站配备专职社工不少于5名；"
        "城镇调查失业率控制在5.5%以内，居民人均可支配收入增长6%左右。",
    ),
    (
        "How long is the new tram line, and when will it open?",
        Context("An Address to the Harbour City Council", "2. Transport"),
        "The line, 14.6 kilometres in all, will carry its first passengers in May 2027 at a cost of 2.3 billion crowns.",
    ),
    (
        "誰提出要加強基層治理？",
        Context("在全县干部大会上的讲话", "一、统一思想 / 1.提高认识"),
        "同志们，基层强则全县强，基层安则全县安。各级各部门要把力量沉下去，把服务送上门，让群众看得见变化。",
    ),
)


class BundledReader:
    """The reader that ships with SpeechQA, over the bundled embedder's layers; one thread at a time.

    Args:
        model: the network with its trained part loaded.
        encoder: makes its inputs.
        early: passages that the early judgement puts below this logit, and not among the `least` best, are given up.
        least: so many passages are always read to the end.
    """

    name = BUNDLED

    def __init__(self, model: ReaderModel, encoder: Encoder, early: float, least: int) -> None:
        self.model, self._encoder = model.eval(), encoder
        self._early, self._least = early, least
        self._lock = threading.Lock()

    def read(self, question: str, passages: Sequence[tuple[Context, str]]) -> list[Judgement]:
        """One judgement a passage, in their order."""
        inputs = [self._encoder.encode(question, context, text) for context, text in passages]
        order = sorted(range(len(inputs)), key=lambda i: len(inputs[i].ids))
        groups = [order[first : first + BATCH] for first in range(0, len(order), BATCH)]
        judgements: list[Judgement] = [Judgement(0.0)] * len(inputs)
        with self._lock, torch.inference_mode():
            device = self.model.device
            batches = [collate([inputs[i] for i in group], self._encoder.padding, device) for group in groups]
            halves = [self.model.first_half(batch) for batch in batches]
            early = [logit for _, logits in halves for logit in logits.tolist()]
            wanted = self._wanted(early)
            for group, batch, (hidden, logits) in zip(groups, batches, halves, strict=True):
                for i, logit in zip(group, logits.tolist(), strict=True):
                    judgements[i] = Judgement(logit)
                rows = [row for row, logit in enumerate(logits.tolist()) if logit >= wanted]
                if rows:
                    answers, starts, ends = self.model.second_half(hidden[rows], batch.keep(rows))
                    for row, answer, start, end in zip(rows, answers.tolist(), starts, ends, strict=True):
                        judgements[group[row]] = Judgement(answer, best_spans(inputs[group[row]], start, end))
        # What was given up stays behind what was read to the end, however low that came out.
        lowest = min((judgement.logit for judgement in judgements if judgement.spans), default=0.0)
        return [j if j.spans else Judgement(min(j.logit, lowest)) for j in judgements]

    def _wanted(self, early: Sequence[float]) -> float:
        """The early logit from which on a passage is read to the end."""
        if len(early) <= self._least:
            return float("-inf")
        return min(self._early, sorted(early, reverse=True)[self._least - 1])


def best_spans(encoded: Encoded, start: Tensor, end: Tensor, most: int = 3) -> tuple[tuple[int, int, float], ...]:
    """The likeliest spans that do not overlap, from the start and end logits of one input, shape (length,)."""
    count = len(encoded.offsets)
    if not count:
        return ()
    inside = slice(encoded.text_first, encoded.text_first + count)
    starts, ends = start[inside].log_softmax(0), end[inside].log_softmax(0)
    scores = (starts[:, None] + ends[None, :]).triu().tril(LONGEST_SPAN - 1)
    allowed = torch.ones(count, count, dtype=torch.bool).triu().tril(LONGEST_SPAN - 1)
    scores = scores.masked_fill(~allowed, float("-inf"))
    found: list[tuple[int, int, float]] = []
    for place in scores.flatten().topk(min(10, count)).indices.tolist():
        first, last = divmod(place, count)
        span = encoded.offsets[first][0], encoded.offsets[last][1]
        if all(span[1] <= a or b <= span[0] for a, b, _ in found):
            found.append((*span, float(scores[first, last].exp())))
    return tuple(found[:most])


def load_bundled_reader(embedder: Embedder, folder: Path = WEIGHTS) -> BundledReader | None:
    """The bundled reader over `embedder`, or None when it is not there or was trained on another embedder.

    Raises:
        ReaderUnavailable: its file is damaged or not the one its report tells of.
    """
    model = load_trained(embedder, folder)
    if model is None:
        return None
    encoder = make_encoder(embedder)
    if model.device.type == "cpu":
        typical = collate([encoder.encode(*one) for one in TYPICAL], encoder.padding)
        model = quantize(model.eval(), lambda network: network(typical))
    return BundledReader(model, encoder, EARLY_LOGIT, LEAST_READ)


def load_trained(embedder: Embedder, folder: Path = WEIGHTS) -> ReaderModel | None:
    """The network in full precision, as `load_bundled_reader` says."""
    report_file, weights_file = folder / REPORT_FILE, folder / WEIGHTS_FILE
    if not report_file.exists() or not weights_file.exists():
        logger.warning("%s is not there: SpeechQA does without it", weights_file)
        return None
    try:
        report = json.loads(report_file.read_text("utf-8"))
        if embedder.name != report["embedder"]:
            logger.warning("%s does not fit %s: SpeechQA does without it", weights_file.name, embedder.name)
            return None
        content = weights_file.read_bytes()
        trained = {key: value.float() for key, value in load(content).items()}
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ReaderUnavailable(name=BUNDLED, reason=str(error).splitlines()[0]) from error
    if hashlib.sha256(content).hexdigest() != report["sha256"]:
        raise ReaderUnavailable(name=BUNDLED, reason=f"checksum of {WEIGHTS_FILE} is wrong")
    model = make_model(embedder)
    model.trained.load_state_dict(trained)
    return model.to(model.device)


def export(model: ReaderModel, folder: Path, report: dict[str, Any]) -> None:
    """Write the trained part in half precision and the report, with its checksum, beside it."""
    content = save({key: value.half().contiguous() for key, value in model.trained.state_dict().items()})
    report = {"sha256": hashlib.sha256(content).hexdigest(), **report}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(content)
    (folder / REPORT_FILE).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def make_model(embedder: Embedder) -> ReaderModel:
    """The untrained network over `embedder`, which has to be a BERT."""
    return ReaderModel(cast(BertModel, embedder.model[0].model))


def make_encoder(embedder: Embedder) -> Encoder:
    """The encoder of inputs for `embedder`."""
    return Encoder(embedder.model.tokenizer, embedder.query_prompt, embedder.document_prompt)
