"""The language model that an organisation plugs in: any that LangChain's `init_chat_model` reaches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qa.errors import LanguageModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

NO_KEY = "none"  # what a server of one's own, which asks for none, is sent


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """Which model answers, and where.

    Attributes:
        name: `provider:model` as `init_chat_model` takes it, for instance `openai:qwen2.5`.
        base_url: the endpoint; empty for the provider's own.
        api_key: never shown.
        timeout: seconds without a word after which the model counts as down.
        context_tokens: how much the model reads and writes in all.
    """

    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    timeout: float = 30.0
    context_tokens: int = 8192


class LanguageModel:
    """A chat model under its name; made when first asked, so that a service starts while its model is down."""

    def __init__(self, settings: LanguageModelSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self._models: dict[int, BaseChatModel] = {}  # by the tokens that they write at most

    def stream(self, system: str, user: str, most_tokens: int) -> Iterator[str]:
        """Pieces of the model's answer as they come.

        Raises:
            LanguageModelUnavailable: it is down, too slow, refuses or does not speak the protocol.
        """
        try:
            for chunk in self._load(most_tokens).stream([("system", system), ("human", user)]):
                if text := chunk.text:
                    yield text
        except Exception as error:  # whatever a foreign endpoint and its client do, people get an answer
            raise LanguageModelUnavailable(name=self.name, reason=type(error).__name__) from error

    def _load(self, most_tokens: int) -> "BaseChatModel":
        if most_tokens not in self._models:
            from langchain.chat_models import init_chat_model  # noqa: PLC0415 # takes a second; most run without a model

            settings = self.settings
            more: dict[str, Any] = {"base_url": settings.base_url} if settings.base_url else {}
            self._models[most_tokens] = init_chat_model(
                settings.name,
                api_key=settings.api_key or NO_KEY,
                temperature=0,
                timeout=settings.timeout,
                max_retries=1,
                max_tokens=most_tokens,
                **more,
            )
        return self._models[most_tokens]
