"""The catalog of documents: the truth that vectors and lexical index are derived from."""

import datetime
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, false, func, inspect, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from index.documents import VISIBLE, Document, Passage, Section, State
from index.errors import CatalogMismatch, CatalogUnavailable
from index.groups import may_see
from index.history import History
from index.keys import KeyStore, SigningKeys
from index.tables import VERSION, Base, DocumentRow, OriginRow, PassageRow, PropertyRow, SectionRow, SourceRow


@dataclass(frozen=True, slots=True)
class Summary:
    """A document without its text: enough to list it, or to tell which one a question means."""

    id: str
    title: str
    speaker: str | None
    date: datetime.date | None
    occasion: str | None
    place: str | None
    groups: tuple[str, ...]
    state: State
    source: str
    number: int  # which speech of its file
    total_number: int  # speeches in that file


EARLIER_VERSIONS = ("1", "2")
# Table, column, type: what versions 2 and 3 added.
ADDED_COLUMNS = (("documents", "place", "TEXT"), ("turns", "owner", "VARCHAR(200) NOT NULL DEFAULT ''"))
# Up to so many documents are asked for by name; for more, everything is read.
FEW_DOCUMENTS = 500


class Catalog:
    """Documents, their sections and passages, and the sources they came from.

    Args:
        url: an SQLAlchemy URL.
        data: the data folder, named in errors.
    """

    def __init__(self, url: str, data: Path) -> None:
        try:
            self._engine = _create_engine(url)
            Base.metadata.create_all(self._engine)
            self._session = sessionmaker(self._engine, expire_on_commit=False)
            self.history = History(self._session)
            self.keys = KeyStore(self._session)
            self.signing = SigningKeys(self._session)
            properties = self._properties()
            if properties["version"] in EARLIER_VERSIONS:
                properties = self._migrate()
        except (SQLAlchemyError, ImportError) as error:
            raise CatalogUnavailable(data=data, reason=str(error).splitlines()[0]) from error
        if properties["version"] != str(VERSION):
            raise CatalogMismatch(data=data, found=properties["version"], expected=VERSION)
        self.id = properties["id"]

    def _properties(self) -> dict[str, str]:
        with self._session.begin() as session:
            properties = {row.key: row.value for row in session.scalars(select(PropertyRow))}
            if not properties:
                properties = {"version": str(VERSION), "id": uuid.uuid4().hex}
                session.add_all(PropertyRow(key=key, value=value) for key, value in properties.items())
            return properties

    def _migrate(self) -> dict[str, str]:
        """Later versions added columns; what is there keeps its texts and indexes."""
        present = inspect(self._engine)
        with self._session.begin() as session:
            for table, column, kind in ADDED_COLUMNS:
                if column not in {known["name"] for known in present.get_columns(table)}:
                    session.execute(text(f"ALTER TABLE {table} ADD COLUMN {column} {kind}"))
            session.merge(PropertyRow(key="version", value=str(VERSION)))
        return self._properties()

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def stage(
        self, key: str, sha256: str, origins: Sequence[tuple[int, str, str]], documents: Iterable[Document]
    ) -> list[str]:
        """Record in one transaction that source `key` now holds `origins`; return ids no source holds any more.

        New documents come in as `indexing`; those that no source holds go on answering as `replaced` until
        `remove` takes them out, or are marked `deleting` when they never answered.

        Args:
            origins: (number in the file, document id, name as shown) of every speech of the source.
            documents: those of them that the catalog does not have yet.
        """
        with self._session.begin() as session:
            for document in documents:
                self._insert(session, document)
            before = set(session.scalars(select(OriginRow.document_id).where(OriginRow.source_key == key)))
            session.execute(delete(OriginRow).where(OriginRow.source_key == key))
            session.merge(SourceRow(key=key, sha256=sha256))
            session.flush()
            session.add_all(
                OriginRow(source_key=key, number=number, document_id=document_id, name=name)
                for number, document_id, name in origins
            )
            session.flush()
            held = set(session.scalars(select(OriginRow.document_id).where(OriginRow.document_id.in_(before))))
            gone = sorted(before - held)
            kept = update(DocumentRow).where(DocumentRow.id.in_([id_ for _, id_, _ in origins]))
            # What was on its way out and is back: whole when it had answered until now, else indexed anew.
            session.execute(kept.where(DocumentRow.state == State.REPLACED).values(state=State.READY))
            session.execute(kept.where(DocumentRow.state == State.DELETING).values(state=State.INDEXING))
            leaving = update(DocumentRow).where(DocumentRow.id.in_(gone))
            session.execute(leaving.where(DocumentRow.state == State.READY).values(state=State.REPLACED))
            session.execute(leaving.where(DocumentRow.state == State.INDEXING).values(state=State.DELETING))
            return gone

    def describe(self, documents: Iterable[Document]) -> set[str]:
        """Give documents that are there already the metadata of these; return the ids for which it is new."""
        changed = set()
        with self._session.begin() as session:
            for document in documents:
                row = session.get(DocumentRow, document.id)
                told = (document.speaker, document.date, document.occasion, document.place)
                if row is not None and (row.speaker, row.date, row.occasion, row.place) != told:
                    row.speaker, row.date, row.occasion, row.place = told
                    changed.add(document.id)
        return changed

    def held_elsewhere(self, ids: Collection[str], key: str) -> set[str]:
        """Those of `ids` that a source other than `key` holds too."""
        query = select(OriginRow.document_id).where(OriginRow.document_id.in_(ids), OriginRow.source_key != key)
        with self._session() as session:
            return set(session.scalars(query))

    def _insert(self, session: Session, document: Document) -> None:
        session.add(
            DocumentRow(
                id=document.id,
                title=document.title,
                text=document.text,
                speaker=document.speaker,
                date=document.date,
                occasion=document.occasion,
                place=document.place,
                groups=list(document.groups),
                hints=[list(hint) for hint in document.hints],
                state=State.INDEXING,
            )
        )
        session.flush()
        self._insert_parts(session, document)

    def _insert_parts(self, session: Session, document: Document) -> None:
        session.add_all(
            SectionRow(
                document_id=document.id,
                number=number,
                id=section.id,
                parent_id=section.parent_id,
                marker=section.marker,
                heading=section.heading,
                level=section.level,
                inline=section.inline,
                start=section.start,
                end=section.end,
            )
            for number, section in enumerate(document.sections)
        )
        session.add_all(
            PassageRow(
                id=p.id, document_id=p.document_id, number=p.number, section_id=p.section_id, start=p.start, end=p.end
            )
            for p in document.passages
        )

    def replace_parts(self, document: Document) -> None:
        """Put the sections and passages of `document` in place of those kept, and mark it `indexing`."""
        with self._session.begin() as session:
            for table in (SectionRow, PassageRow):
                session.execute(delete(table).where(table.document_id == document.id))
            session.execute(update(DocumentRow).where(DocumentRow.id == document.id).values(state=State.INDEXING))
            self._insert_parts(session, document)

    def set_state(self, document_ids: Collection[str], state: State) -> None:
        """Move documents to `state`."""
        with self._session.begin() as session:
            session.execute(update(DocumentRow).where(DocumentRow.id.in_(document_ids)).values(state=state))

    def remove(self, document_id: str) -> None:
        """Take a document and all that hangs on it out of the catalog."""
        with self._session.begin() as session:
            # Indexing the file again brings the document back: what was recorded of it no longer holds.
            sources = select(OriginRow.source_key).where(OriginRow.document_id == document_id)
            session.execute(update(SourceRow).where(SourceRow.key.in_(sources)).values(sha256=""))
            for table in (OriginRow, SectionRow, PassageRow):
                session.execute(delete(table).where(table.document_id == document_id))
            session.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
            empty = select(SourceRow.key).where(~SourceRow.key.in_(select(OriginRow.source_key)))
            session.execute(delete(SourceRow).where(SourceRow.key.in_(empty)))

    def source_sha256(self, key: str) -> str | None:
        """Checksum of the source as it was last indexed."""
        with self._session() as session:
            return session.scalar(select(SourceRow.sha256).where(SourceRow.key == key))

    def source_ids(self, key: str) -> list[str]:
        """Ids of a source's documents in file order."""
        query = select(OriginRow.document_id).where(OriginRow.source_key == key).order_by(OriginRow.number)
        with self._session() as session:
            return list(session.scalars(query))

    def known(self, document_ids: Collection[str]) -> set[str]:
        """Those of `document_ids` that the catalog has, whatever their state."""
        with self._session() as session:
            return set(session.scalars(select(DocumentRow.id).where(DocumentRow.id.in_(document_ids))))

    def summaries(self, ids: Collection[str] | None = None, states: Collection[State] | None = None) -> list[Summary]:
        """Documents without their text, in date and title order."""
        row = DocumentRow
        query = select(row.id, row.title, row.speaker, row.date, row.occasion, row.place, row.groups, row.state)
        query = query.order_by(row.date, row.title, row.id)
        if ids is not None:
            query = query.where(row.id.in_(ids))
        if states is not None:
            query = query.where(row.state.in_(states))
        with self._session() as session:
            found = list(session.execute(query))
            origins = self._origins(session, [id_ for id_, *_ in found])
        return [
            Summary(
                id_, title, speaker, date, occasion, place, tuple(groups), State(state), *origins.get(id_, ("", 1, 1))
            )
            for id_, title, speaker, date, occasion, place, groups, state in found
        ]

    def _origins(self, session: Session, ids: Collection[str]) -> dict[str, tuple[str, int, int]]:
        """Document id -> (source as shown, number in its file, speeches in that file); the first source wins."""
        row = OriginRow
        query = select(row.source_key, row.document_id, row.name, row.number).order_by(row.source_key, row.number)
        if len(ids) <= FEW_DOCUMENTS:
            # Reading one document must not read the origins of thousands.
            query = query.where(row.source_key.in_(select(row.source_key).where(row.document_id.in_(ids))))
        rows = list(session.execute(query))
        totals = Counter(source_key for source_key, *_ in rows)
        origins: dict[str, tuple[str, int, int]] = {}
        for source_key, document_id, name, number in rows:
            origins.setdefault(document_id, (name, number, totals[source_key]))
        return origins

    def documents(self, ids: Collection[str] | None = None, states: Collection[State] | None = None) -> list[Document]:
        """Whole documents, in date and title order."""
        summaries = {summary.id: summary for summary in self.summaries(ids, states)}
        with self._session() as session:
            query = select(DocumentRow).where(DocumentRow.id.in_(summaries))
            rows = {row.id: row for row in session.scalars(query)}
            sections = self._sections(session, list(rows))
            passages = self._passages(session, list(rows))
        return [
            Document(
                id=id_,
                title=summary.title,
                text=rows[id_].text,
                speaker=summary.speaker,
                date=summary.date,
                occasion=summary.occasion,
                place=summary.place,
                sections=tuple(sections.get(id_, ())),
                passages=tuple(passages.get(id_, ())),
                hints=tuple((start, level) for start, level in rows[id_].hints),
                groups=summary.groups,
                source=summary.source,
                state=summary.state,
            )
            for id_, summary in summaries.items()
            if id_ in rows
        ]

    def _sections(self, session: Session, document_ids: list[str]) -> dict[str, list[Section]]:
        query = select(SectionRow).where(SectionRow.document_id.in_(document_ids)).order_by(SectionRow.number)
        found: dict[str, list[Section]] = {}
        for row in session.scalars(query):
            found.setdefault(row.document_id, []).append(
                Section(row.id, row.parent_id, row.marker, row.heading, row.level, row.inline, row.start, row.end)
            )
        return found

    def _passages(self, session: Session, document_ids: list[str]) -> dict[str, list[Passage]]:
        query = select(PassageRow).where(PassageRow.document_id.in_(document_ids)).order_by(PassageRow.number)
        found: dict[str, list[Passage]] = {}
        for row in session.scalars(query):
            found.setdefault(row.document_id, []).append(
                Passage(row.id, row.document_id, row.number, row.section_id, row.start, row.end)
            )
        return found

    def visible_ids(
        self,
        ids: Collection[str] | None = None,
        speakers: Collection[str] | None = None,
        date_from: datetime.date | None = None,
        date_to: datetime.date | None = None,
        *,
        titles: Collection[str] | None = None,
        occasions: Collection[str] | None = None,
        places: Collection[str] | None = None,
        groups: Collection[str] | None = None,
    ) -> set[str]:
        """Ids of the documents that questions of somebody in `groups` may see and that fit every filter given.

        Without `groups` everything may be seen. Ids and speakers are whole; of titles, occasions and places a part is enough.
        """
        query = select(DocumentRow.id, DocumentRow.groups).where(DocumentRow.state.in_(VISIBLE))
        if ids is not None:
            query = query.where(DocumentRow.id.in_(ids))
        if speakers is not None:
            query = query.where(DocumentRow.speaker.in_(speakers))
        if date_from is not None:
            query = query.where(DocumentRow.date >= date_from)
        if date_to is not None:
            query = query.where(DocumentRow.date <= date_to)
        parts = ((DocumentRow.title, titles), (DocumentRow.occasion, occasions), (DocumentRow.place, places))
        for column, wanted in parts:
            if wanted is not None:
                query = query.where(or_(false(), *(column.contains(words, autoescape=True) for words in wanted)))
        with self._session() as session:
            return {id_ for id_, own in session.execute(query) if may_see(own, groups)}

    def mentioning(self, words: str, ids: Collection[str]) -> set[str]:
        """Ids among `ids` of the documents whose text holds `words`."""
        query = select(DocumentRow.id).where(DocumentRow.text.contains(words, autoescape=True))
        with self._session() as session:
            return set(session.scalars(query)).intersection(ids)

    def passage_count(self, states: Collection[State]) -> int:
        """Passages of all documents in one of `states`."""
        query = select(func.count()).select_from(PassageRow).join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        with self._session() as session:
            return int(session.scalar(query.where(DocumentRow.state.in_(states))) or 0)

    def size(self) -> tuple[dict[State, int], int]:
        """How many documents there are in each state, and how many passages."""
        with self._session() as session:
            states = session.execute(select(DocumentRow.state, func.count()).group_by(DocumentRow.state))
            by_state = {State(state): count for state, count in _pairs(states)}
            return by_state, session.scalar(select(func.count()).select_from(PassageRow)) or 0

    def counts(self, ids: Collection[str] | None = None) -> dict[str, tuple[int, int]]:
        """Document id -> (sections with a heading, passages)."""
        with self._session() as session:
            sections = select(SectionRow.document_id, func.count()).where(SectionRow.heading != "")
            passages = select(PassageRow.document_id, func.count())
            if ids is not None:
                sections = sections.where(SectionRow.document_id.in_(ids))
                passages = passages.where(PassageRow.document_id.in_(ids))
            headed: dict[str, int] = dict(_pairs(session.execute(sections.group_by(SectionRow.document_id))))
            cut: dict[str, int] = dict(_pairs(session.execute(passages.group_by(PassageRow.document_id))))
        return {id_: (headed.get(id_, 0), count) for id_, count in cut.items()}


def _pairs(rows: Iterable[Any]) -> list[tuple[str, int]]:
    return [(str(row[0]), int(row[1])) for row in rows]


def _create_engine(url: str) -> Engine:
    # Errors go to logs and traces, which hold no question and no speech.
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _: Any) -> None:
            # Readers go on while one writer writes, and a crash loses no committed document.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
                connection.execute(f"PRAGMA {pragma}")

    return engine
