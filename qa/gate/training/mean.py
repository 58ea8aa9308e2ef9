"""The mean of judges that were trained from one another: `python -m qa.gate.training.mean OUT FOLDER FOLDER`.

It is steadier than each of them.
"""

import argparse
import json
from pathlib import Path

import torch
from platformdirs import user_cache_path

from index.embedding import load_embedder
from qa.reader.bundled import export, load_trained
from qa.reader.reading import REPORT_FILE


def main() -> None:
    """Write the mean of the weights, with the report of the last of the folders."""
    parser = argparse.ArgumentParser(prog="python -m qa.gate.training.mean", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, default=user_cache_path("speechqa"), help="folder of the embedder")
    arguments = parser.parse_args()
    embedder = load_embedder("", arguments.cache)
    models = [model for folder in arguments.folders if (model := load_trained(embedder, folder))]
    if len(models) < len(arguments.folders):
        raise SystemExit("a folder holds no judge for this embedder: python -m qa.gate.training")
    states = [model.trained.state_dict() for model in models]
    mean = {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}
    models[0].trained.load_state_dict(mean)
    report = json.loads((arguments.folders[-1] / REPORT_FILE).read_text("utf-8"))
    del report["sha256"]
    export(models[0], arguments.out, {**report, "mean_of": len(models)})


if __name__ == "__main__":
    main()
