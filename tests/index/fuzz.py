"""Damaged, renamed and hostile files by the hundred, each read as an upload is; run as `python -m tests.index.fuzz`.

Prints one JSON object: how many ended in a document, how many in one of our errors, what did neither, and the peak
memory of the process in megabytes.
"""

import io
import json
import random
import resource
import shutil
import sys
import time
import traceback
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from index.errors import SpeechQAError
from index.parsing import parse_file
from index.sources import Source, unpack
from tests.index import files
from tests.index.spans import own_span

SUFFIXES = (".txt", ".md", ".html", ".docx", ".pdf", ".ofd", ".zip", ".docm", ".markdown", ".xhtml")
LONG = "各级各部门要把社区工作摆到重要位置，主要负责同志每个季度至少到社区现场办公一次，按月调度。"
WORD_ROOT = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
BOX = b"<w:p><w:r><w:t>x</w:t></w:r><w:r><w:pict><w:txbxContent>"
BOX_END = b"</w:txbxContent></w:pict></w:r></w:p>"
SLOWEST = 20.0  # seconds; nothing may hang

Case = tuple[str, bytes]


def seeds() -> dict[str, bytes]:
    """One good file of each format."""
    return {
        ".txt": files.plain(),
        ".md": ("# " + files.TITLE + "\n\n" + "\n\n".join(files.SPEECH)).encode(),
        ".html": files.page("".join(f"<p>{line}</p>" for line in files.SPEECH)),
        ".docx": files.word(),
        ".pdf": files.pdf(),
        ".ofd": files.ofd(),
        ".zip": files.archive({"a.txt": files.plain(), "b.docx": files.word(), "c.ofd": files.ofd()}),
    }


def damaged(chance: random.Random) -> Iterator[Case]:
    """Cut, flipped, blanked, padded and renamed copies of the good files."""
    for suffix, content in seeds().items():
        for number in range(22):
            yield f"cut{number}{suffix}", content[: int(len(content) * number / 22)]
        for number in range(24):
            copy = bytearray(content)
            for _ in range(chance.randint(1, 40)):
                copy[chance.randrange(len(copy))] = chance.randrange(256)
            yield f"flipped{number}{suffix}", bytes(copy)
        for number in range(10):
            copy = bytearray(content)
            place = chance.randrange(len(copy))
            copy[place : place + chance.randint(1, 400)] = b""
            yield f"hole{number}{suffix}", bytes(copy)
        for number in range(6):
            place = chance.randrange(len(content))
            yield f"padded{number}{suffix}", content[:place] + chance.randbytes(300) + content[place:]
        for other in SUFFIXES:
            yield f"renamed{suffix[1:]}{other}", content


def encodings() -> Iterator[Case]:
    """Text in encodings that the file does not name, or names wrongly."""
    words = "\n".join(files.SPEECH)
    for encoding in (
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "gb18030",
        "big5",
        "shift_jis",
        "euc_kr",
        "koi8-r",
        "utf-7",
    ):
        content = words.encode(encoding, "replace")
        for suffix in (".txt", ".md", ".html"):
            yield f"{encoding}{suffix}", content
        yield f"lying-{encoding}.html", b'<html><meta charset="utf-8"><p>' + content + b"</p></html>"
    yield "unknown.html", b'<html><meta charset="no-such-thing"><p>' + words.encode() + b"</p></html>"
    yield "noise.txt", random.Random(1).randbytes(20_000)
    yield "surrogates.txt", b"\xed\xa0\x80" * 1000


def hostile_texts() -> Iterator[Case]:
    """Endless nesting, endless lines, lines that patterns may stumble over."""
    line = "全市共有社区3900多个，登记在册的社区志愿者25.9万人，"
    ten_megabytes = (line * (10_000_000 // len(line.encode()) + 1)).encode()
    yield "line.txt", ten_megabytes
    yield "line.md", ten_megabytes
    yield "line.html", b"<html><p>" + ten_megabytes
    yield "brackets.txt", "（".encode() * 500_000
    yield "items.txt", "一是抓项目；二是抓民生；".encode() * 50_000
    yield "titles.txt", "标题\n".encode() * 200_000
    yield "quotes.md", b">" * 20_000 + b" x"
    yield "lists.md", b"".join(b" " * n + b"- x\n" for n in range(300))
    yield "series.txt", ("篇1" + " " * 2_000 + "x" * 70 + "\n内容。\n").encode()
    yield "offices.txt", ("省长、" * 30 + "书记" * 40 + "x\n同志们：\n内容。\n").encode()
    yield "many-titles.txt", ("短标题\n" * 1_200 + (LONG + "\n") * 1_205).encode()
    yield "latin.txt", b"an ordinary line of words\n" * 20_000
    yield "undefined.html", b"<html><meta charset=undefined><p>" + "正文。".encode()
    yield "bodiless.docx", _replaced(files.word(), "word/document.xml", WORD_ROOT + b"</w:document>")
    yield (
        "boxes.docx",
        _replaced(
            files.word(),
            "word/document.xml",
            WORD_ROOT + b"<w:body>" + BOX * 18 + b"<w:p/>" + BOX_END * 18 + b"</w:body></w:document>",
        ),
    )
    yield (
        "paragraphs.docx",
        _replaced(
            files.word(),
            "word/document.xml",
            WORD_ROOT + b"<w:body>" + b"<w:p/>" * 3_000_000 + b"</w:body></w:document>",
        ),
    )
    yield "equal.zip", files.archive({f"{'./' * n}a.txt": b"x" for n in range(1_500)})
    yield "nested.html", b"<html>" + b"<div>" * 100_000 + "正文。".encode()
    yield "tables.html", b"<html>" + b"<table><tr><td>" * 2_000 + "正文。".encode()
    yield "entities.html", b"<!DOCTYPE html [<!ENTITY a 'x'>]><html><p>" + b"&a;" * 1000


def hostile_packages() -> Iterator[Case]:
    """Entities, bombs and packages that are not what they say."""
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
    )
    outside = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">'
    for name, head, entity in (("laughs", laughs, b"&j;"), ("outside", outside, b"&a;")):
        yield f"{name}.ofd", files.archive({"OFD.xml": head + b"]><x>" + entity + b"</x>"})
        yield f"{name}.docx", _replaced(files.word(), "word/document.xml", head + b"]><x>" + entity + b"</x>")
    yield "deep.docx", _replaced(files.word(), "word/document.xml", b"<a>" * 200_000)
    yield "deep.ofd", files.archive({"OFD.xml": b"<a>" * 200_000})
    for member in ("[Content_Types].xml", "word/document.xml", "word/styles.xml", "_rels/.rels", "docProps/core.xml"):
        yield f"without-{member.replace('/', '-')}.docx", _replaced(files.word(), member, None)
        yield f"empty-{member.replace('/', '-')}.docx", _replaced(files.word(), member, b"")
    for member in ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml"):
        yield f"without-{member.replace('/', '-')}.ofd", _replaced(files.ofd(), member, None)
    for steps in ("g 999999999 1", "g 3", "g x y", "nan inf -inf 1e400", "1 " * 100_000):
        text = f'<P><TextObject Boundary="{steps}" Size="{steps[:3]}" CTM="{steps}"><TextCode X="nan" DeltaX="{steps}">字字'
        page = f"{text}</TextCode></TextObject></P>".encode()
        yield f"numbers{len(steps)}.ofd", _replaced(files.ofd(), "Doc_0/Pages/Page_0/Content.xml", page)
    yield "bomb.docx", _replaced(files.word(), "word/document.xml", bytes(200_000_000))
    yield "bomb.ofd", files.archive({"OFD.xml": bytes(200_000_000)})
    yield "bomb.zip", files.archive({f"{n}.txt": bytes(20_000_000) for n in range(20)})
    inner = files.archive({"a.txt": files.plain()})
    for _ in range(5):
        inner = files.archive({"inner.zip": inner})
    yield "matryoshka.zip", inner
    yield "many.zip", files.archive({f"{n}.txt": b"" for n in range(12_000)})
    yield (
        "paths.zip",
        files.archive({name: files.plain() for name in ("../a.txt", "/b.txt", "C:\\c.txt", "e\n.txt", "\u202ef.txt")}),
    )
    for at, value in ((6, 1), (8, 1)):  # flags of the local header: "encrypted"; method: unknown
        copy = bytearray(files.archive({"a.txt": files.plain()}))
        directory = copy.rfind(b"PK\x01\x02")
        copy[at] = copy[directory + at + 2] = value if at == 6 else 99
        yield f"locked{at}.zip", bytes(copy)
    yield "locked.pdf", files.pdf(password="secret")
    yield "locked.docx", files.locked_word()
    yield "scan.pdf", files.scanned_pdf()
    yield "pages.pdf", files.pdf(running_head="x" * 5_000)


def office() -> Iterator[Case]:
    """What LibreOffice is given, where it is installed; each takes it a second or two."""
    if shutil.which("soffice"):
        content = files.rtf()
        yield "whole.rtf", content
        yield "cut.rtf", content[: len(content) // 2]
        yield "head.rtf", b"{\\rtf1"
        yield "deep.rtf", b"{\\rtf1" + b"{" * 50_000
        yield "ole.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(2).randbytes(5_000)
        yield "noise.wps", random.Random(3).randbytes(5_000)


def _replaced(package: bytes, member: str, content: bytes | None) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        members = {name: old.read(name) for name in old.namelist() if name != member}
    return files.archive(members if content is None else members | {member: content})


def read(name: str, content: bytes) -> int:
    """Read one file as an upload is read; return how many documents it gave."""
    count = 0
    failure: SpeechQAError | None = None
    for source in unpack("upload", name, content):
        if not isinstance(source, Source):
            failure = source
            continue
        try:
            documents = parse_file(source.content, source.name)
        except SpeechQAError as error:
            failure = error
            continue
        count += len(documents)
        for document in documents:
            spans = sorted(own_span(section, document.sections) for section in document.sections[:200])
            assert spans[0][0] == 0, "sections do not begin with the text"
            assert all(document.text[p.start : p.end].strip() for p in document.passages), "empty passage"
    if not count and failure:
        raise failure
    return count


def main() -> None:
    """Read every case and print what came of them."""
    counts = {"document": 0, "error": 0}
    problems: list[str] = []
    for name, content in chain(damaged(random.Random(7)), encodings(), hostile_texts(), hostile_packages(), office()):
        started = time.monotonic()
        try:
            counts["document" if read(name, content) else "error"] += 1
        except SpeechQAError as error:
            counts["error"] += 1
            sentences = " ".join(error.describe("en"))
            if name.strip() not in sentences or "\n" in sentences or len(sentences) > 400:
                problems.append(f"{name}: {sentences[:200]}")
        except BaseException:  # noqa: BLE001 - whatever it is, it is a finding
            problems.append(f"{name}: {traceback.format_exc()[-600:]}")
        if time.monotonic() - started > SLOWEST:
            problems.append(f"{name}: {time.monotonic() - started:.0f} s")
    json.dump({**counts, "problems": problems, "peak_mb": round(peak_megabytes())}, sys.stdout)


def peak_megabytes() -> float:
    """The most memory this program has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says here includes the process that started this one.
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
