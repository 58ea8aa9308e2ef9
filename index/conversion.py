"""Reading the 4-bit carrier of multilingual-e5-small into a SentenceTransformer.

The libraries of the model are imported where they are used: commands that only list documents should not
wait for them.
"""

import importlib
import itertools
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from transformers import BertConfig, PreTrainedTokenizerFast

PROMPTS = {"query": "query: ", "document": "passage: ", "passage": "passage: "}
BLOCK_BYTES = 18  # a 2-byte scale and 32 values of 4 bits

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


def transformers() -> Any:
    """The library, imported at first use."""
    return importlib.import_module("transformers")


class CarrierReader:
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
        self.words = [blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets)]
        _, map_length = self._take("<iI")
        self.position += map_length
        self.directory = self._read_directory()

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.position)
        self.position += struct.calcsize(layout)
        return values

    def _array(self, dtype: str, count: int) -> NDArray[Any]:
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

    def config(self) -> "BertConfig":
        """Shape of the model."""
        config: BertConfig = transformers().BertConfig(
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
        return config

    def state(self) -> "dict[str, torch.Tensor]":
        """Weights by BertModel name, float32."""
        import torch

        names = dict(EMBEDDING_NAMES)
        for layer in range(self.layers):
            for short, long in LAYER_NAMES.items():
                for end, word in (("w", "weight"), ("b", "bias")):
                    names[f"l{layer}.{short}.{end}"] = f"encoder.layer.{layer}.{long}.{word}"
        state = dict(transformers().BertModel(self.config()).state_dict())
        for source, target in names.items():
            state[target] = torch.from_numpy(self._values(source)).reshape(state[target].shape)
        # The carrier has no pooler: passages are pooled by their mean. Zeros keep the saved file reproducible.
        for name in ("pooler.dense.weight", "pooler.dense.bias"):
            state[name] = torch.zeros_like(state[name])
        return state

    def _values(self, name: str) -> NDArray[Any]:
        kind, values, offset, size = self.directory[name]
        if kind == 0:
            return np.frombuffer(self.data, "<f4", values, offset).copy()
        blocks = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, BLOCK_BYTES)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
        return ((nibbles - 8.0) * scale).reshape(-1)[:values]

    def tokenizer(self) -> "PreTrainedTokenizerFast":
        """The Unigram tokenizer of XLM-R, without a model hub."""
        from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
        from tokenizers.models import Unigram

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
        fast: PreTrainedTokenizerFast = transformers().PreTrainedTokenizerFast(
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
        return fast


def save_sentence_transformer(reader: CarrierReader, parts: Path, folder: Path) -> None:
    """Write the carrier's model as a SentenceTransformer to `folder`; `parts` is scratch space."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    model = transformers().BertModel(reader.config())
    model.load_state_dict(reader.state(), strict=True)
    model.save_pretrained(parts)
    reader.tokenizer().save_pretrained(parts)
    transformer = Transformer(str(parts), max_seq_length=reader.positions)
    modules = [transformer, Pooling(transformer.get_embedding_dimension(), pooling_mode="mean"), Normalize()]
    SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu").save(str(folder))
