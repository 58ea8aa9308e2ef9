"""Train the reader: `python -m qa.reader.training --data ../shared/data`."""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from index.embedding import load_embedder
from qa.reader.bundled import export, load_trained, make_encoder, make_model
from qa.reader.reading import REPORT_FILE, WEIGHTS
from qa.reader.training.collection import collection
from qa.reader.training.samples import Sample, load_samples, make_samples, save_samples
from qa.reader.training.sets import SetQuestion, held_out, speech_questions, speech_texts, wiki_questions, wiki_texts
from qa.reader.training.train import reading_loss, train

# How often each set's questions are read in each pass; a share below one draws so many of them.
PASSES = (
    {"cmrc2018": 0.6, "drcd": 0.25, "xquad": 0.3},
    {"cmrc2018": 0.4, "drcd": 0.15, "xquad": 0.25, "speeches": 2.0},
)
# The same when an earlier reader is trained further (`--start`).
FURTHER_PASSES = (
    {"cmrc2018": 0.2, "drcd": 0.06, "xquad": 0.12, "speeches": 1.5},
    {"cmrc2018": 0.2, "drcd": 0.06, "xquad": 0.12, "speeches": 2.5},
)
SEED = 20261124
LINE_EVERY = 512  # passages or samples between two lines of progress


def main() -> None:
    """Make samples and train; every step that was finished before is taken up again."""
    parser = argparse.ArgumentParser(prog="python -m qa.reader.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the question sets")
    parser.add_argument("--work", type=Path, default=Path(".reader-training"), help="libraries, samples, checkpoint")
    parser.add_argument("--cache", type=Path, default=user_cache_path("speechqa"), help="folder of the embedder")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the trained part and its report go")
    parser.add_argument(
        "--start", type=Path, help="folder of an earlier reader to train further; else from the embedder"
    )
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    embedder = load_embedder("", arguments.cache)
    before = load_trained(embedder, arguments.start) if arguments.start else None
    planned = list(enumerate(FURTHER_PASSES, start=len(PASSES)) if before else enumerate(PASSES))
    passes: list[list[Sample]] = []
    for number, shares in planned:
        file = arguments.work / f"pass{number}.jsonl"
        if not file.exists():
            samples: list[Sample] = []
            for name, texts, questions in (
                ("wiki", wiki_texts(arguments.data, False), wiki_questions(arguments.data, False)),
                ("speeches", speech_texts(arguments.data), speech_questions(False)),
            ):
                chosen = draw(list(questions), shares, number)
                if chosen:
                    with collection(arguments.work / name, texts, embedder, counter(f"{name}: passages")) as library:
                        made = counter(f"pass {number + 1}, {name}: samples")
                        for done, sample in enumerate(make_samples(library, chosen, SEED + number), start=1):
                            samples.extend([sample] if sample else [])
                            made(done, len(chosen))
            save_samples(samples, file)
        passes.append(load_samples(file))
    model = before or make_model(embedder)
    losses: list[tuple[int, float]] = []

    def record(step: int, steps: int, loss: float) -> None:
        losses.append((step, round(loss, 4)))
        say(f"step {step} of {steps}, loss {loss:.3f}")

    checkpoint = arguments.work / "checkpoint.pt"
    encoder = make_encoder(embedder)
    further = before is not None
    train(model, encoder, passes, reading_loss, seed=SEED, checkpoint=checkpoint, progress=record, further=further)
    earlier = json.loads((arguments.start / REPORT_FILE).read_text("utf-8"))["training"] if before else []
    export(
        model,
        arguments.out,
        {
            "embedder": embedder.name,
            "seed": SEED,
            "training": [
                *earlier,
                {
                    "passes": [shares for _, shares in planned],
                    "samples": [len(samples) for samples in passes],
                    "losses": losses,
                },
            ],
            "held_out": held_out(arguments.data),
        },
    )
    say(f"written to {arguments.out}; now fit the weighing: python -m qa.reader.training.fit")


def draw(questions: Sequence[SetQuestion], shares: dict[str, float], number: int) -> list[SetQuestion]:
    """The questions of pass `number`: each set's share, whole turns of it repeated."""
    drawn = []
    for question in questions:
        share = shares.get(question.set, 0.0)
        chance = random.Random(f"{SEED}:{number}:{question.set}:{question.id}")  # noqa: S311 # repeatable, no secret
        drawn.extend([question] * (int(share) + (chance.random() < share % 1)))
    return drawn


def counter(name: str) -> Callable[[int, int], None]:
    """Writes a line now and then."""

    said = 0

    def step(done: int, total: int) -> None:
        nonlocal said
        if done >= said + LINE_EVERY or done == total:
            said = done
            say(f"{name}: {done} of {total}")

    return step


def say(line: str) -> None:
    """Write a line at once."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
