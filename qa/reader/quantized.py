"""The reader's network with 8-bit weights and activations: about half the time on a CPU.

Weights have a scale per output (row), activations one per token. Channels that are large in all activations are first
made smaller and their weights larger (SmoothQuant, Xiao et al. 2023), or they would take the others' precision.
"""

import copy
import logging
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)
logger = logging.getLogger(__name__)

LARGEST = 127  # of a signed byte
SMOOTHING = 0.5  # how much of the activations' spread moves to the weights
LEAST = 1e-4  # keeps scales from being zero
FEWEST_OUTPUTS = 8  # the heads stay as they are


class QuantizedLinear(nn.Module):
    """A linear layer in 8 bits.

    Args:
        linear: what it stands for; left as it is.
        largest: the largest absolute value seen of each input channel, shape (inputs,).
    """

    def __init__(self, linear: nn.Linear, largest: Tensor) -> None:
        super().__init__()
        weight = linear.weight.detach()
        smooth = largest.clamp_min(LEAST) ** SMOOTHING / weight.abs().amax(0).clamp_min(LEAST) ** (1 - SMOOTHING)
        weight = weight * smooth
        scale = (weight.abs().amax(1) / LARGEST).clamp_min(LEAST * LEAST).double()
        zero = torch.zeros(len(weight), dtype=torch.long)
        with warnings.catch_warnings():
            # Deprecated in favour of compiling at run time, which needs a compiler on the user's machine.
            warnings.simplefilter("ignore")
            rows = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8)
        self._packed = torch.ops.quantized.linear_prepack(rows, None)
        self._shrink = 1 / smooth
        self._bias = linear.bias.detach()
        # Without VNNI, products of two full bytes overflow the 16 bits that they are added in.
        self._narrow = not torch.backends.cpu.get_cpu_capability().startswith("AVX512")

    def forward(self, inputs: Tensor) -> Tensor:
        """As `nn.Linear`."""
        shrunk = inputs * self._shrink
        size = shrunk.abs().amax(-1, keepdim=True).clamp_min(LEAST)
        product: Tensor = torch.ops.quantized.linear_dynamic(shrunk / size, self._packed, self._narrow)
        return product * size + self._bias


def quantize(model: Network, run: Callable[[Network], Any]) -> Network:
    """A copy of `model` in 8 bits, or `model` itself where torch cannot do that here.

    Args:
        run: calls the network on typical inputs, so that the size of its activations is seen.
    """
    engine = torch.backends.quantized.engine
    if engine in (None, "none") or not hasattr(torch, "quantize_per_channel"):
        logger.warning("no 8-bit arithmetic here: the reader takes twice as long")
        return model
    largest = _largest_inputs(model, run)
    # The embeddings are large, and nothing in them changes.
    shared: dict[int, Any] = {id(m): m for m in model.modules() if isinstance(m, nn.Embedding)}
    small = copy.deepcopy(model, shared)
    for name in largest:
        parent, _, child = name.rpartition(".")
        setattr(small.get_submodule(parent), child, QuantizedLinear(_linear(model, name), largest[name]))
    return small


def _largest_inputs(model: Network, run: Callable[[Network], Any]) -> dict[str, Tensor]:
    """The largest absolute value of each input channel of every larger linear layer."""
    largest: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def look(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            seen = inputs[0].detach().abs().flatten(0, -2).amax(0)
            largest[name] = torch.maximum(largest[name], seen) if name in largest else seen

        return look

    names = [n for n, m in model.named_modules() if isinstance(m, nn.Linear) and m.out_features >= FEWEST_OUTPUTS]
    hooks = [_linear(model, name).register_forward_pre_hook(watch(name)) for name in names]
    try:
        with torch.inference_mode():
            run(model)
    finally:
        for hook in hooks:
            hook.remove()
    return largest


def _linear(model: nn.Module, name: str) -> nn.Linear:
    module = model.get_submodule(name)
    assert isinstance(module, nn.Linear)  # noqa: S101 # for the type checker
    return module
