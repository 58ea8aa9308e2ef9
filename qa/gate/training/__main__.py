"""Train the judge, from the reader that ships with SpeechQA: `python -m qa.gate.training`."""

import argparse
import json
import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from platformdirs import user_cache_path
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from index.embedding import load_embedder
from qa.gate.judging import WEIGHTS
from qa.gate.training.forward import answer_logits
from qa.gate.training.rows import Row, crowd, mostly_new, rows, with_own_words
from qa.reader.bundled import export, load_trained, make_encoder
from qa.reader.encoding import Encoder
from qa.reader.model import ReaderModel, collate
from qa.reader.reading import REPORT_FILE
from qa.reader.reading import WEIGHTS as READER
from qa.reader.training.__main__ import say
from qa.reader.training.train import fast_in_half, train

SEED, PASSES = 20261126, 2
SENTENCES_A_STEP = 28
PADDED = 16  # lengths are multiples of so many tokens
LIKE = 30  # letters by which evidence read together may differ
CERTAIN = 0.975  # what a label is worth: some are wrong
RANKING, OF_TWINS = 0.5, 0.7  # weights of the order within a row, and of that of twins, beside the labels themselves


def judging_loss(model: ReaderModel, encoder: Encoder, steps: Sequence[Sequence[Row]], device: str) -> Tensor:
    """Is each sentence borne out, and is what is borne out above what is not, of the same evidence and of two twins?"""
    chosen = [row for step in steps for row in step]
    logits = logits_of(model, encoder, chosen, device)
    labels = torch.tensor([not kind for row in chosen for _, kind in row.sentences], device=logits.device)
    wanted = labels.float() * (2 * CERTAIN - 1) + 1 - CERTAIN
    of_row = torch.tensor([n for n, row in enumerate(chosen) for _ in row.sentences], device=logits.device)
    compared = (of_row[:, None] == of_row[None, :]) & labels[:, None] & ~labels[None, :]
    ends = list(accumulate(len(row.sentences) for row in chosen))
    pairs = [logits[end - 2 * len(row.twins) : end] for row, end in zip(chosen, ends, strict=True)]
    twins = torch.cat(pairs).view(-1, 2)
    return (
        binary_cross_entropy_with_logits(logits, wanted)
        + RANKING * _ordered((logits[:, None] - logits[None, :])[compared])
        + OF_TWINS * _ordered(twins[:, 0] - twins[:, 1])
    )


def _ordered(apart: Tensor) -> Tensor:
    """The loss of pairs, by how much the first is above the second; 0 where there are none."""
    return softplus(-apart).mean() if len(apart) else apart.sum()


def logits_of(model: ReaderModel, encoder: Encoder, chosen: Sequence[Row], device: str) -> Tensor:
    """The judgement of each sentence of some rows, shape (sentences,)."""
    inputs = [[encoder.encode(said, row.context, row.evidence) for said, _ in row.sentences] for row in chosen]
    # One row at a time: they differ in length, and small tensors are quicker on a CPU.
    batches = [collate(one, encoder.padding, device, PADDED) for one in inputs]
    return answer_logits(model, batches, torch.bfloat16 if fast_in_half(device) else torch.float32)


def measure(model: ReaderModel, encoder: Encoder, held_out: Sequence[Row]) -> dict[str, float]:
    """How well the judge tells what is borne out: area under the curve, and recall where 5% of the rest pass."""
    with torch.inference_mode():
        logits = logits_of(model, encoder, held_out, model.device.type).cpu().numpy()
    labels = np.array([not kind for row in held_out for _, kind in row.sentences])
    bar = float(np.quantile(logits[~labels], 0.95))
    return {
        "sentences": len(labels),
        "auc": round(float(roc_auc_score(labels, logits)), 3),
        "recall_at_5_percent": round(float((logits[labels] > bar).mean()), 3),
        "logit_at_5_percent": round(bar, 2),
    }


def in_steps(known: Sequence[Row], seed: int) -> list[list[Row]]:
    """The rows in steps of about as many sentences each, evidence of like length together, in an order of chance."""
    chance = random.Random(seed)  # noqa: S311 # repeatable, no secret
    order = sorted(chance.sample(known, len(known)), key=lambda row: len(row.evidence) // LIKE)
    steps: list[list[Row]] = [[]]
    for row in order:
        if sum(len(other.sentences) for other in steps[-1]) >= SENTENCES_A_STEP:
            steps.append([])
        steps[-1].append(row)
    return chance.sample(steps, len(steps))


def main() -> None:
    """Train, write the weights and what they are worth; stopped at any time it goes on where it was."""
    parser = argparse.ArgumentParser(prog="python -m qa.gate.training", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".judge-training"), help="checkpoint")
    parser.add_argument("--cache", type=Path, default=user_cache_path("speechqa"), help="folder of the embedder")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the trained part and its report go")
    parser.add_argument("--passes", type=int, default=PASSES, help="over all rows, each drawn anew; by default 2")
    parser.add_argument("--start", type=Path, help="folder of an earlier judge to train further; else from the reader")
    parser.add_argument("--since", type=int, default=1, help="first file of sentences that is new to the earlier judge")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    embedder = load_embedder("", arguments.cache)
    encoder = make_encoder(embedder)
    model = load_trained(embedder, arguments.start or READER)
    if model is None:
        raise SystemExit("there is nothing to start from: python -m qa.reader.training")
    known, held_out = rows(held_out=False), rows(held_out=True)
    earlier = json.loads((arguments.start / REPORT_FILE).read_text("utf-8"))["training"] if arguments.start else []
    first = sum(run["passes"] for run in earlier)
    seeds = range(SEED + first, SEED + first + arguments.passes)
    passes = [with_own_words(crowd(mostly_new(known, arguments.since, seed), seed), seed) for seed in seeds]
    losses: list[tuple[int, float]] = []

    def record(step: int, steps: int, loss: float) -> None:
        losses.append((step, round(loss, 4)))
        say(f"step {step} of {steps}, loss {loss:.3f}")

    train(
        model,
        encoder,
        [in_steps(one, seed) for seed, one in zip(seeds, passes, strict=True)],
        judging_loss,
        seed=SEED,
        checkpoint=arguments.work / "checkpoint.pt",
        progress=record,
        a_step=1,
        further=bool(earlier),
    )
    figures = measure(model, encoder, held_out)
    say(str(figures))
    training = [*earlier, {"passes": len(passes), "rows": len(passes[0]), "losses": losses, "held_out": figures}]
    report = {"embedder": embedder.name, "seed": SEED, "training": training}
    export(model, arguments.out, report)


if __name__ == "__main__":
    main()
