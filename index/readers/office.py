"""Older office formats, turned into .docx by LibreOffice when it is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path, PurePath

from index.documents import Content
from index.errors import ConversionFailed, ConverterMissing, EncryptedFile
from index.readers.packages import open_package
from index.readers.word import WordReader

COMMANDS = ("soffice", "libreoffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
SECONDS = 180
# What a document links to is never fetched, and nothing in it is run.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""
# What an encrypted Office file of the newer formats holds, in the UTF-16 of its directory.
ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")


class OfficeReader:
    """Reads .doc, .wps, .rtf, .odt and .dot through LibreOffice."""

    suffixes = (".doc", ".wps", ".rtf", ".odt", ".dot", ".wpt")

    def read(self, content: bytes, name: str) -> Content:
        """Convert in a folder of its own and read the result.

        Raises:
            ConverterMissing: LibreOffice is not installed.
            ConversionFailed, EncryptedFile: it could not read the file.
        """
        suffix = PurePath(name).suffix.lower()
        if ENCRYPTED_MARK in content:
            raise EncryptedFile(name=name)
        if content.startswith(b"PK"):
            open_package(content, name).close()
        command = next((found for one in COMMANDS if (found := shutil.which(one))), None)
        if command is None:
            raise ConverterMissing(name=name, suffix=suffix)
        with tempfile.TemporaryDirectory(prefix="speechqa-") as folder:
            # The file's own name stays outside: it is data, not a path.
            source = Path(folder, "speech" + (suffix if suffix in self.suffixes else ".doc"))
            source.write_bytes(content)
            settings = Path(folder, "profile", "user", "registrymodifications.xcu")
            settings.parent.mkdir(parents=True)
            settings.write_text(SETTINGS, "utf-8")
            try:
                reason = _convert(command, source)
            except OSError as error:
                raise ConversionFailed(name=name, reason=error.strerror or error) from error
            converted = source.with_suffix(".docx")
            if not converted.is_file():
                raise ConversionFailed(name=name, reason=reason)
            return WordReader().read(converted.read_bytes(), name)


def _convert(command: str, source: Path) -> str:
    """Run LibreOffice with a profile of its own; return what went wrong in a word or two."""
    arguments = [
        command,
        "--headless",
        "--norestore",
        "--nolockcheck",
        f"-env:UserInstallation={(source.parent / 'profile').as_uri()}",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(source.parent),
        str(source),
    ]
    # Caches and settings stay in the folder that goes; a group of its own, so that a converter that hangs goes with everything it started.
    with subprocess.Popen(  # noqa: S603
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ
        | {"HOME": str(source.parent), "XDG_CACHE_HOME": str(source.parent), "TMPDIR": str(source.parent)},
    ) as process:
        try:
            process.wait(SECONDS)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return f"> {SECONDS} s"
            raise
    return "no text" if process.returncode == 0 else f"exit {process.returncode}"
