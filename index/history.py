"""What was asked and answered in each conversation: kept in the catalog, bounded, deletable."""

import datetime
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from index.tables import TurnRow

MOST_TURNS = 20  # of one conversation; older ones go
MOST_CONVERSATIONS = 10_000  # those longest silent go


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was asked, as it was understood, and its answer as the API gave it, in JSON."""

    question: str
    standalone: str
    answer: str


class History:
    """The turns of conversations, newest last."""

    def __init__(self, session: "sessionmaker[Session]") -> None:
        self._session = session

    def turns(self, conversation_id: str, owner: str = "") -> list[Turn]:
        """The kept turns of somebody's conversation, oldest first; none for one that is not known."""
        query = select(TurnRow).where(*_of(conversation_id, owner)).order_by(TurnRow.id)
        with self._session() as session:
            return [Turn(row.question, row.standalone, row.answer) for row in session.scalars(query)]

    def add(self, conversation_id: str, turn: Turn, owner: str = "") -> None:
        """Keep a turn; let go what is beyond the bounds."""
        with self._session.begin() as session:
            session.add(
                TurnRow(
                    conversation_id=conversation_id,
                    owner=owner,
                    question=turn.question,
                    standalone=turn.standalone,
                    answer=turn.answer,
                    at=datetime.datetime.now(datetime.UTC),
                )
            )
            session.flush()
            own = select(TurnRow.id).where(*_of(conversation_id, owner))
            kept = own.order_by(TurnRow.id.desc()).limit(MOST_TURNS)
            session.execute(delete(TurnRow).where(*_of(conversation_id, owner), TurnRow.id.not_in(kept)))
            last = func.max(TurnRow.id)
            silent = (
                select(TurnRow.conversation_id)
                .group_by(TurnRow.conversation_id)
                .order_by(last.desc())
                .offset(MOST_CONVERSATIONS)
            )
            session.execute(delete(TurnRow).where(TurnRow.conversation_id.in_(silent)))

    def delete(self, conversation_id: str, owner: str = "") -> bool:
        """Forget somebody's conversation; false when there was none."""
        with self._session.begin() as session:
            gone = session.execute(delete(TurnRow).where(*_of(conversation_id, owner)))
            return bool(getattr(gone, "rowcount", 0))


def _of(conversation_id: str, owner: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Ids are chosen by who asks: two owners may choose the same."""
    return TurnRow.conversation_id == conversation_id, TurnRow.owner == owner
