"""The catalog of documents: the truth that vectors and lexical index are derived from."""

import datetime
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    Engine,
    ForeignKey,
    Integer,
    String,
    Text,
    create_engine,
    delete,
    event,
    func,
    select,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from index.documents import VISIBLE, Document, Passage, Section, State
from index.errors import CatalogMismatch

VERSION = 1


class Base(DeclarativeBase):
    """Tables of the catalog."""


class PropertyRow(Base):
    __tablename__ = "properties"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class DocumentRow(Base):
    __tablename__ = "documents"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    speaker: Mapped[str | None] = mapped_column(Text)
    date: Mapped[datetime.date | None] = mapped_column(Date, index=True)
    occasion: Mapped[str | None] = mapped_column(Text)
    groups: Mapped[list[str]] = mapped_column(JSON)
    hints: Mapped[list[list[int]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), index=True)


class SourceRow(Base):
    __tablename__ = "sources"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))


class OriginRow(Base):
    """Which document is which speech of which source; a document may come from several."""

    __tablename__ = "origins"
    source_key: Mapped[str] = mapped_column(ForeignKey("sources.key"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    name: Mapped[str] = mapped_column(Text)


class SectionRow(Base):
    __tablename__ = "sections"
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(String(32))
    parent_id: Mapped[str | None] = mapped_column(String(32))
    marker: Mapped[str] = mapped_column(Text)
    heading: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(Integer)
    inline: Mapped[bool] = mapped_column()
    start: Mapped[int] = mapped_column("start_offset", Integer)
    end: Mapped[int] = mapped_column("end_offset", Integer)


class PassageRow(Base):
    __tablename__ = "passages"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    section_id: Mapped[str] = mapped_column(String(32))
    start: Mapped[int] = mapped_column("start_offset", Integer)
    end: Mapped[int] = mapped_column("end_offset", Integer)


@dataclass(frozen=True, slots=True)
class Heading:
    """What names a document, without its text: enough to tell which one a question means."""

    id: str
    title: str
    date: datetime.date | None
    occasion: str | None
    number: int  # which speech of its file
    total_number: int  # speeches in that file


class Catalog:
    """Documents, their sections and passages, and the sources they came from.

    Args:
        url: an SQLAlchemy URL.
        data: the data folder, named in errors.
    """

    def __init__(self, url: str, data: Path) -> None:
        self._engine = _create_engine(url)
        Base.metadata.create_all(self._engine)
        self._session = sessionmaker(self._engine, expire_on_commit=False)
        with self._session.begin() as session:
            properties = {row.key: row.value for row in session.scalars(select(PropertyRow))}
            if not properties:
                properties = {"version": str(VERSION), "id": uuid.uuid4().hex}
                session.add_all(PropertyRow(key=key, value=value) for key, value in properties.items())
        if properties["version"] != str(VERSION):
            raise CatalogMismatch(data=data, found=properties["version"], expected=VERSION)
        self.id = properties["id"]

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def stage(
        self, key: str, sha256: str, origins: Sequence[tuple[int, str, str]], documents: Iterable[Document]
    ) -> list[str]:
        """Record in one transaction that source `key` now holds `origins`; return ids no source holds any more.

        New documents come in as `indexing`; those that no source holds are marked `replaced` and go on
        answering until `remove` takes them out.

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
            session.execute(update(DocumentRow).where(DocumentRow.id.in_(gone)).values(state=State.REPLACED))
            return gone

    def _insert(self, session: Session, document: Document) -> None:
        session.add(
            DocumentRow(
                id=document.id,
                title=document.title,
                text=document.text,
                speaker=document.speaker,
                date=document.date,
                occasion=document.occasion,
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
            for table in (OriginRow, SectionRow, PassageRow):
                session.execute(delete(table).where(table.document_id == document_id))
            session.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
            empty = select(SourceRow.key).where(~SourceRow.key.in_(select(OriginRow.source_key)))
            session.execute(delete(SourceRow).where(SourceRow.key.in_(empty)))

    def source_sha256(self, key: str) -> str | None:
        """Checksum of the source as it was last indexed."""
        with self._session() as session:
            return session.scalar(select(SourceRow.sha256).where(SourceRow.key == key))

    def source_documents(self, key: str) -> list[Document]:
        """Documents of a source in file order, without their text's parts."""
        with self._session() as session:
            query = select(OriginRow.document_id).where(OriginRow.source_key == key).order_by(OriginRow.number)
            ids = list(session.scalars(query))
        by_id = {document.id: document for document in self.documents(ids=ids, parts=False)}
        return [by_id[id_] for id_ in ids if id_ in by_id]

    def known(self, document_ids: Collection[str]) -> set[str]:
        """Those of `document_ids` that the catalog has, whatever their state."""
        with self._session() as session:
            return set(session.scalars(select(DocumentRow.id).where(DocumentRow.id.in_(document_ids))))

    def documents(
        self, ids: Collection[str] | None = None, states: Collection[State] | None = None, parts: bool = True
    ) -> list[Document]:
        """Documents by title order, with sections and passages unless `parts` is false."""
        with self._session() as session:
            query = select(DocumentRow).order_by(DocumentRow.date, DocumentRow.title, DocumentRow.id)
            if ids is not None:
                query = query.where(DocumentRow.id.in_(ids))
            if states is not None:
                query = query.where(DocumentRow.state.in_(states))
            rows = list(session.scalars(query))
            wanted = [row.id for row in rows]
            sources: dict[str, str] = {}
            for origin in session.scalars(
                select(OriginRow)
                .where(OriginRow.document_id.in_(wanted))
                .order_by(OriginRow.source_key, OriginRow.number)
            ):
                sources.setdefault(origin.document_id, origin.name)
            sections = self._sections(session, wanted) if parts else {}
            passages = self._passages(session, wanted) if parts else {}
            return [
                Document(
                    id=row.id,
                    title=row.title,
                    text=row.text,
                    speaker=row.speaker,
                    date=row.date,
                    occasion=row.occasion,
                    sections=tuple(sections.get(row.id, ())),
                    passages=tuple(passages.get(row.id, ())),
                    hints=tuple((start, level) for start, level in row.hints),
                    groups=tuple(row.groups),
                    source=sources.get(row.id, ""),
                    state=State(row.state),
                )
                for row in rows
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
    ) -> set[str]:
        """Ids of the documents that questions may see and that fit every filter given."""
        query = select(DocumentRow.id).where(DocumentRow.state.in_(VISIBLE))
        if ids is not None:
            query = query.where(DocumentRow.id.in_(ids))
        if speakers is not None:
            query = query.where(DocumentRow.speaker.in_(speakers))
        if date_from is not None:
            query = query.where(DocumentRow.date >= date_from)
        if date_to is not None:
            query = query.where(DocumentRow.date <= date_to)
        with self._session() as session:
            return set(session.scalars(query))

    def headings(self, ids: Collection[str]) -> list[Heading]:
        """What names each of the documents `ids`."""
        speeches = select(OriginRow.source_key, func.count().label("total")).group_by(OriginRow.source_key).subquery()
        query = (
            select(
                DocumentRow.id,
                DocumentRow.title,
                DocumentRow.date,
                DocumentRow.occasion,
                OriginRow.number,
                speeches.c.total,
            )
            .join(OriginRow, OriginRow.document_id == DocumentRow.id)
            .join(speeches, speeches.c.source_key == OriginRow.source_key)
        )
        with self._session() as session:
            return [Heading(*row) for row in session.execute(query) if row[0] in ids]

    def mentioning(self, words: str, ids: Collection[str]) -> set[str]:
        """Ids among `ids` of the documents whose text holds `words`."""
        query = select(DocumentRow.id).where(DocumentRow.text.contains(words, autoescape=True))
        with self._session() as session:
            return set(session.scalars(query)).intersection(ids)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Document id -> (sections with a heading, passages)."""
        with self._session() as session:
            sections = select(SectionRow.document_id, func.count()).where(SectionRow.heading != "")
            passages = select(PassageRow.document_id, func.count())
            headed: dict[str, int] = dict(_pairs(session.execute(sections.group_by(SectionRow.document_id))))
            cut: dict[str, int] = dict(_pairs(session.execute(passages.group_by(PassageRow.document_id))))
        return {id_: (headed.get(id_, 0), count) for id_, count in cut.items()}


def _pairs(rows: Iterable[Any]) -> list[tuple[str, int]]:
    return [(str(row[0]), int(row[1])) for row in rows]


def _create_engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _: Any) -> None:
            # Readers go on while one writer writes, and a crash loses no committed document.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
                connection.execute(f"PRAGMA {pragma}")

    return engine
