"""What there is to index: files below folders, files inside archives, and the sidecars that belong to them."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from index.errors import FileNotReadable, NestedArchive, NothingToIndex, SpeechQAError
from index.readers import ARCHIVES, SUPPORTED, sniff
from index.readers.packages import open_package, read_member
from index.readers.plain import INVISIBLE, clean_lines
from index.sidecar import SUFFIX

# Raised when readers come to read files differently, so that indexing again reads them again.
READING = 2


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: what it is known by, its name as shown, its bytes and those of its sidecar."""

    key: str
    name: str
    content: bytes
    sidecar: bytes | None = None
    sidecar_name: str = ""
    groups: tuple[str, ...] | None = None  # who may see its speeches; None leaves it to the sidecar

    @property
    def fingerprint(self) -> str:
        """Changes when file, sidecar or the way of reading does."""
        digest = hashlib.sha256(f"{READING}:{len(self.content)}:".encode())
        digest.update(self.content)
        digest.update(self.sidecar or b"")
        if self.groups is not None:
            digest.update("\0".join(("groups", *self.groups)).encode())
        return digest.hexdigest()


def collect_files(path: Path, data: Path | None = None) -> list[Path]:
    """Files to index under `path`: itself, or every file of a known type below it.

    Hidden files, the lock files of office programs and the data folder are left out.

    Raises:
        FileNotReadable: it does not exist.
        NothingToIndex: it is a folder without such a file.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotReadable(name=path, reason="not found")
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and _is_wanted(file.relative_to(path).parts)
        and (data is None or data.resolve() not in file.resolve().parents)
    ]
    if not files:
        raise NothingToIndex(name=path, supported=" ".join(SUPPORTED))
    return files


def left_out(path: Path, wanted: Collection[Path], data: Path | None = None) -> list[Path]:
    """Visible files below the folder `path` that are neither among `wanted` nor the sidecar of one of them."""
    if not path.is_dir():
        return []
    known = {*wanted, *(file.with_name(name) for file in wanted for name in _sidecar_names(file.name))}
    return [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and file not in known
        and not file.name.startswith("~$")
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
        and (data is None or data.resolve() not in file.resolve().parents)
    ]


def read_sources(file: Path) -> Iterator[Source | SpeechQAError]:
    """The sources in one file; what cannot be read comes as its error, so that the rest can go on.

    Raises:
        SpeechQAError: the file itself cannot be read.
    """
    try:
        content = file.read_bytes()
        for name in _sidecar_names(file.name):
            sidecar = file.with_name(name)
            if sidecar.is_file():
                yield from unpack(str(file.resolve()), file.name, content, sidecar.read_bytes(), name)
                return
    except OSError as error:
        raise FileNotReadable(name=file, reason=error.strerror or error) from error
    yield from unpack(str(file.resolve()), file.name, content)


def unpack(
    key: str, name: str, content: bytes, sidecar: bytes | None = None, sidecar_name: str = ""
) -> Iterator[Source | SpeechQAError]:
    """The source itself, or the sources in an archive, one at a time.

    A member's key hangs on its archive's and on its own path, so that an archive given again replaces its own. The
    archive's sidecar speaks for members without one.

    Raises:
        SpeechQAError: the archive cannot be opened or holds nothing to index.
    """
    name = shown_name(name)
    if not _is_archive(name, content):
        yield Source(key, name, content, sidecar, sidecar_name)
        return
    with open_package(content, name) as package:
        members: dict[str, ZipInfo] = {}
        seen: Counter[str] = Counter()
        for member in package.infolist():
            if not member.is_dir():
                path = _inner_path(member)
                seen[path] += 1
                members[_numbered(path, seen[path])] = member
        wanted = [path for path in members if _is_wanted(PurePosixPath(path).parts)]
        if not wanted:
            raise NothingToIndex(name=name, supported=" ".join(SUPPORTED))
        for path in wanted:
            try:
                source = _member_source(key, name, path, package, members)
                yield source if source.sidecar else replace(source, sidecar=sidecar, sidecar_name=sidecar_name)
            except SpeechQAError as error:
                yield error


def _member_source(key: str, name: str, path: str, package: ZipFile, members: Mapping[str, ZipInfo]) -> Source:
    shown = f"{name}/{path}"
    content = read_member(package, members[path], shown)
    if _is_archive(path, content):
        raise NestedArchive(name=shown)
    inner = PurePosixPath(path)
    for beside in (str(inner.with_name(name)) for name in _sidecar_names(inner.name)):
        if beside in members:
            sidecar = read_member(package, members[beside], f"{name}/{beside}")
            return Source(f"{key}!{path}", shown, content, sidecar, f"{name}/{beside}")
    return Source(f"{key}!{path}", shown, content)


def _numbered(path: str, number: int) -> str:
    """`path`, or the same with a number when members before it have it already: none may replace another."""
    inner = PurePosixPath(path)
    return path if number == 1 else str(inner.with_name(f"{inner.stem}~{number}{inner.suffix}"))


def shown_name(name: str) -> str:
    """A file's name as one clean line; it is shown and chooses the reader, and is never a path."""
    return "".join(clean_lines(name)) or "file.txt"


def _is_archive(name: str, content: bytes) -> bool:
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in ARCHIVES and sniff(content) in (None, *ARCHIVES)


def _is_wanted(parts: tuple[str, ...]) -> bool:
    return (
        PurePosixPath(parts[-1]).suffix.lower() in SUPPORTED
        and not parts[-1].startswith("~$")
        and not any(part.startswith(".") or part == "__MACOSX" for part in parts)
    )


def _sidecar_names(name: str) -> tuple[str, str]:
    return name + SUFFIX, str(PurePosixPath(name).with_suffix("")) + SUFFIX


def _inner_path(member: ZipInfo) -> str:
    """A member's path without anything that points out of its archive; Windows writes Chinese names as GBK."""
    name = member.filename
    if not member.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = member.filename
    parts = [INVISIBLE.sub("", part).strip() for part in name.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..") and not part.endswith(":")) or "file"
