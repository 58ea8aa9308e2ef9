"""OpenAI's own client against the running service."""

from collections.abc import Iterator

import openai
import pytest

from tests.conftest import SAMPLES, OpenLibrary, index_files
from tests.serving import serve

QUESTION = "云溪省2025年计划新建和改造社区服务中心多少个？"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, open_data: OpenLibrary) -> Iterator[openai.OpenAI]:
    data = tmp_path_factory.mktemp("completions") / "data"
    with open_data(data) as library:
        index_files(library, SAMPLES)
        _, key = library.catalog.keys.create("client", ["ask"], ())
    with serve(data) as service, openai.OpenAI(base_url=f"{service.base}/v1", api_key=key, max_retries=0) as opened:
        yield opened


def ask(client: openai.OpenAI, *questions: str) -> openai.types.chat.ChatCompletionMessage:
    messages: list[openai.types.chat.ChatCompletionMessageParam] = []
    for question in questions[:-1]:
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": "…"}]
    messages.append({"role": "user", "content": questions[-1]})
    return client.chat.completions.create(model="speechqa", messages=messages).choices[0].message


def test_an_answer_has_its_citations_in_the_text_and_as_annotations(client: openai.OpenAI) -> None:
    message = ask(client, QUESTION)
    assert message.content
    assert "260个" in message.content
    assert message.annotations
    for annotation in message.annotations:
        cited = annotation.url_citation
        assert message.content[cited.start_index : cited.end_index] == "[1]"
        assert cited.url.startswith("/documents/")
        assert "2025年云溪省政府工作报告" in cited.title


def test_a_stream_says_the_same_in_pieces(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="speechqa", messages=[{"role": "user", "content": "青禾县县长要打好哪三场仗？"}], stream=True
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(pieces) == ask(client, "青禾县县长要打好哪三场仗？").content
    assert len([piece for piece in pieces if piece]) == 3
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_a_refusal_is_a_normal_answer_and_a_follow_up_leans_on_what_was_asked(client: openai.OpenAI) -> None:
    refusal = ask(client, "云溪省的火箭发射场有几个？")
    assert "没有找到" in str(refusal.content)
    assert refusal.annotations == []
    assert "320个" in str(ask(client, QUESTION, "2024年呢？").content)


def test_what_cannot_be_asked_is_told_in_the_clients_own_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="no model gpt"):
        client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": QUESTION}])
    with pytest.raises(openai.UnprocessableEntityError):
        ask(client, "？")
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sqa_wrong_key").models.list()
    assert [model.id for model in client.models.list()] == ["speechqa"]
