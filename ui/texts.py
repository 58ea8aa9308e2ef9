"""What the command line and the pages say, in English and Chinese."""

import os

from index.errors import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "added": "added",
        "updated": "updated",
        "unchanged": "unchanged",
        "removed": "removed",
        "failed": "failed",
        "embedding": "Embedding passages",
        "reading": "Reading files",
        "nothing_changed": "Nothing has changed.",
        "interrupted": "Stopped. What was indexed is kept; run the same command again to go on.",
        "near_misses": "Nearest passages:",
        "deleted": "Deleted: {title}",
        "no_documents": "No documents.",
        "left_out": "{count} files of other types in {folder} were left out: {names}",
        "no_outline": "This speech has no headings; its paragraphs:",
        "serving": "SpeechQA is ready.",
        "chat": "Chat",
        "api": "API",
        "docs": "API documentation",
        "stop": "Press Ctrl+C to stop.",
        "loading": "Loading the model and opening {data} …",
        "rebuilt": "Rebuilt: {count} passages.",
        "asking": "Asking questions",
        "checking": "Checking sentences",
        "report_written": "Report written to {file}",
        "report_type": "A report is a .md, .html or .json file, not {file}.",
        "calibrated": "Calibrated. Cost on these questions (a refusal 1, a wrong answer 5): {before:.0f} before, {after:.0f} now.",
        "port_in_use": "Port {port} on {host} cannot be used ({reason}).",
        "port_hint": "Choose another with --port or SPEECHQA_PORT.",
        "refused": "refused ({reason})",
        "cites": "{count} sections",
        "stats_index": "{documents} documents, {passages} passages",
        "stats_asked": "{questions} questions of {askers} askers, {refused} refused, {citations} sections cited",
        "stats_times": "Median {median_ms:.0f} ms, 95th percentile {p95_ms:.0f} ms",
        "stats_others": (
            "{searches} searches, {quote_checks} checks of quotations, {readings} readings; thumbs {thumbs_up} up, {thumbs_down} down"
        ),
        "stats_cited": "Cited most:",
        "stands_open": "No key was made: whoever works at this machine ({host}) is let in without one, and nobody else.",
        "key_made": "Key {id} is made. Keep it now: it cannot be shown again.",
        "key_rotated": "Key {id} has a new secret; the old one ends in {hours} hours. Keep it now: it cannot be shown again.",
        "key_revoked": "Key {id} ({name}) is let in no more.",
        "tokens_ended": "Every token given out so far has ended.",
        "no_keys": "There is no key.",
        "every_group": "(every group)",
        "valid": "valid",
        "ended": "ended",
        "resuming": "{count} passages wait to be indexed from an earlier run; going on with them.",
    },
    "zh": {
        "added": "新增",
        "updated": "更新",
        "unchanged": "未变",
        "removed": "移除",
        "failed": "失败",
        "embedding": "生成向量",
        "reading": "读取文件",
        "nothing_changed": "没有变化。",
        "interrupted": "已停止。已索引的内容会保留；再次运行同一命令即可继续。",
        "near_misses": "最接近的段落：",
        "deleted": "已删除：{title}",
        "no_documents": "没有文档。",
        "left_out": "{folder} 中有 {count} 个其他类型的文件未读取：{names}",
        "no_outline": "这篇讲话没有标题层次，按段落列出：",
        "serving": "SpeechQA 已就绪。",
        "chat": "对话页面",
        "api": "接口",
        "docs": "接口文档",
        "stop": "按 Ctrl+C 停止。",
        "loading": "正在加载模型并打开 {data} …",
        "rebuilt": "已重建：{count} 个段落。",
        "asking": "提问",
        "checking": "核对引文",
        "report_written": "报告已写入 {file}",
        "report_type": "报告只能是 .md、.html 或 .json 文件，不能是 {file}。",
        "calibrated": "已校准。在这些问题上的代价（拒答计 1，答错计 5）：此前 {before:.0f}，现在 {after:.0f}。",
        "port_in_use": "无法使用 {host} 的端口 {port}（{reason}）。",
        "port_hint": "请用 --port 或 SPEECHQA_PORT 指定其他端口。",
        "refused": "拒答（{reason}）",
        "cites": "引用 {count} 节",
        "stats_index": "{documents} 篇文档，{passages} 个段落",
        "stats_asked": "{askers} 位提问者共提问 {questions} 次，其中拒答 {refused} 次，引用章节 {citations} 处",
        "stats_times": "耗时中位数 {median_ms:.0f} 毫秒，第 95 百分位 {p95_ms:.0f} 毫秒",
        "stats_others": (
            "检索 {searches} 次，核对引文 {quote_checks} 次，阅读 {readings} 次；赞 {thumbs_up}，踩 {thumbs_down}"
        ),
        "stats_cited": "被引最多：",
        "stands_open": "尚未创建密钥：在本机（{host}）使用不需要密钥，其他机器无法访问。",
        "key_made": "密钥 {id} 已创建。请立即保存，以后无法再次显示。",
        "key_rotated": "密钥 {id} 已更换，旧密钥 {hours} 小时后失效。请立即保存，以后无法再次显示。",
        "key_revoked": "密钥 {id}（{name}）已撤销。",
        "tokens_ended": "此前发出的令牌已全部失效。",
        "no_keys": "没有密钥。",
        "every_group": "（全部分组）",
        "valid": "有效",
        "ended": "失效",
        "resuming": "上次运行有 {count} 个段落尚未完成索引，现在继续。",
    },
}

PAGE_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "SpeechQA",
        "subtitle": "Ask the indexed speeches. Every sentence of an answer cites the exact words it rests on.",
        "ask": "Your question",
        "send": "Ask",
        "clear": "New conversation",
        "more": "Show more",
        "sources": "Where it says so",
        "near": "The speeches do not say. These passages come nearest:",
        "open": "Open in the speech",
        "outline": "Outline",
        "copy_hint": "Reference",
        "thinking": "Looking through the speeches …",
        "empty": "Nothing has been asked yet.",
        "sign_in": "Sign in",
        "embed_title": "The chat in your own page",
        "embed_hint": "Paste this into the page; /speechqa-token is an address of your portal that gets a token from POST /v1/tokens.",
        "sign_in_hint": "Your key or token",
        "sign_in_wrong": "This key or token is not valid, or does not permit asking and reading.",
    },
    "zh": {
        "title": "SpeechQA 讲话问答",
        "subtitle": "向已索引的讲话提问，答案的每一句都标明原文出处。",
        "ask": "请输入问题",
        "send": "提问",
        "clear": "新对话",
        "more": "继续列出",
        "sources": "原文出处",
        "near": "讲话中没有说明。最接近的段落是：",
        "open": "在讲话中查看",
        "outline": "提纲",
        "copy_hint": "引文出处",
        "thinking": "正在查阅讲话……",
        "empty": "还没有提问。",
        "sign_in": "登录",
        "embed_title": "嵌入到自己的网页",
        "embed_hint": "将以下代码粘贴到网页中；/speechqa-token 是门户自己的地址，由它通过 POST /v1/tokens 换取令牌。",
        "sign_in_hint": "您的密钥或令牌",
        "sign_in_wrong": "密钥或令牌无效，或没有提问和阅读的权限。",
    },
}


def terminal_language() -> Language:
    """Chinese when the locale of the terminal is Chinese, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


# The report of a quotation check.
QUOTE_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Quotation check",
        "summary": "{total} sentences: {exact} exact, {altered} altered, {absent} absent.",
        "exact": "exact",
        "altered": "altered",
        "absent": "absent",
        "more": "and {count} more places",
    },
    "zh": {
        "title": "引文核对",
        "summary": "共 {total} 句：一致 {exact} 句，有改动 {altered} 句，未见 {absent} 句。",
        "exact": "一致",
        "altered": "有改动",
        "absent": "未见",
        "more": "另有 {count} 处",
    },
}
