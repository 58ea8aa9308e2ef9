"""The training loop: seeded, resumable, on a GPU when there is one."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax
from transformers.models.bert.modeling_bert import BertLayer

from qa.reader.encoding import Encoded, Encoder
from qa.reader.model import Output, ReaderModel, collate
from qa.reader.training.samples import Sample

SAMPLES_A_STEP = 16
MICRO_BATCH = 12
LEARNING_RATE, HEAD_LEARNING_RATE, WEIGHT_DECAY = 1e-4, 1e-3, 0.01
# What was trained before is trained on more gently.
FURTHER = 0.6
WARM_UP_STEPS = 50  # then the rate stays until the last pass, over which it falls to nothing
SPAN_WEIGHT, EARLY_WEIGHT = 0.7, 0.3
STEPS_A_CHECKPOINT = 100
# Dropped attention weights would keep torch from its fast attention on a CPU; the other dropout stays.
ATTENTION_DROPOUT = 0.0

Progress = Callable[[int, int, float], None]  # step, steps in all, mean loss since the last call
S = TypeVar("S")  # what is learnt from
Loss = Callable[[ReaderModel, Encoder, Sequence[S], str], Tensor]  # of one step, on a device


@dataclass(frozen=True, slots=True)
class Target:
    """An encoded candidate: tokens where answers start and end (last token), empty when it answers not."""

    input: Encoded
    starts: list[int]
    ends: list[int]


def train(
    model: ReaderModel,
    encoder: Encoder,
    passes: Sequence[Sequence[S]],
    loss_of: Loss[S],
    *,
    seed: int,
    checkpoint: Path,
    progress: Progress,
    a_step: int = SAMPLES_A_STEP,
    every: int = STEPS_A_CHECKPOINT,
    further: bool = False,
) -> None:
    """Train `model` in place over `passes`, each a list of samples in any order; `further` when it was trained before.

    Args:
        loss_of: the loss over the samples of one step, `a_step` of them.

    Stopped at any time, it goes on from `checkpoint`, written after `every` steps; the same seed gives the same order.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rate = FURTHER if further else 1.0
    model.to(device)
    torch.manual_seed(seed)
    for layer in model.trained["layers"].children():
        cast(BertLayer, layer).attention.self.dropout.p = ATTENTION_DROPOUT
    schedule = [step for number, samples in enumerate(passes) for step in _steps(samples, seed + number, a_step)]
    last_pass = len(_steps(passes[-1], seed, a_step))
    heads = [p for name in ("answers", "early", "span") for p in model.trained[name].parameters()]
    optimizer = torch.optim.AdamW(
        [
            {"params": list(model.trained["layers"].parameters()), "lr": rate * LEARNING_RATE},
            {"params": heads, "lr": rate * HEAD_LEARNING_RATE},
        ],
        weight_decay=WEIGHT_DECAY,
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / WARM_UP_STEPS, (len(schedule) - step) / last_pass, 1.0)
    )
    first = _resume(checkpoint, model, optimizer, scheduler)
    model.trained.train()
    total, counted = 0.0, 0
    for number in range(first, len(schedule)):
        loss = loss_of(model, encoder, schedule[number], device)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.trained.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total, counted = total + loss.item(), counted + 1
        if (number + 1) % every == 0 or number + 1 == len(schedule):
            _save(checkpoint, model, optimizer, scheduler, number + 1)
            progress(number + 1, len(schedule), total / counted)
            total, counted = 0.0, 0
    model.eval()


def fast_in_half(device: str) -> bool:
    """True where half precision (bfloat16) is computed at once; other processors take longer over it."""
    return device == "cuda" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _steps(samples: Sequence[S], seed: int, a_step: int) -> list[list[S]]:
    order = list(samples)
    random.Random(seed).shuffle(order)  # noqa: S311 # repeatable, no secret
    return [order[first : first + a_step] for first in range(0, len(order), a_step)]


def reading_loss(model: ReaderModel, encoder: Encoder, samples: Sequence[Sample], device: str) -> Tensor:
    """The reader's loss of one step; candidates of like length go through the network together."""
    targets = [_target(encoder, sample, number) for sample in samples for number in range(len(sample.candidates))]
    order = sorted(range(len(targets)), key=lambda i: len(targets[i].input.ids))
    answers: list[Tensor] = [torch.empty(0)] * len(targets)
    early: list[Tensor] = list(answers)
    span_losses = []
    for first in range(0, len(order), MICRO_BATCH):
        rows = order[first : first + MICRO_BATCH]
        with torch.autocast(device, torch.bfloat16, enabled=fast_in_half(device)):
            output = model(collate([targets[i].input for i in rows], encoder.padding, device))
        for row, i in enumerate(rows):
            answers[i], early[i] = output.answers[row].float(), output.early[row].float()
            if targets[i].starts:
                span_losses.append(_span_loss(output, row, targets[i]))
    loss = _judging_loss(samples, answers) + EARLY_WEIGHT * _judging_loss(samples, early)
    return loss + SPAN_WEIGHT * torch.stack(span_losses).mean() if span_losses else loss


def _target(encoder: Encoder, sample: Sample, number: int) -> Target:
    candidate = sample.candidates[number]
    encoded = encoder.encode(sample.question, candidate.context, candidate.text)
    starts, ends = [], []
    for start, end in candidate.spans:
        inside = [i for i, (a, b) in enumerate(encoded.offsets) if a < end and start < b]
        if inside:
            starts.append(encoded.text_first + inside[0])
            ends.append(encoded.text_first + inside[-1])
    return Target(encoded, starts, ends)


def _span_loss(output: Output, row: int, target: Target) -> Tensor:
    """Minus the log of what the true starts and ends are given together."""
    start = log_softmax(output.start[row].float(), dim=0)[target.starts].logsumexp(0)
    end = log_softmax(output.end[row].float(), dim=0)[target.ends].logsumexp(0)
    return -(start + end) / 2


def _judging_loss(samples: Sequence[Sample], logits: Sequence[Tensor]) -> Tensor:
    """Does each passage answer (cross-entropy), and does the one that does come first (softmax over the sample)?"""
    judged = torch.stack(list(logits))
    wanted = torch.tensor([float(bool(c.spans)) for s in samples for c in s.candidates], device=judged.device)
    loss = binary_cross_entropy_with_logits(judged, wanted)
    first, ranked = 0, []
    for sample in samples:
        group = judged[first : first + len(sample.candidates)]
        if sample.candidates[0].spans and len(group) > 1:
            ranked.append(-log_softmax(group, dim=0)[0])
        first += len(sample.candidates)
    return loss + torch.stack(ranked).mean() if ranked else loss


def _save(file: Path, model: ReaderModel, optimizer: Any, scheduler: Any, step: int) -> None:
    state = {
        "step": step,
        "model": model.trained.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "random": torch.get_rng_state(),
    }
    temporary = file.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(file)


def _resume(file: Path, model: ReaderModel, optimizer: Any, scheduler: Any) -> int:
    if not file.exists():
        return 0
    state = torch.load(file, weights_only=True)
    model.trained.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    torch.set_rng_state(state["random"])
    return int(state["step"])
