"""Zip packages (.docx, .ofd, .odt, .zip) opened without trusting what they say of themselves."""

import io
import zipfile
import zlib
from collections.abc import Mapping

from index.errors import DamagedFile, EncryptedFile, TooLarge

# A speech of a million characters is a few megabytes of XML; what unpacks to more is no speech.
LARGEST_MEMBER = 60_000_000
LARGEST_PACKAGE = 150_000_000
MOST_MEMBERS = 5_000
# Text compresses twenty times, a bomb a thousand times.
LARGEST_RATIO = 60
RATIO_COUNTS_FROM = 5_000_000
# The others inflate without a limit on what one call may give.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError)


def open_package(content: bytes, name: str) -> zipfile.ZipFile:
    """Open a zip whose directory is sane; raise `DamagedFile` or `TooLarge` naming `name`."""
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except BAD_ZIP as error:
        raise DamagedFile(name=name) from error
    sizes = [member.file_size for member in package.infolist()]
    total = sum(sizes)
    bomb = total > RATIO_COUNTS_FROM and total > LARGEST_RATIO * len(content)
    if bomb or len(sizes) > MOST_MEMBERS or total > LARGEST_PACKAGE or max(sizes, default=0) > LARGEST_MEMBER:
        raise TooLarge(name=name)
    return package


def read_member(package: zipfile.ZipFile, member: str | zipfile.ZipInfo, name: str) -> bytes:
    """Bytes of one member, never more than its directory entry says.

    Raises:
        DamagedFile, EncryptedFile: naming `name`.
    """
    try:
        info = package.getinfo(member) if isinstance(member, str) else member
    except KeyError as error:
        raise DamagedFile(name=name) from error
    if info.flag_bits & 0x1:
        raise EncryptedFile(name=name)
    if info.compress_type not in METHODS:
        raise DamagedFile(name=name)
    try:
        with package.open(info) as opened:
            # With a size given, no more than that is ever unpacked.
            return opened.read(info.file_size + 1)
    except BAD_ZIP as error:
        raise DamagedFile(name=name) from error


def rewrite_package(content: bytes, name: str, replacements: Mapping[bytes, bytes]) -> bytes:
    """A package with the same members, each read within its limits: safe to hand to a library.

    Args:
        content, name: the package.
        replacements: what is put in place of what in its list of content types.
    """
    clean = io.BytesIO()
    with open_package(content, name) as package, zipfile.ZipFile(clean, "w") as written:
        for info in package.infolist():
            data = read_member(package, info, name)
            if info.filename == "[Content_Types].xml":
                for old, new in replacements.items():
                    data = data.replace(old, new)
            written.writestr(info.filename, data)
    return clean.getvalue()
