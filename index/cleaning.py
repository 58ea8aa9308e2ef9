"""What a saved web page carries around a speech: recognised line by line, and left out of its text."""

import re

from index.documents import Block, Content

# Whole lines that are page furniture wherever they stand.
FURNITURE = re.compile(
    r"""^(?:
      (?:(?:您|你)?(?:当前|现在)?(?:所在)?(?:的)?位置|目前位置)[:：].{0,80} | 当前位置
    | (?:赞助商|广告)(?:链接|位)? | (?:Advertisement|Sponsored(?:\s+links?)?)
    | (?:首页|主页|Home)\s*[>»›→＞].*
    | (?:上一篇|下一篇|上一页|下一页|相关阅读|相关文章|相关推荐|推荐阅读|猜你喜欢|返回顶部|返回首页|返回列表)[:：]?.{0,60}
    | [【\[(（]?(?:关闭窗口|关闭|打印|打印本页|收藏|分享|分享到|下载|全屏|复制|字号)[】\])）]?
    | .{0,20}【\s*字(?:号|体)[:：]?.{0,20}
    | [（(]?(?:原标题|责任编辑|责编|校对|审核|审签|网站标识码|Copyright|©)[:：\s©].{0,100}
    | 编者按[:：].{0,300}
    | .{0,40}版[权權]所有.{0,100} | (?:[^|｜。\d]{1,20}[|｜]){2,}[^|｜。\d]{1,30}
    | .{0,40}(?:ICP[备備证證]|公网安备).{0,60}
    | .{0,50}(?:记者|通讯员|新华社|摄影)[^。！？]{0,12}(?:摄影?|供图)$ | .{0,50}(?:供图|摄影报道)$ | .{0,80}\bPhoto:\s.{0,40}
    | (?:相关链接|相關連結|友情链接|分享到|分享至|热点文章|热门评论|网友评论|网上调查|编辑推荐|扫一扫.{0,20}|展开全文|.{0,8}未读
        |点击查看更多.{0,6}|【.{2,30}】相关文章)[:：]?
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
# Labels that name the page's own record, not the speech: one is a credit line, two or more a record line.
RECORD_LABEL = re.compile(
    r"(?:推荐人|来源|阅读|浏览|点击|作者|编辑|录入|审核|校对|发布人|发布时间|发布日期|公开日期|时间|字体|字号|大小|人气|评论|索引号|主题分类|"
    r"发文机关|文号|次数|張貼日期|發布日期|更新日期|點閱|瀏覽|瀏覽人次|資料提供|Published|Updated|Reading time|Estimated reading time)\s*[:：]",
    re.IGNORECASE,
)
SOURCE_CREDIT = re.compile(r"^(?:信息|文章|稿件)?来源\s*[:：]\s*\S{0,30}$")
# A credit stands near the top of a page; further down "来源：" may be part of the speech.
CREDIT_LINES = 12
# Over a list of other articles: the short lines below it are theirs.
RELATED = re.compile(r"^.{0,40}(?:相关文章|相关阅读|相关推荐|推荐阅读|猜你喜欢|相关链接|热点文章)】?[:：]?$")
SENTENCE = "。！？；!?"
LONGEST_RELATED = 40


def is_furniture(line: str) -> bool:
    """True when the whole line belongs to the page and not to any speech."""
    if line[-1:] in SENTENCE and not line.startswith("编者按"):
        return False
    return bool(FURNITURE.match(line)) or (len(line) <= 120 and len(RECORD_LABEL.findall(line)) >= 2)


def remove_furniture(content: Content) -> list[Block]:
    """Drop the line that credits a source near the top, and from a page what else belongs to the page."""
    kept: list[Block] = []
    related = False
    for number, block in enumerate(content.blocks):
        text = block.text
        related = content.page and bool(
            RELATED.match(text) or (related and len(text) <= LONGEST_RELATED and text[-1] not in SENTENCE)
        )
        credit = number < CREDIT_LINES and SOURCE_CREDIT.match(text)
        if block.heading_level is not None or not (credit or related or (content.page and is_furniture(text))):
            kept.append(block)
    return kept
