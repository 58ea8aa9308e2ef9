"""The judge's network over many sentences, written out for training: on a CPU about twice as quick as under autocast.

Weights are turned to half precision once a step instead of once a call, and only the first token passes the last layer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, linear, softmax
from transformers.models.bert.modeling_bert import BertLayer

from qa.reader.model import Batch, ReaderModel

UNSEEN = -1e9  # what the padding adds to its attention


@dataclass(frozen=True, slots=True)
class _Affine:
    """A linear layer's or a norm's weight and bias in the precision that is computed in."""

    weight: Tensor
    bias: Tensor

    @classmethod
    def of(cls, modules: Sequence[nn.Module], dtype: torch.dtype) -> "_Affine":
        """Those of some modules, one below the other."""
        weights, biases = ([cast(Tensor, getattr(m, name)) for m in modules] for name in ("weight", "bias"))
        return cls(torch.cat(weights).to(dtype), torch.cat(biases).to(dtype))

    def __call__(self, inputs: Tensor) -> Tensor:
        return linear(inputs, self.weight, self.bias)

    def normed(self, inputs: Tensor, eps: float) -> Tensor:
        """Layer normalisation."""
        return layer_norm(inputs, self.weight.shape, self.weight, self.bias, eps)


class _Layer:
    """A layer of BERT, nothing dropped out."""

    def __init__(self, layer: BertLayer, dtype: torch.dtype) -> None:
        attention = layer.attention
        own = attention.self
        self._heads, self._eps = own.num_attention_heads, attention.output.LayerNorm.eps
        self._attend = _Affine.of((own.query, own.key, own.value), dtype)
        self._output, self._norm = (
            _Affine.of([module], dtype) for module in (attention.output.dense, attention.output.LayerNorm)
        )
        self._widen, self._narrow, self._last_norm = (
            _Affine.of([module], dtype)
            for module in (layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm)
        )

    def __call__(self, hidden: Tensor, unseen: Tensor, first_only: bool) -> Tensor:
        """From (batch, length, size) to the same, or to (batch, 1, size) for the first token alone."""
        batch, length, size = hidden.shape
        each = size // self._heads
        parts = self._attend(hidden).view(batch, length, 3, self._heads, each).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        if first_only:
            query, hidden = query[:, :, :1], hidden[:, :1]
        weights = softmax(query / math.sqrt(each) @ key.transpose(2, 3) + unseen, dim=-1)
        seen = (weights @ value).transpose(1, 2).reshape(batch, -1, size)
        hidden = self._norm.normed(hidden + self._output(seen), self._eps)
        return self._last_norm.normed(hidden + self._narrow(gelu(self._widen(hidden))), self._eps)


def answer_logits(model: ReaderModel, batches: Sequence[Batch], dtype: torch.dtype) -> Tensor:
    """The answer logits of all inputs, shape (inputs,), as `model` gives them; layers are computed in `dtype`."""
    lower = [_Layer(cast(BertLayer, layer), dtype) for layer in model.lower]
    upper = [_Layer(cast(BertLayer, layer), dtype) for layer in model.trained["layers"].children()]
    logits = []
    for batch in batches:
        unseen = torch.zeros(batch.mask.shape, dtype=dtype, device=batch.mask.device)
        unseen = unseen.masked_fill(~batch.mask, UNSEEN)[:, None, None, :]
        with torch.no_grad():
            hidden = model.embeddings(input_ids=batch.ids).to(dtype)
            for layer in lower:
                hidden = layer(hidden, unseen, first_only=False)
        for layer in upper:
            hidden = layer(hidden, unseen, first_only=layer is upper[-1])
        logits.append(model.trained["answers"](hidden[:, 0].float())[:, 0])
    return torch.cat(logits)
