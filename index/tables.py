"""Tables of the catalog."""

import datetime

from sqlalchemy import JSON, Date, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Raise when a table changes its meaning.
VERSION = 3


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
    place: Mapped[str | None] = mapped_column(Text)  # since version 2
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


class TurnRow(Base):
    """A question of a conversation and its answer."""

    __tablename__ = "turns"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    question: Mapped[str] = mapped_column(Text)
    standalone: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(200), server_default="", index=True)  # since version 3
    at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))


class KeyRow(Base):
    """An API key; of its secret only the hash."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime.datetime | None] = mapped_column(DateTime(timezone=True))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    groups: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
    expires: Mapped[datetime.datetime | None] = mapped_column(DateTime(timezone=True))
    last_used: Mapped[datetime.datetime | None] = mapped_column(DateTime(timezone=True))
    revoked: Mapped[bool] = mapped_column()


class SigningRow(Base):
    """A secret that tokens are signed with."""

    __tablename__ = "signing_keys"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
