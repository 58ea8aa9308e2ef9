"""The data folder: made when missing, checked for writing, held by one process at a time."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import DataFolderInUse, DataFolderNotWritable


def prepare_folder(data: Path) -> None:
    """Make `data` where it is missing; raise `DataFolderNotWritable` when nothing can be written there."""
    try:
        make_folder(data)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        raise DataFolderNotWritable(data=data, reason=error.strerror or error) from error


@contextmanager
def hold_folder(data: Path) -> Iterator[None]:
    """Keep other processes off `data` until the block ends.

    The embedded vector store is for one process: a second one would answer from an old state.

    Raises:
        DataFolderInUse: another process holds it; the error says which.
    """
    holder = data / "in-use-by"
    lock = FileLock(data / "in-use.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            who = holder.read_text("utf-8").strip()
        except OSError:
            who = "?"
        raise DataFolderInUse(data=data, holder=who) from None
    try:
        holder.write_text(f"{' '.join([Path(sys.argv[0]).name, *sys.argv[1:2]])}, pid {os.getpid()}", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def make_folder(data: Path) -> None:
    """Make the data folder for its owner alone: it holds speeches, questions and what tokens are signed with."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
