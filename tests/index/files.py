"""Real files of every format, made from words: what tests read back."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from msoffcrypto.format.ooxml import OOXMLFile
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
TITLE = "在全省社区工作推进会上的讲话"
HEAD = ["（2025年3月6日）", "云溪省副省长 祁砚秋"]
BODY = [
    "同志们：",
    "这次会议的任务是总结去年以来全省社区工作的进展，研究解决基层反映最集中的几个问题，对今年后三个季度的工作作出安排。"
    "会前我和民政厅的同志到三个市走了十一个社区，看到了变化，也听到了不少实话。",
    "一、看清成绩和差距",
    "去年全省新建社区服务中心312个，改造老旧小区1.02万户，登记在册的社区志愿者达到25.9万人，比前年增加3.1万人。"
    "与此同时，还有一批社区没有固定的办公用房，专职工作者的待遇偏低，留不住人的问题没有根本解决。",
    "二、抓好三件实事",
    "（一）把用房问题解决好。今年年底以前，所有城市社区都要有不少于300平方米的办公和服务用房，由县级财政保障，省里按每平方米600元给予补助。",
    "（二）把队伍带好。按每300户配一名专职工作者的标准配齐，工资不低于当地上年平均水平，工作满三年的可以报考街道事业编制。",
    "三、加强领导",
    "各级党委政府要把社区工作摆到重要位置，主要负责同志每个季度至少到社区现场办公一次，解决不了的问题列出清单，按月调度。",
    "同志们，社区的事情就是老百姓家门口的事情，让我们一件一件办好。",
]
SPEECH = [*HEAD, *BODY]


def plain(lines: Sequence[str] = (TITLE, *SPEECH), encoding: str = "utf-8") -> bytes:
    """A text file."""
    return "\n".join(lines).encode(encoding)


def page(body: str, title: str = TITLE, charset: str = "utf-8") -> bytes:
    """A web page."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{title}</title></head><body>{body}</body></html>'
    ).encode(charset)


def word(lines: Sequence[str] = (TITLE, *SPEECH), *, title: str = "", author: str = "typist") -> bytes:
    """A Word file of plain paragraphs."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return save_word(document, title, author)


def save_word(document: docx.document.Document, title: str = "", author: str = "typist") -> bytes:
    """The bytes of a Word file."""
    document.core_properties.title = title
    document.core_properties.author = author
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def numbered_word(levels: Sequence[tuple[str, str]], paragraphs: Iterable[tuple[int | None, str]]) -> bytes:
    """A Word file whose numbers are drawn by Word.

    Args:
        levels: (number format, text such as "%1、") of each level of the list.
        paragraphs: (level or None, words).
    """
    document = docx.Document()
    root = document.part.numbering_part.element
    shapes = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (kind, text) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{shapes}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, words in paragraphs:
        properties = document.add_paragraph(words)._p.get_or_add_pPr()
        if level is not None:
            properties.append(
                parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>')
            )
    return save_word(document)


def locked_word() -> bytes:
    """A Word file with a password."""
    buffer = io.BytesIO()
    OOXMLFile(io.BytesIO(word())).encrypt("secret", buffer)
    return buffer.getvalue()


def wrap(line: str, letters: int, indent: int = 2) -> list[tuple[int, str]]:
    """(indent, words) of each printed line of a paragraph; titles and headings of a few letters stay whole."""
    rows, first = [], letters - indent
    rows.append((indent, line[:first]))
    rows.extend((0, line[place : place + letters]) for place in range(first, len(line), letters))
    return rows


def pdf(
    lines: Sequence[str] = (TITLE, *SPEECH),
    *,
    running_head: str = "云溪省人民政府公报 2025年第3号",
    password: str = "",
    turn: int = 0,
    watermark: str = "",
) -> bytes:
    """A PDF of several small pages with running head and page numbers, lines wrapped as on paper."""
    registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    lock = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(buffer, pagesize=(420, 420), encrypt=lock)
    rows: list[tuple[float, float, str]] = []
    for number, line in enumerate(lines):
        if number == 0:
            rows.append((210 - stringWidth(line, FONT, 18) / 2, 18, line))
        else:
            rows.extend((40 + 14 * indent, 14, words) for indent, words in wrap(line, 24))
    for first in range(0, len(rows), 12):
        # The page is set turned and shown turned back, as scanners and printers' drivers do.
        canvas.setPageRotation(turn)
        canvas.translate(*{0: (0, 0), 90: (420, 0), 180: (420, 420), 270: (0, 420)}[turn])
        canvas.rotate(turn)
        if watermark:
            canvas.saveState()
            canvas.rotate(35)
            canvas.setFont(FONT, 40)
            canvas.drawString(150, 60, watermark)
            canvas.restoreState()
        canvas.setFont(FONT, 9)
        canvas.drawString(40, 400, running_head)
        canvas.drawCentredString(210, 12, f"— {first // 12 + 1} —")
        for place, (left, size, words) in enumerate(rows[first : first + 12]):
            canvas.setFont(FONT, size)
            canvas.drawString(left, 360 - 24 * place, words)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def scanned_pdf() -> bytes:
    """A PDF whose page holds drawings and no text."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(100, 100, 200, 300, fill=1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def ofd(lines: Sequence[str] = (TITLE, *SPEECH), *, namespace: str = "http://www.ofdspec.org/2016") -> bytes:
    """An OFD laid out as offices do: one text object a line, steps between letters, millimetres, page numbers."""
    rows: list[tuple[float, float, str]] = []
    for number, line in enumerate(lines):
        if number == 0:
            rows.append((105 - len(line) * 7.7 / 2, 7.7, line))
        else:
            rows.extend((28 + 5.6 * indent, 5.6, words) for indent, words in wrap(line, 28))
    pages = [rows[first : first + 20] for first in range(0, len(rows), 20)]
    members = {
        "OFD.xml": f'<ofd:OFD xmlns:ofd="{namespace}" DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document xmlns:ofd="{namespace}"><ofd:CommonData/><ofd:Pages>'
        + "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
    }
    for number, page_rows in enumerate(pages):
        objects = [
            _text_object(left, 30 + 11 * place, size, words) for place, (left, size, words) in enumerate(page_rows)
        ]
        objects.append(_text_object(100, 280, 4.9, f"- {number + 1} -"))
        members[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page xmlns:ofd="{namespace}"><ofd:Content><ofd:Layer Type="Body" ID="1">{"".join(objects)}'
            "</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return archive({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode() for name, text in members.items()})


def _text_object(left: float, top: float, size: float, words: str) -> str:
    steps = f' DeltaX="g {len(words) - 1} {size}"' if len(words) > 1 else ""
    return (
        f'<ofd:TextObject ID="1" Boundary="{left} {top} 160 {size * 1.4}" Font="3" Size="{size}">'
        f'<ofd:TextCode X="0" Y="{size}"{steps}>{escape(words)}</ofd:TextCode></ofd:TextObject>'
    )


def archive(members: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def rtf(lines: Sequence[str] = (TITLE, *SPEECH)) -> bytes:
    """A rich text file; letters outside ASCII as \\u escapes."""
    words = "\\par\n".join("".join(f"\\u{ord(c)}?" if ord(c) > 126 else c for c in line) for line in lines)
    return f"{{\\rtf1\\ansi\\ansicpg936 {words}\\par}}".encode("ascii")
