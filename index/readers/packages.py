"""Zip packages (.docx, .ofd, .zip) opened without trusting what they say of themselves."""

import io
import zipfile
import zlib

from index.errors import DamagedFile, EncryptedFile, TooLarge

# A speech of a million characters is a few megabytes of XML; what unpacks to more is no speech.
LARGEST_MEMBER = 60_000_000
LARGEST_PACKAGE = 300_000_000
MOST_MEMBERS = 10_000
# How far the best compression of real text goes; a bomb goes to a thousand.
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 5_000_000

BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError)


def open_package(content: bytes, name: str) -> zipfile.ZipFile:
    """Open a zip whose directory is sane; raise `DamagedFile` or `TooLarge` naming `name`."""
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except BAD_ZIP as error:
        raise DamagedFile(name=name) from error
    members = package.infolist()
    total = sum(member.file_size for member in members)
    bomb = total > RATIO_COUNTS_FROM and total > LARGEST_RATIO * len(content)
    if len(members) > MOST_MEMBERS or total > LARGEST_PACKAGE or bomb:
        raise TooLarge(name=name)
    return package


def read_member(package: zipfile.ZipFile, member: str | zipfile.ZipInfo, name: str) -> bytes:
    """Bytes of one member, never more than its directory entry says.

    Raises:
        DamagedFile, EncryptedFile, TooLarge: naming `name`.
    """
    try:
        info = package.getinfo(member) if isinstance(member, str) else member
    except KeyError as error:
        raise DamagedFile(name=name) from error
    if info.flag_bits & 0x1:
        raise EncryptedFile(name=name)
    if info.file_size > LARGEST_MEMBER:
        raise TooLarge(name=name)
    try:
        return package.read(info)
    except BAD_ZIP as error:
        raise DamagedFile(name=name) from error
