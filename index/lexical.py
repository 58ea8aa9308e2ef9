"""The lexical index: BM25 over segmented Chinese in tantivy, on disk in the data folder."""

import json
import shutil
from collections.abc import Collection, Sequence, Set
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from index.documents import Document
from index.errors import IndexMismatch
from index.segmentation import segment

# Raise when fields or segmentation change, so that older indexes are rebuilt.
FORMAT = 2
FORMAT_FILE = "speechqa-format.json"
HEAP_BYTES = 64_000_000


class LexicalIndex:
    """One tantivy index with a row a passage: its words, its headings' words, and those that say whose speech it is."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("passage", stored=True, tokenizer_name="raw")
        schema.add_text_field("document", stored=True, tokenizer_name="raw")
        for name in ("body", "headings", "speech"):
            schema.add_text_field(name, tokenizer_name="whitespace")
        self._schema = schema.build()
        marker = folder / FORMAT_FILE
        try:
            if folder.exists() and any(folder.iterdir()):
                found = json.loads(marker.read_text("utf-8")).get("format") if marker.exists() else None
                if found != FORMAT:
                    raise IndexMismatch(data=data, reason=f"lexical format: {found} → {FORMAT}")
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(folder))
            self._index.searcher()
        except (ValueError, OSError, AttributeError) as error:
            raise IndexMismatch(data=data, reason=f"lexical: {str(error).splitlines()[0]}") from error
        marker.write_text(json.dumps({"format": FORMAT}), "utf-8")

    def replace(self, documents: Sequence[Document]) -> None:
        """Write the passages of `documents`, in place of what was kept of them, in one commit."""
        writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        for document in documents:
            writer.delete_documents_by_term("document", document.id)
            speech = " ".join(segment(_speech_words(document)))
            headings = {s.id: " ".join(segment(" ".join(document.section_path(s.id)))) for s in document.sections}
            for passage in document.passages:
                row = tantivy.Document()
                row.add_text("passage", passage.id)
                row.add_text("document", document.id)
                row.add_text("body", " ".join(segment(document.text[passage.start : passage.end])))
                row.add_text("headings", headings[passage.section_id])
                row.add_text("speech", speech)
                writer.add_document(row)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def delete(self, document_ids: Collection[str]) -> None:
        """Remove every row of these documents."""
        writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        for document_id in document_ids:
            writer.delete_documents_by_term("document", document_id)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def delete_all(self) -> None:
        """Remove every row."""
        writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        writer.delete_all_documents()
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def count(self) -> int:
        """Rows kept."""
        return int(self._index.searcher().num_docs)

    def document_frequency(self, word: str) -> int:
        """Number of passages whose body holds `word`."""
        query = Query.term_query(self._schema, "body", word)
        found: Any = self._index.searcher().search(query, limit=1, count=True)
        return int(found.count or 0)

    def search(
        self,
        words: Sequence[str],
        limit: int,
        documents: Set[str] | None = None,
        weights: dict[str, float] | None = None,
    ) -> list[tuple[str, float]]:
        """Return (passage id, BM25 score) best first, from `documents` only when given.

        Args:
            words: segmented question; terms that stand in no field add nothing.
            weights: field name -> factor of its score; fields left out are not searched.
        """
        fields = weights or {"body": 1.0}
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, word), weight))
            for word in dict.fromkeys(words)
            for field, weight in fields.items()
        ]
        if not clauses or limit < 1 or documents == set():
            return []
        query = Query.boolean_query(clauses)
        if documents is not None:
            allowed = Query.term_set_query(self._schema, "document", sorted(documents))
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(allowed, 0.0))])
        searcher = self._index.searcher()
        hits = searcher.search(query, limit=limit).hits
        return [(str(searcher.doc(address)["passage"][0]), float(score)) for score, address in hits]


def _speech_words(document: Document) -> str:
    """What says whose speech it is: title, speaker, place, occasion, year and month."""
    date = f"{document.date.year}年 {document.date.month}月" if document.date else ""
    return " ".join(filter(None, (document.title, document.speaker, document.place, document.occasion, date)))


def remove_index(folder: Path) -> None:
    """Delete the folder of an index, so that the next one starts empty."""
    shutil.rmtree(folder, ignore_errors=True)
