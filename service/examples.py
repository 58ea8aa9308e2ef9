"""What answers look like, for the API description; the words are those of the project's sample speeches."""

from typing import Any

DOCUMENT_ID, SECTION_ID = "cb44887920cfaee6", "e1144b6bc917"
ANSWER_ID, CONVERSATION_ID, JOB_ID = "5f0c1c7be2cb4c6d8f0a3f6f5e3f4f10", "f730768185e74dc59667d8c58caa914f", "0" * 32
QUOTE = "新建和改造社区服务中心260个"
CITATION: dict[str, Any] = {
    "number": 1,
    "document_id": DOCUMENT_ID,
    "document_title": "2025年云溪省政府工作报告",
    "section_id": SECTION_ID,
    "section_path": ["三、2025年重点任务", "（五）办好群众身边实事"],
    "label": "《2025年云溪省政府工作报告》,岑远舟,2025年1月15日,三、2025年重点任务 › （五）办好群众身边实事 第1段",
    "quote": QUOTE,
    "start": 1229,
    "end": 1244,
    "score": 0.9952,
    "url": f"/documents/{DOCUMENT_ID}?start=1229&end=1244#{SECTION_ID}",
}
ANSWER: dict[str, Any] = {
    "id": ANSWER_ID,
    "conversation_id": CONVERSATION_ID,
    "question": "云溪省2025年计划新建和改造社区服务中心多少个?",
    "standalone_question": "云溪省2025年计划新建和改造社区服务中心多少个?",
    "answer": f"{QUOTE}[1]",
    "abstained": False,
    "reason": None,
    "kind": "extractive",
    "sentences": [{"text": QUOTE, "citations": [1], "support": "verbatim", "spans": []}],
    "citations": [CITATION],
    "total_citations": 1,
    "withheld": 0,
    "near_misses": [],
    "confidence": 0.9952,
    "model": "extractive",
    "timings_ms": {"retrieve": 95, "answer": 266, "total": 361},
}
REFUSAL: dict[str, Any] = ANSWER | {
    "question": "全省要建多少座太空港?",
    "standalone_question": "全省要建多少座太空港?",
    "answer": "已索引的讲话中没有找到能回答这个问题的内容。",
    "abstained": True,
    "reason": "no_evidence",
    "sentences": [],
    "citations": [],
    "total_citations": 0,
    "near_misses": [CITATION | {"score": 0.0156}],
    "confidence": 0.0,
}
CONVERSATION: dict[str, Any] = {
    "id": CONVERSATION_ID,
    "turns": [{"question": ANSWER["question"], "standalone_question": ANSWER["standalone_question"], "answer": ANSWER}],
}
SEARCH: dict[str, Any] = {"passages": [CITATION | {"score": 0.0321, "cosine": 0.8913, "bm25": 7.3637}]}
QUOTES: dict[str, Any] = {
    "results": [
        {
            "sentence": "新建和改造社区服务中心280个。",
            "verdict": "altered",
            "difference": [
                ["equal", "新建和改造社区服务中心2"],
                ["delete", "6"],
                ["insert", "8"],
                ["equal", "0个。"],
            ],
            "sources": [CITATION | {"score": 0.9333}],
        }
    ]
}
COMPLETION: dict[str, Any] = {
    "id": f"chatcmpl-{ANSWER_ID}",
    "object": "chat.completion",
    "created": 1795600000,
    "model": "speechqa",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": ANSWER["answer"],
                "refusal": None,
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {
                            "start_index": len(QUOTE),
                            "end_index": len(QUOTE) + 3,
                            "url": CITATION["url"],
                            "title": CITATION["label"],
                            "quote": QUOTE,
                        },
                    }
                ],
            },
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "speechqa": ANSWER,
}
TOKEN: dict[str, Any] = {"token": "eyJhbGciOiJIUzI1NiIs…", "expires": "2026-11-25T08:10:00Z"}
DOCUMENT: dict[str, Any] = {
    "id": DOCUMENT_ID,
    "title": "2025年云溪省政府工作报告",
    "source": "2025年云溪省政府工作报告.txt",
    "speaker": "岑远舟",
    "date": "2025-01-15",
    "occasion": "云溪省第十三届人民代表大会第三次会议",
    "place": "云溪省",
    "groups": [],
    "sections": 13,
    "passages": 16,
    "state": "ready",
}
TEXT: dict[str, Any] = {"text": f"…\n（五）办好群众身边实事\n{QUOTE}，…"}
OUTLINE: dict[str, Any] = {
    "headings": [
        {
            "marker": "一、",
            "heading": "一、2024年工作回顾",
            "level": 1,
            "inline": False,
            "start": 84,
            "end": 633,
            "section_id": "49c83db382ba",
        }
    ]
}
JOB: dict[str, Any] = {
    "id": JOB_ID,
    "state": "running",
    "progress": 0.4,
    "documents": [
        {
            "id": DOCUMENT_ID,
            "title": DOCUMENT["title"],
            "status": "added",
            "source": DOCUMENT["source"],
            "error": None,
        }
    ],
    "error": None,
}
