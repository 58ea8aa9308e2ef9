import codecs

import pytest

from index.documents import Block
from index.errors import EmptyFile, NotText, UnsupportedFormat
from index.readers import read_file


def read_blocks(content: bytes, name: str) -> list[Block]:
    return read_file(content, name).blocks


TEXT = "在全市会议上的讲话\n同志们：\n全市共有社区386个，投入1.02亿元。\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        codecs.BOM_UTF8 + TEXT.encode("utf-8"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.replace("\n", "\r\n").encode("utf-8"),
    ],
    ids=["utf-8", "utf-8 marked", "gb18030", "utf-16", "utf-16 big-endian", "utf-16 unmarked", "crlf"],
)
def test_every_encoding_reads_the_same(content: bytes) -> None:
    lines = [block.text for block in read_blocks(content, "a.txt")]
    assert lines == ["在全市会议上的讲话", "同志们：", "全市共有社区386个，投入1.02亿元。"]


def test_invisible_characters_are_not_text() -> None:
    lines = [block.text for block in read_blocks("\u200b新\u200d建\ufeff社区\u3000\n\u200b\n".encode(), "a.txt")]
    assert lines == ["新建社区"]


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\x00\x00", "\u3000\u200b\n".encode()])
def test_an_empty_file_is_named(content: bytes) -> None:
    with pytest.raises(EmptyFile, match=r"speech\.txt"):
        read_blocks(content, "speech.txt")


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 40,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20,
        b"PK\x03\x04" + b"\x00\xff\xfe\x14" * 400,
    ],
    ids=["all bytes", "picture", "archive"],
)
def test_a_binary_file_named_txt_is_refused(content: bytes) -> None:
    with pytest.raises(NotText, match=r"photo\.txt"):
        read_blocks(content, "photo.txt")


def test_an_unknown_type_names_the_known_ones() -> None:
    with pytest.raises(UnsupportedFormat, match=r"\.txt"):
        read_blocks(b"x", "table.xlsx")


def test_markdown_keeps_headings_and_loses_marks() -> None:
    blocks = read_blocks(
        "# 讲话\n\n## 一、**目标**\n\n今年新建`社区`26个。\n第二行。\n\n1. 抓项目\n2. 抓民生\n\n- 其他\n".encode(),
        "a.md",
    )
    assert [(block.text, block.heading_level) for block in blocks] == [
        ("讲话", 1),
        ("一、目标", 2),
        ("今年新建社区26个。", None),
        ("第二行。", None),
        ("1. 抓项目", None),
        ("2. 抓民生", None),
        ("其他", None),
    ]


def test_a_wrapped_english_paragraph_is_one_paragraph() -> None:
    blocks = read_blocks(b"# Address\n\nWe opened 17\nbranches, and\nthree more.\n", "a.md")
    assert [block.text for block in blocks] == ["Address", "We opened 17 branches, and three more."]
