"""From the bytes of a file to its documents, with outline, passages and ids."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from index.documents import Document, Metadata
from index.errors import EmptyFile
from index.metadata import read_metadata
from index.outline import parse_outline
from index.passages import cut_passages
from index.readers import read_file
from index.sidecar import Sidecar, merge
from index.splitting import Speech, split_speeches


def parse_file(
    content: bytes, name: str, sidecar: Sidecar | None = None, groups: tuple[str, ...] | None = None
) -> list[Document]:
    """Return the speeches in a file; raise a `SpeechQAError` that names it when there is none.

    Args:
        content: the file's bytes.
        name: its name; the suffix chooses the reader, the stem is the title of a speech without one.
        sidecar: what its owner says of its speeches; it wins over what is read.
        groups: who may see them, whatever the sidecar says; None leaves it to the sidecar.
    """
    speeches = split_speeches(read_file(content, name), PurePath(name).stem)
    if not speeches:
        raise EmptyFile(name=name)
    told = [sidecar.of(speech.number) if sidecar else Metadata() for speech in speeches]
    if groups is not None:
        told = [replace(metadata, groups=groups) for metadata in told]
    return [build_document(speech, name, len(speeches), own) for speech, own in zip(speeches, told, strict=True)]


def build_document(speech: Speech, name: str, total: int, told: Metadata) -> Document:
    """Give a speech its text, id, outline and passages; `told` is what a sidecar says of it."""
    lines: list[str] = []
    hints: list[tuple[int, int]] = []
    position = 0
    for block in speech.blocks:
        if block.heading_level is not None:
            hints.append((position, block.heading_level))
        lines.append(block.text)
        position += len(block.text) + 1
    text = "\n".join(lines)
    metadata = merge(told, read_metadata(speech.blocks, speech.title))
    title = metadata.title or speech.title
    groups = metadata.groups or ()
    identity = document_id(title, text, groups)
    sections = parse_outline(text, hints)
    return Document(
        id=identity,
        title=title,
        text=text,
        speaker=metadata.speaker,
        date=metadata.date,
        occasion=metadata.occasion,
        place=metadata.place,
        sections=sections,
        passages=cut_passages(identity, text, sections),
        hints=tuple(hints),
        groups=groups,
        source=f"{name}#{speech.number}" if total > 1 else name,
    )


def document_id(title: str, text: str, groups: Sequence[str] = ()) -> str:
    """An id that hangs on nothing but title, text and who may see it, so that indexing twice finds the same document.

    The same words for other groups are another document: who adds them for his own learns of no other.
    """
    for_whom = "".join(f"\0{group}" for group in groups)
    return hashlib.sha256(f"{title}\0{text}{for_whom}".encode()).hexdigest()[:16]
