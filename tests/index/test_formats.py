import datetime
import shutil
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index.documents import Document
from index.errors import (
    ConverterMissing,
    DamagedFile,
    EncryptedFile,
    ScannedFile,
    UnsupportedFormat,
)
from index.parsing import parse_file
from index.readers import read_file
from index.readers.layout import Fragment, join_pages
from index.readers.packages import rewrite_package
from tests.browser import CHROMIUM, FLAGS
from tests.index import files

HEADINGS = [
    (1, "一、看清成绩和差距"),
    (1, "二、抓好三件实事"),
    (2, "（一）把用房问题解决好"),
    (2, "（二）把队伍带好"),
    (1, "三、加强领导"),
]
needs_office = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")


def headings(document: Document) -> list[tuple[int, str]]:
    return [(section.level, section.heading) for section in document.sections if section.heading]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("speech.txt", files.plain),
        ("speech.docx", files.word),
        ("speech.pdf", files.pdf),
        ("speech.ofd", files.ofd),
        ("speech.html", lambda: files.page("".join(f"<p>{line}</p>" for line in (files.TITLE, *files.SPEECH)))),
        pytest.param("speech.rtf", files.rtf, marks=needs_office),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_speech_reads_the_same_from_every_format(name: str, make: Callable[[], bytes]) -> None:
    documents = parse_file(make(), name)
    assert len(documents) == 1
    document = documents[0]
    assert document.title == files.TITLE
    assert document.text.split("\n") == files.SPEECH
    assert headings(document) == HEADINGS
    assert (document.speaker, document.date) == ("祁砚秋", datetime.date(2025, 3, 6))
    assert document.occasion == "全省社区工作推进会"


# -- web pages ----------------------------------------------------------------------------------------


def test_a_page_gives_its_speech_and_nothing_around_it() -> None:
    body = f"""<div class="top-nav"><a href="/">首页</a> <a href="/zw">政务公开</a></div>
    <div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/ld">领导讲话</a></div>
    <h1>{files.TITLE}</h1><p>下载 打印 全屏 收藏 【字号：大 中 小】</p>
    <script>var a = "不是正文";</script><div style="display:none">看不见的文字</div>
    <div class="article">{"".join(f"<p>&nbsp;&nbsp;{line}</p>" for line in files.SPEECH)}</div>
    <ul class="related"><li><a href="/1">相关链接一</a></li></ul><footer>版权所有 某某网</footer>"""
    document = parse_file(files.page(body, title=f"{files.TITLE}_领导讲话_云溪省人民政府网"), "a.html")[0]
    assert document.title == files.TITLE
    assert document.text.split("\n") == files.SPEECH


def test_words_split_over_spans_are_words_again_and_a_table_row_is_a_line() -> None:
    body = (
        "<p><span>一、</span><b><span>看清</span></b><span>成绩</span></p><p>社区&nbsp;<o:p></o:p>390个。<br>第二行。</p>"
        "<table><tr><td><p>县区</p></td><td><p>个数</p></td></tr><tr><td>松湖区</td><td>26</td></tr></table>"
    )
    blocks = read_file(files.page(body), "a.html").blocks
    assert [block.text for block in blocks] == ["一、看清成绩", "社区 390个。", "第二行。", "县区\t个数", "松湖区\t26"]


LONG = "各级各部门要把社区工作摆到重要位置，主要负责同志每个季度至少到社区现场办公一次，按月调度。"


@pytest.mark.parametrize(
    "body",
    [
        f"<div>{'<p>短短的一段话。</p>' * 20}<p>{LONG}</p>{'<p>短短的一段话。</p>' * 20}</div>",
        f"<div>{'短短的一段话。<br>' * 20}{LONG}<br>{'短短的一段话。<br>' * 20}</div>",
        f"<script>{'x' * 5000}</script><div id='print'>{'<p>短短的一段话。</p>' * 40}<p>{LONG}</p></div><footer>页脚</footer>",
        f"<nav><a href='/'>首页</a><p>{LONG}</p>{'<p>短短的一段话。</p>' * 40}",
        f"<iframe src='x'><p>{LONG}</p>{'<p>短短的一段话。</p>' * 40}",
    ],
    ids=["one long paragraph", "line breaks", "much script", "unclosed nav", "unclosed iframe"],
)
def test_no_sentence_of_a_page_is_lost(body: str) -> None:
    text = "\n".join(block.text for block in read_file(files.page(body), "a.html").blocks)
    assert text.count("短短的一段话。") == 40
    assert LONG in text


def test_a_title_set_over_two_lines_is_one_title() -> None:
    body = f"<h1>在全省会议上的<br>讲话</h1><p>{LONG}</p><p>{LONG}</p>"
    documents = parse_file(files.page(body, title="云溪省人民政府网"), "a.html")
    assert [document.title for document in documents] == ["在全省会议上的讲话"]


def test_a_wrongly_declared_page_is_read_as_what_it_is() -> None:
    content = files.page(f"<p>{LONG}</p>").replace(b"utf-8", b"iso-8859-1")
    assert read_file(content, "a.html").blocks[0].text == LONG


@pytest.mark.parametrize(
    "line", ["要加强对版权所有者的保护。", "审核：实行三级审核制度，层层把关。", "生产总值 | 1200亿元 | 1350亿元"]
)
def test_a_sentence_that_speaks_of_a_page_is_no_furniture(line: str) -> None:
    assert line in parse_file(files.plain([files.TITLE, *files.SPEECH, line]), "a.txt")[0].text


def test_a_page_is_decoded_as_it_says() -> None:
    content = files.page("<p>同志们：全市共有社区386个。</p>", charset="gb2312")
    assert read_file(content, "a.htm").blocks[0].text == "同志们：全市共有社区386个。"


def test_markup_in_a_page_is_never_text_and_text_is_never_markup() -> None:
    blocks = read_file(files.page("<p>1 &lt; 2 &amp;&amp; <script>alert(1)</script>三</p>"), "a.html").blocks
    assert [block.text for block in blocks] == ["1 < 2 && 三"]


# -- Word ---------------------------------------------------------------------------------------------


def test_numbers_that_word_draws_are_part_of_the_text() -> None:
    content = files.numbered_word(
        [("chineseCounting", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3.")],
        [
            (None, files.TITLE),
            (None, "同志们：" + "今天开会部署工作，大家要认真领会。" * 3),
            (0, "抓项目"),
            (1, "重大项目"),
            (2, "用地"),
            (2, "用能"),
            (1, "技改项目"),
            (0, "抓民生"),
            (1, "就业"),
        ],
    )
    assert headings(parse_file(content, "a.docx")[0]) == [
        (1, "一、抓项目"),
        (2, "（一）重大项目"),
        (3, "1.用地"),
        (3, "2.用能"),
        (2, "（二）技改项目"),
        (1, "二、抓民生"),
        (2, "（一）就业"),
    ]


def test_heading_styles_are_headings_and_a_contents_list_is_not_text() -> None:
    document = docx.Document()
    document.add_paragraph(files.TITLE, style="Title")
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("总体要求 …… 1", style="toc 1")
    for heading in ("总体要求", "重点任务"):
        document.add_heading(heading, 1)
        document.add_paragraph("要坚持稳中求进，做好今年的工作。" * 4)
        document.add_heading("具体安排", 2)
        document.add_paragraph("由各部门分头落实，按月调度。" * 4)
    document.sections[0].header.paragraphs[0].text = "内部资料"
    parsed = parse_file(files.save_word(document), "a.docx")[0]
    assert headings(parsed) == [(1, "总体要求"), (2, "具体安排"), (1, "重点任务"), (2, "具体安排")]
    assert "……" not in parsed.text
    assert "内部资料" not in parsed.text


def test_tracked_changes_are_read_as_accepted_and_text_boxes_are_not_lost() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("全省共有社区")
    space = nsdecls("w")
    paragraph._p.append(parse_xml(f"<w:ins {space}><w:r><w:t>3900</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {space}><w:r><w:delText>3800</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:r {space}><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"))
    paragraph._p.append(parse_xml(f"<w:smartTag {space}><w:r><w:t>多个。</w:t></w:r></w:smartTag>"))
    box = f"<w:r {space}><w:pict><w:txbxContent><w:p><w:r><w:t>附注一行。</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    paragraph._p.append(parse_xml(box))
    blocks = read_file(files.save_word(document), "a.docx").blocks
    assert [block.text for block in blocks] == ["全省共有社区3900多个。", "附注一行。"]


def test_cells_and_rows_in_content_controls_are_not_lost_and_macros_do_not_matter() -> None:
    document = docx.Document()
    space = nsdecls("w")
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = (
        f"<w:tr>{cell.format('甲')}<w:sdt><w:sdtContent>{cell.format('乙')}</w:sdtContent></w:sdt></w:tr>"
        f"<w:sdt><w:sdtContent><w:tr>{cell.format('丙')}{cell.format('丁')}</w:tr></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(f"<w:tbl {space}>{rows}</w:tbl>"))
    content = files.save_word(document)
    assert [block.text for block in read_file(content, "a.docx").blocks] == ["甲\t乙", "丙\t丁"]
    macros = rewrite_package(
        content,
        "a",
        {b"openxmlformats-officedocument.wordprocessingml.document.main": b"ms-word.document.macroEnabled.main"},
    )
    assert [block.text for block in read_file(macros, "a.docm").blocks] == ["甲\t乙", "丙\t丁"]


def test_the_properties_name_a_speech_without_a_title_and_nobody_else() -> None:
    speech = ["同志们：", "今天开会，部署今年的工作，请大家认真落实。"]
    named = parse_file(files.word(speech, title="在动员会上的讲话"), "a.docx")[0]
    unnamed = parse_file(files.word(speech, title="Microsoft Word - 文档1"), "b.docx")[0]
    assert (named.title, named.speaker) == ("在动员会上的讲话", None)
    assert unnamed.title == "b"


# -- pages of paper -----------------------------------------------------------------------------------


def test_a_scan_is_named_with_what_to_do() -> None:
    with pytest.raises(ScannedFile, match=r"scan\.pdf.*OCR"):
        parse_file(files.scanned_pdf(), "scan.pdf")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", files.pdf(password="secret")), ("a.docx", files.locked_word()), ("b.doc", files.locked_word())],
    ids=["pdf", "docx", "docx named doc"],
)
def test_a_password_is_named(name: str, content: bytes) -> None:
    with pytest.raises(EncryptedFile, match=name):
        parse_file(content, name)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_and_a_watermark_across_it_change_nothing(turn: int) -> None:
    assert parse_file(files.pdf(turn=turn, watermark="内部资料"), "a.pdf")[0].text.split("\n") == files.SPEECH


def test_a_running_head_that_repeats_the_title_takes_nothing_away() -> None:
    document = parse_file(files.pdf(running_head=files.TITLE), "a.pdf")[0]
    assert document.title == files.TITLE
    assert document.text.split("\n") == files.SPEECH


def test_an_ofd_in_another_namespace_with_absolute_places_reads_the_same() -> None:
    content = files.ofd(namespace="http://www.ofdspec.org")
    assert parse_file(content, "a.ofd")[0].text.split("\n") == files.SPEECH


def test_paragraphs_without_indent_are_told_by_the_length_of_their_last_line() -> None:
    rows = ["一" * 30, "二" * 30, "三" * 12, "四" * 30, "五" * 29 + "。", "六" * 20]
    page = [Fragment(words, 50, 50 + 10 * len(words), 100 + 20 * n, 10) for n, words in enumerate(rows)]
    assert [len(paragraph) for paragraph in join_pages([page])] == [72, 80]


def test_latin_lines_are_joined_with_a_blank_and_broken_words_without() -> None:
    rows = ["We opened seventeen branches and commis-", "sioned three more in the harbour and the", "old town."]
    page = [Fragment(words, 50, 50 + 5 * len(words), 100 + 15 * n, 10) for n, words in enumerate(rows)]
    assert join_pages([page]) == [
        "We opened seventeen branches and commissioned three more in the harbour and the old town."
    ]


def test_a_page_printed_by_a_browser_is_its_text(tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no browser")
    source, printed = tmp_path / "a.html", tmp_path / "a.pdf"
    body = "".join(f"<p style='text-indent:2em'>{line}</p>" for line in files.SPEECH)
    source.write_bytes(files.page(f"<h1>{files.TITLE}</h1>{body}"))
    flags = ["--headless", *FLAGS, f"--user-data-dir={tmp_path / 'profile'}"]
    subprocess.run([CHROMIUM, *flags, f"--print-to-pdf={printed}", source.as_uri()], check=True, capture_output=True)
    document = parse_file(printed.read_bytes(), "a.pdf")[0]
    assert document.title == files.TITLE
    assert document.text.split("\n") == files.SPEECH


# -- older formats, names that lie --------------------------------------------------------------------


def test_without_libreoffice_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConverterMissing, match=r"speech\.wps.*\.wps.*LibreOffice"):
        parse_file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "speech.wps")


@needs_office
def test_what_a_document_links_to_is_not_fetched() -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(str(self.client_address))
            super().handle_one_request()

    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("text", "text"), ("draw", "drawing"))
    )
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        picture = f'<draw:image xlink:href="http://127.0.0.1:{server.server_port}/a.png"/>'
        body = f"<text:p>同志们，今天开会。<draw:frame>{picture}</draw:frame></text:p>"
        content = (
            f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">'
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
        )
        kind = "application/vnd.oasis.opendocument.text"
        entries = "".join(
            f'<m:file-entry m:full-path="{path}" m:media-type="{media}"/>'
            for path, media in (("/", kind), ("content.xml", "text/xml"))
        )
        manifest = f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{entries}</m:manifest>'
        members = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
        odt = files.archive({name: text.encode() for name, text in members.items()})
        blocks = read_file(odt, "a.odt").blocks
        server.shutdown()
    assert [block.text for block in blocks] == ["同志们，今天开会。"]
    assert asked == []


@pytest.mark.parametrize("name", ["speech.doc", "speech.txt", "speech.pdf", "speech.html"])
def test_a_renamed_word_file_is_read_for_what_it_is(name: str) -> None:
    assert parse_file(files.word(), name)[0].text.split("\n") == files.SPEECH


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.ofd"])
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str) -> None:
    with pytest.raises(DamagedFile, match=name):
        parse_file("只是一段文字。".encode(), name)


def test_a_spreadsheet_is_refused_by_its_type() -> None:
    with pytest.raises(UnsupportedFormat, match=r"table\.xlsx"):
        parse_file(files.word(), "table.xlsx")
