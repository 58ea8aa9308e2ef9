"""The reader's network: the embedder's layers, the upper ones trained further, with three small heads."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from qa.reader.encoding import Encoded

# Layers below stay as the embedder has them; only what lies above is trained and shipped.
FROZEN_LAYERS = 6
# After this many layers a first judgement drops hopeless passages.
EARLY_LAYERS = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of like length, padded. Shapes: ids, mask and text (batch, length); booleans but for ids."""

    ids: Tensor
    mask: Tensor
    text: Tensor

    def keep(self, rows: list[int]) -> "Batch":
        """The inputs of some rows."""
        return Batch(self.ids[rows], self.mask[rows], self.text[rows])


@dataclass(frozen=True, slots=True)
class Output:
    """Logits: answers and early (batch,), start and end (batch, length), -inf outside the passage."""

    answers: Tensor
    early: Tensor
    start: Tensor
    end: Tensor


class ReaderModel(nn.Module):
    """A cross-encoder made from a BERT embedder.

    Args:
        bert: the embedder's network; its embeddings and lower layers are shared, its upper layers copied.
    """

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        size = bert.config.hidden_size
        self.embeddings = bert.embeddings
        self.lower = nn.ModuleList(bert.encoder.layer[:FROZEN_LAYERS])
        self.trained = nn.ModuleDict(
            {
                "layers": copy.deepcopy(bert.encoder.layer[FROZEN_LAYERS:]),
                "answers": nn.Linear(size, 1),
                "early": nn.Linear(size, 1),
                "span": nn.Linear(size, 2),
            }
        )

    def first_half(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Run up to the early judgement: hidden states (batch, length, size) and early logits (batch,)."""
        mask = attention_mask(batch)
        with torch.no_grad():
            hidden = self.embeddings(input_ids=batch.ids)
            for layer in self.lower:
                hidden = layer(hidden, mask)
        for layer in self._layers[: EARLY_LAYERS - FROZEN_LAYERS]:
            hidden = layer(hidden, mask)
        return hidden, self.trained["early"](hidden[:, 0])[:, 0]

    def second_half(self, hidden: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Go on from `first_half`: answer logits (batch,), start and end logits (batch, length)."""
        mask = attention_mask(batch)
        for layer in self._layers[EARLY_LAYERS - FROZEN_LAYERS :]:
            hidden = layer(hidden, mask)
        spans = self.trained["span"](hidden).masked_fill(~batch.text[:, :, None], float("-inf"))
        return self.trained["answers"](hidden[:, 0])[:, 0], spans[:, :, 0], spans[:, :, 1]

    def forward(self, batch: Batch) -> Output:
        """All of it, nothing dropped."""
        hidden, early = self.first_half(batch)
        return Output(
            early=early, **dict(zip(("answers", "start", "end"), self.second_half(hidden, batch), strict=True))
        )

    @property
    def device(self) -> torch.device:
        """Where its parameters are."""
        return next(self.embeddings.parameters()).device

    @property
    def _layers(self) -> nn.ModuleList:
        layers = self.trained["layers"]
        assert isinstance(layers, nn.ModuleList)  # noqa: S101 # for the type checker
        return layers


def attention_mask(batch: Batch) -> Tensor | None:
    """Which tokens may be attended to, shape (batch, 1, 1, length); None where nothing is padded."""
    return None if bool(batch.mask.all()) else batch.mask[:, None, None, :]


def collate(inputs: Sequence[Encoded], padding: int, device: torch.device | str = "cpu", multiple: int = 1) -> Batch:
    """Pad `inputs` to the longest of them, or to the next `multiple`: torch prepares itself for each new length."""
    length = -(-max(len(one.ids) for one in inputs) // multiple) * multiple
    ids = torch.full((len(inputs), length), padding)
    text = torch.zeros((len(inputs), length), dtype=torch.bool)
    mask = torch.zeros((len(inputs), length), dtype=torch.bool)
    for row, one in enumerate(inputs):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        mask[row, : len(one.ids)] = True
        text[row, one.text_first : one.text_first + len(one.offsets)] = True
    return Batch(ids.to(device), mask.to(device), text.to(device))
