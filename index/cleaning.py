"""What a saved web page carries around a speech: recognised line by line, and left out of its text."""

import re

from index.documents import Block

# Whole lines that are page furniture wherever they stand.
FURNITURE = re.compile(
    r"""^(?:
      当前位置[:：]?.{0,60}
    | (?:赞助商|广告)(?:链接|位)? | (?:Advertisement|Sponsored(?:\s+links?)?)
    | (?:首页|主页|Home)\s*[>»›→＞].*
    | (?:上一篇|下一篇|上一页|下一页|相关阅读|相关文章|相关推荐|推荐阅读|猜你喜欢|返回顶部|返回首页|返回列表)[:：]?.{0,60}
    | [【\[(（]?(?:关闭窗口|关闭|打印|打印本页|收藏|分享|分享到|下载|全屏|复制|字号)[】\])）]?
    | .{0,20}【\s*字(?:号|体)[:：]?.{0,20}
    | (?:责任编辑|版权所有|Copyright)[:：\s©].{0,80}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
# Labels that name the page's own record, not the speech: one is a credit line, two or more a record line.
RECORD_LABEL = re.compile(r"(?:推荐人|来源|阅读|浏览|点击|作者|编辑|发布时间|时间|字体|大小|人气|评论)\s*[:：]")
SOURCE_CREDIT = re.compile(r"^(?:信息|文章|稿件)?来源\s*[:：]\s*\S{0,30}$")
# A credit stands near the top of a page; further down "来源：" may be part of the speech.
CREDIT_LINES = 12


def is_furniture(line: str) -> bool:
    """True when the whole line belongs to the page and not to any speech."""
    return bool(FURNITURE.match(line)) or (len(line) <= 120 and len(RECORD_LABEL.findall(line)) >= 2)


def remove_furniture(blocks: list[Block]) -> list[Block]:
    """Drop page furniture and, near the top, the line that credits a source."""
    return [
        block
        for number, block in enumerate(blocks)
        if block.heading_level is not None
        or not (is_furniture(block.text) or (number < CREDIT_LINES and SOURCE_CREDIT.match(block.text)))
    ]
