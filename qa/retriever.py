"""Retrieval: dense and lexical search fused by reciprocal rank, as a LangChain retriever."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.documents import Document, Passage
from index.library import Library
from index.segmentation import has_han
from qa.question import content_words

# Reciprocal rank fusion: score = sum of weight / (RRF_CONSTANT + rank), Cormack et al. 2009.
RRF_CONSTANT = 60
CANDIDATES = 60
# What words are worth where they stand: in the passage, in the headings above it, in what says whose speech it is.
FIELD_WEIGHTS = {"body": 1.0, "headings": 0.3, "speech": 0.6}
LEXICAL_WEIGHT = 1.0  # of the ranking by words beside that by meaning
SCRIPT_SAMPLE = 10
# Passages that are read; across scripts meaning alone ranks them, and the right one comes later.
READ_PASSAGES, READ_ACROSS_SCRIPTS = 20, 32


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question, with its scores: fused, cosine (0 when not found by it), BM25."""

    document: Document
    passage: Passage
    score: float
    cosine: float
    bm25: float

    @property
    def text(self) -> str:
        """The passage's words."""
        return self.document.text[self.passage.start : self.passage.end]


class HybridRetriever(BaseRetriever):
    """Finds passages by meaning (Chroma) and by words (tantivy) and fuses both rankings.

    `invoke(question, documents=ids)` narrows to some documents. The metadata of each LangChain document
    holds the `Evidence` under "evidence" and its places under plain names.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    limit: int = READ_PASSAGES
    lexical_weight: float = LEXICAL_WEIGHT
    field_weights: dict[str, float] = FIELD_WEIGHTS

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        documents: Set[str] | None = None,
        **_: Any,
    ) -> list[LangChainDocument]:
        return [as_langchain(evidence) for evidence in self.retrieve(query, documents)]

    def retrieve(self, query: str, documents: Set[str] | None = None) -> list[Evidence]:
        """Return the best passages for `query`, best first, at most `limit`; some more across scripts."""
        vector = self.library.embedder.encode_query(query)
        dense = self._resolve(self.library.vectors.search(vector, CANDIDATES, documents))
        lexical: list[tuple[Document, Passage, float]] = []
        if not self._shares_script(query, dense):
            return fuse(dense, [])[: max(self.limit, READ_ACROSS_SCRIPTS)]
        if self.lexical_weight:
            words = content_words(query)
            lexical = self._resolve(self.library.lexical.search(words, CANDIDATES, documents, self.field_weights))
        return fuse(dense, lexical, self.lexical_weight)[: self.limit]

    def _shares_script(self, query: str, dense: list[tuple[Document, Passage, float]]) -> bool:
        """False when the passages nearest in meaning are written in another script than the question.

        Fusing word search there only pushes up the few passages that happen to share its letters.
        """
        nearest = [document.text[passage.start : passage.end] for document, passage, _ in dense[:SCRIPT_SAMPLE]]
        same = sum(1 for text in nearest if has_han(text) == has_han(query))
        return same * 2 >= len(nearest)

    def _resolve(self, hits: Sequence[tuple[str, float]]) -> list[tuple[Document, Passage, float]]:
        """Look the hits up in the catalog; those it does not show are left out."""
        places = [(*passage_id.rpartition(":")[::2], score) for passage_id, score in hits]
        documents = self.library.visible_documents({document_id for document_id, _, _ in places})
        return [
            (document, document.passages[int(number)], score)
            for document_id, number, score in places
            if (document := documents.get(document_id)) and int(number) < len(document.passages)
        ]


def fuse(
    dense: list[tuple[Document, Passage, float]],
    lexical: list[tuple[Document, Passage, float]],
    lexical_weight: float = LEXICAL_WEIGHT,
) -> list[Evidence]:
    """Fuse two rankings by weighted reciprocal rank; ties go to the higher cosine, then to the passage id."""
    fused: dict[str, list[Any]] = {}
    for ranking, place, worth in ((dense, 1, 1.0), (lexical, 2, lexical_weight)):
        for rank, (document, passage, score) in enumerate(ranking, start=1):
            entry = fused.setdefault(passage.id, [0.0, 0.0, 0.0, document, passage])
            entry[0] += worth / (RRF_CONSTANT + rank)
            entry[place] = score
    evidence = [Evidence(document, passage, *scores) for *scores, document, passage in fused.values()]
    return sorted(evidence, key=lambda e: (-e.score, -e.cosine, e.passage.id))


def as_langchain(evidence: Evidence) -> LangChainDocument:
    """LangChain's form of a piece of evidence."""
    passage = evidence.passage
    return LangChainDocument(
        id=passage.id,
        page_content=evidence.text,
        metadata={
            "evidence": evidence,
            "document_id": passage.document_id,
            "section_id": passage.section_id,
            "start": passage.start,
            "end": passage.end,
            "score": evidence.score,
        },
    )
