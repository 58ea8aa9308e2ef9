import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from index.bundled import MANIFEST, bundled_model_folder
from index.embedding import Embedder, load_embedder
from index.errors import ModelUnavailable
from ui.settings import Settings


def test_the_default_model_understands_questions_in_two_languages(embedder: Embedder) -> None:
    passages = embedder.encode_documents(
        ["目前，全省共建立新型社区3900多个。", "会议表彰了190个单位。", "今天的天气很好，适合郊游。"]
    )
    assert passages.shape == (3, embedder.dimension) == (3, 384)
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-4)
    for question in ("全省有多少个新型社区?", "How many new-type communities are there in the province?"):
        assert int(np.argmax(passages @ embedder.encode_query(question))) == 0


def test_the_model_uses_its_own_prompts(embedder: Embedder) -> None:
    assert (embedder.query_prompt, embedder.document_prompt) == ("query: ", "passage: ")


def test_langchain_sees_the_same_vectors(embedder: Embedder) -> None:
    assert np.allclose(embedder.embed_query("社区"), embedder.encode_query("社区"), atol=1e-5)
    assert np.allclose(embedder.embed_documents(["社区"])[0], embedder.encode_documents(["社区"])[0], atol=1e-5)


def test_order_is_kept_over_batches(embedder: Embedder) -> None:
    texts = [f"第{number}项工作" * (1 + number % 7) for number in range(70)]
    together = embedder.encode_documents(texts)
    assert np.allclose(together[[0, 33, 69]], embedder.encode_documents([texts[0], texts[33], texts[69]]), atol=1e-4)


def test_another_model_is_one_setting(embedder: Embedder, tmp_path: Path) -> None:
    folder = tmp_path / "own-model"
    shutil.copytree(bundled_model_folder(Settings().cache), folder)
    config = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8"))
    config["prompts"] = {"query": "问：", "passage": "文："}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config), "utf-8")
    other = load_embedder(str(folder), tmp_path)
    assert (other.query_prompt, other.document_prompt) == ("问：", "文：")
    given = load_embedder(str(folder), tmp_path, query_prompt="query: ", document_prompt="passage: ")
    assert np.allclose(given.encode_query("社区"), embedder.encode_query("社区"), atol=1e-4)


@pytest.mark.parametrize("model", ["no/such-model", "/nowhere/model"])
def test_a_model_that_is_not_there_is_named(model: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=model):
        load_embedder(model, tmp_path)


def test_a_damaged_copy_is_made_again(tmp_path: Path) -> None:
    folder = bundled_model_folder(tmp_path)
    (folder / "model.safetensors").write_bytes(b"short")
    again = bundled_model_folder(tmp_path)
    assert (again / "model.safetensors").stat().st_size > 1_000_000
    assert (again / MANIFEST).exists()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [folder.name]
