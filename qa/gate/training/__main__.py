"""Train the judge, from the reader that ships with SpeechQA: `python -m qa.gate.training`."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from platformdirs import user_cache_path
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from index.embedding import load_embedder
from qa.gate.judging import WEIGHTS
from qa.gate.training.rows import Row, crowd, rows, with_own_words
from qa.reader.bundled import export, load_trained, make_encoder
from qa.reader.encoding import Encoder
from qa.reader.model import ReaderModel, collate
from qa.reader.reading import REPORT_FILE
from qa.reader.reading import WEIGHTS as READER
from qa.reader.training.__main__ import say
from qa.reader.training.train import fast_in_half, train

SEED, PASSES, FURTHER_PASSES, ROWS_A_STEP = 20261125, 3, 2, 2
CERTAIN = 0.975  # what a label is worth: some are wrong
RANKING = 0.5  # weight of the order within a row beside the labels themselves


def judging_loss(model: ReaderModel, encoder: Encoder, chosen: Sequence[Row], device: str) -> Tensor:
    """Is each sentence borne out, and is what is borne out above what is not, of the same evidence?"""
    losses = []
    for row in chosen:
        logits = logits_of(model, encoder, row, device)
        labels = torch.tensor([not kind for _, kind in row.sentences], device=logits.device)
        wanted = labels.float() * (2 * CERTAIN - 1) + 1 - CERTAIN
        apart = (logits[:, None] - logits[None, :])[labels[:, None] & ~labels[None, :]]
        losses.append(binary_cross_entropy_with_logits(logits, wanted) + RANKING * softplus(-apart).mean())
    return torch.stack(losses).mean()


def logits_of(model: ReaderModel, encoder: Encoder, row: Row, device: str) -> Tensor:
    """The judgement of each sentence of a row, shape (sentences,)."""
    inputs = [encoder.encode(said, row.context, row.evidence) for said, _ in row.sentences]
    with torch.autocast(device, torch.bfloat16, enabled=fast_in_half(device)):
        logits: Tensor = model(collate(inputs, encoder.padding, device)).answers
    return logits.float()


def measure(model: ReaderModel, encoder: Encoder, held_out: Sequence[Row]) -> dict[str, float]:
    """How well the judge tells what is borne out: area under the curve, and recall where 5% of the rest pass."""
    with torch.inference_mode():
        logits = np.concatenate([logits_of(model, encoder, row, model.device.type).cpu().numpy() for row in held_out])
    labels = np.array([not kind for row in held_out for _, kind in row.sentences])
    bar = float(np.quantile(logits[~labels], 0.95))
    return {
        "sentences": len(labels),
        "auc": round(float(roc_auc_score(labels, logits)), 3),
        "recall_at_5_percent": round(float((logits[labels] > bar).mean()), 3),
        "logit_at_5_percent": round(bar, 2),
    }


def main() -> None:
    """Train, write the weights and what they are worth; stopped at any time it goes on where it was."""
    parser = argparse.ArgumentParser(prog="python -m qa.gate.training", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".judge-training"), help="checkpoint")
    parser.add_argument("--cache", type=Path, default=user_cache_path("speechqa"), help="folder of the embedder")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the trained part and its report go")
    parser.add_argument("--start", type=Path, help="folder of an earlier judge to train further; else from the reader")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    embedder = load_embedder("", arguments.cache)
    encoder = make_encoder(embedder)
    model = load_trained(embedder, arguments.start or READER)
    if model is None:
        raise SystemExit("there is nothing to start from: python -m qa.reader.training")
    known, held_out = rows(held_out=False), rows(held_out=True)
    passes = [crowd(known, SEED + number) for number in range(PASSES)]
    if arguments.start:
        passes = [with_own_words(crowd(known, SEED + PASSES + n), SEED + n) for n in range(FURTHER_PASSES)]
    losses: list[tuple[int, float]] = []

    def record(step: int, steps: int, loss: float) -> None:
        losses.append((step, round(loss, 4)))
        say(f"step {step} of {steps}, loss {loss:.3f}")

    train(
        model,
        encoder,
        passes,
        judging_loss,
        seed=SEED,
        checkpoint=arguments.work / "checkpoint.pt",
        progress=record,
        a_step=ROWS_A_STEP,
        further=arguments.start is not None,
    )
    figures = measure(model, encoder, held_out)
    say(str(figures))
    earlier = json.loads((arguments.start / REPORT_FILE).read_text("utf-8"))["training"] if arguments.start else []
    training = [*earlier, {"passes": len(passes), "rows": len(known), "losses": losses, "held_out": figures}]
    report = {"embedder": embedder.name, "seed": SEED, "training": training}
    export(model, arguments.out, report)


if __name__ == "__main__":
    main()
