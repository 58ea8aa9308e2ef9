"""API keys and the secrets that tokens are signed with: kept in the catalog, API keys only as hashes."""

import datetime
import hashlib
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from index.errors import KeyNotFound
from index.tables import KeyRow, SigningRow

PREFIX = "sqa"
SECRET_BYTES = 32
AT_ONCE = 4  # hashes computed
USED_EVERY = datetime.timedelta(minutes=1)  # how exact the last use is kept
SIGNING_AGE = datetime.timedelta(days=30)
SIGNING_OVERLAP = datetime.timedelta(hours=2)  # longer than any token lives
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as it is listed. `groups` None sees everything; times are in UTC."""

    id: str
    name: str
    scopes: tuple[str, ...]
    groups: tuple[str, ...] | None
    created: datetime.datetime
    expires: datetime.datetime | None
    last_used: datetime.datetime | None
    revoked: bool

    @property
    def valid(self) -> bool:
        """True while it lets anybody in."""
        return not self.revoked and (self.expires is None or self.expires > _now())


class KeyStore:
    """API keys: made, listed, rotated, revoked, checked.

    A key is `sqa_ID_SECRET`, of which only an Argon2 hash is kept. Secrets are random and long, so that light Argon2
    parameters are enough (RFC 9106 has the heavier ones for passwords).
    """

    def __init__(self, session: "sessionmaker[Session]") -> None:
        self._session = session
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._checked: set[bytes] = set()
        self._lock = threading.Lock()
        # Each check takes 19 MB: a flood of wrong keys waits rather than fills the memory.
        self._few = threading.Semaphore(AT_ONCE)

    @cached_property
    def _nobody(self) -> str:
        """Checked against where there is no such key, so that both take as long; made when first needed."""
        return self._hasher.hash(secrets.token_urlsafe(SECRET_BYTES))

    def any(self) -> bool:
        """True when a key was ever made: from then on nobody is let in without one."""
        with self._session() as session:
            return bool(session.scalar(select(func.count()).select_from(KeyRow)))

    def all(self) -> list[Key]:
        """Every key, the oldest first, also those that are revoked."""
        with self._session() as session:
            return [_key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created, KeyRow.id))]

    def create(
        self,
        name: str,
        scopes: Collection[str],
        groups: Collection[str] | None,
        expires: datetime.datetime | None = None,
    ) -> tuple[Key, str]:
        """A new key, and its text, which is shown this once."""
        id_, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
        row = KeyRow(
            id=id_,
            name=name,
            hash=self._hasher.hash(secret),
            scopes=sorted(scopes),
            groups=None if groups is None else sorted(groups),
            created=_now(),
            expires=expires,
            revoked=False,
        )
        with self._session.begin() as session:
            session.add(row)
        return _key(row), f"{PREFIX}_{id_}_{secret}"

    def rotate(self, key_id: str, grace: datetime.timedelta) -> tuple[Key, str]:
        """Give a key a new secret; the old one is let in for `grace` more. Raises `KeyNotFound`."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._session.begin() as session:
            row = self._row(session, key_id)
            row.previous_hash, row.previous_until = row.hash, _now() + grace
            row.hash = self._hasher.hash(secret)
        return _key(row), f"{PREFIX}_{row.id}_{secret}"

    def revoke(self, key_id: str) -> Key:
        """Let a key in no more; raises `KeyNotFound`."""
        with self._session.begin() as session:
            row = self._row(session, key_id)
            row.revoked = True
        return _key(row)

    def is_valid(self, key_id: str) -> bool:
        """True while the key with this id lets anybody in."""
        with self._session() as session:
            row = session.get(KeyRow, key_id)
        return row is not None and _key(row).valid

    def _row(self, session: Session, key_id: str) -> KeyRow:
        row = session.get(KeyRow, key_id)
        if row is None or row.revoked:
            raise KeyNotFound(key=key_id)
        return row

    def check(self, text: str) -> Key | None:
        """The valid key that `text` is; None when it is none."""
        _, _, rest = text.partition("_")
        id_, _, secret = rest.partition("_")
        with self._session() as session:
            row = session.get(KeyRow, id_)
        hashes = [row.hash] if row else [self._nobody]
        if row and row.previous_hash and row.previous_until and _utc(row.previous_until) > _now():
            hashes.append(row.previous_hash)
        fits = any(self._fits(hash_, secret) for hash_ in hashes)
        if row is None or not fits or not (key := _key(row)).valid:
            return None
        if key.last_used is None or _now() - key.last_used > USED_EVERY:
            with self._session.begin() as session:
                session.execute(update(KeyRow).where(KeyRow.id == id_).values(last_used=_now()))
        return key

    def _fits(self, hash_: str, secret: str) -> bool:
        """True when `hash_` is of `secret`; remembered, since it takes time and every request asks."""
        digest = hashlib.sha256(f"{hash_}\0{secret}".encode()).digest()
        with self._lock:
            if digest in self._checked:
                return True
        try:
            with self._few:
                self._hasher.verify(hash_, secret)
        except (VerifyMismatchError, InvalidHashError):
            return False
        with self._lock:
            if len(self._checked) >= MOST_REMEMBERED:
                self._checked.clear()
            self._checked.add(digest)
        return True


class SigningKeys:
    """Secrets that tokens are signed with: made when first needed, a new one every `SIGNING_AGE`."""

    def __init__(self, session: "sessionmaker[Session]") -> None:
        self._session = session

    def current(self) -> tuple[str, str]:
        """Id and secret of the one to sign with."""
        with self._session.begin() as session:
            newest = session.scalar(select(SigningRow).order_by(SigningRow.created.desc()).limit(1))
            if newest is None or _now() - _utc(newest.created) > SIGNING_AGE:
                newest = SigningRow(id=secrets.token_hex(6), secret=secrets.token_urlsafe(48), created=_now())
                session.add(newest)
                old = _now() - SIGNING_AGE - SIGNING_OVERLAP
                session.execute(delete(SigningRow).where(SigningRow.created < old, SigningRow.id != newest.id))
            return newest.id, newest.secret

    def secret(self, id_: str) -> str | None:
        """The secret with this id, while tokens signed with it may still live."""
        with self._session() as session:
            row = session.get(SigningRow, id_)
        if row is None or _now() - _utc(row.created) > SIGNING_AGE + SIGNING_OVERLAP:
            return None
        return row.secret

    def renew(self) -> None:
        """Sign with a new secret and take none of the old: every token given out so far ends."""
        with self._session.begin() as session:
            session.execute(delete(SigningRow))
        self.current()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _utc(moment: datetime.datetime) -> datetime.datetime:
    """SQLite gives times back without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _key(row: KeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        groups=None if row.groups is None else tuple(row.groups),
        created=_utc(row.created),
        expires=_utc(row.expires) if row.expires else None,
        last_used=_utc(row.last_used) if row.last_used else None,
        revoked=row.revoked,
    )
