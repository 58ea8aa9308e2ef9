from index.documents import Block, Content
from index.parsing import parse_file
from index.splitting import split_speeches

COLLECTION = """当前位置
首页 > 讲话 > 在全市会议上的讲话(通用2篇)
在全市会议上的讲话(通用2篇)
推荐人: 来源: 阅读: 1.2K 次
在全市会议上的讲话 篇1
同志们:
第一篇的正文。
在全市会议上的讲话(通用2篇)
一、抓落实
在全市会议上的讲话 篇2
第二篇的正文。
赞助商

赞助商
"""


def test_a_collection_gives_its_speeches_without_the_page_around_them() -> None:
    documents = parse_file(COLLECTION.encode(), "collection.txt")
    assert [document.title for document in documents] == ["在全市会议上的讲话 篇1", "在全市会议上的讲话 篇2"]
    assert [document.source for document in documents] == ["collection.txt#1", "collection.txt#2"]
    assert [document.text for document in documents] == ["同志们:\n第一篇的正文。\n一、抓落实", "第二篇的正文。"]


def test_an_introduction_that_says_something_is_not_lost() -> None:
    introduction = "这是编者为读者整理的说明，" * 12 + "请参考。"
    documents = parse_file(f"{introduction}\n讲话稿 篇1\n甲。\n讲话稿 篇2\n乙。\n".encode(), "c.txt")
    assert documents[0].text == introduction
    assert len(documents) == 3


def test_one_mention_of_a_numbered_piece_splits_nothing() -> None:
    documents = parse_file("关于学习的讲话\n各位同志：\n我读了文章 篇1\n很有收获。\n".encode(), "one.txt")
    assert len(documents) == 1


def test_several_first_level_markdown_headings_are_several_speeches() -> None:
    documents = parse_file("# 甲的讲话\n\n内容甲。\n\n# 乙的讲话\n\n内容乙。\n".encode(), "two.md")
    assert [(document.title, document.text) for document in documents] == [
        ("甲的讲话", "内容甲。"),
        ("乙的讲话", "内容乙。"),
    ]


def test_the_title_is_the_first_line_or_the_file_name() -> None:
    titled = split_speeches(Content([Block("在动员会上的讲话"), Block("同志们：今天开会。")]), "file")[0]
    untitled = split_speeches(Content([Block("同志们："), Block("今天开会。")]), "file")[0]
    assert (titled.title, untitled.title) == ("在动员会上的讲话", "file")


def test_the_same_words_get_the_same_id_wherever_they_come_from() -> None:
    first = parse_file("讲话\n今天开会。\n".encode(), "a.txt")[0]
    second = parse_file("讲话\n今天开会。\n".encode("gb18030"), "b.txt")[0]
    other = parse_file("讲话\n明天开会。\n".encode(), "a.txt")[0]
    assert first.id == second.id != other.id


def test_titles_with_salutations_part_a_file_into_speeches() -> None:
    body = "今天开会，部署今年的工作，请大家认真领会，抓好落实。" * 8
    one = ["在甲市大会上的讲话", "（2025年3月1日）", "同志们：", body, "一、抓项目", body]
    other = ["在乙县座谈会上的致辞", "各位来宾：", body, "谢谢大家！"]
    documents = parse_file("\n".join([*one, *other]).encode(), "two.txt")
    assert [document.title for document in documents] == [one[0], other[0]]
    assert documents[1].text.split("\n") == other[1:]
    again = parse_file("\n".join([one[0], "政府工作报告", *one[1:]]).encode(), "one.txt")
    assert [document.title for document in again] == [one[0]]
