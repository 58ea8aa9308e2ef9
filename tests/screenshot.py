"""The picture of the chat in the README: `make screenshot`."""

import sys
import tempfile
from pathlib import Path

from index.embedding import load_embedder
from index.library import open_library
from tests.browser import open_page
from tests.conftest import SAMPLES, index_files
from tests.serving import serve
from ui.settings import Settings

QUESTIONS = ("云溪省今年的固定资产投资增长目标是多少?", "2025年云溪省计划新建和改造社区服务中心多少个?")


def main(path: Path, locale: str) -> None:
    """Ask the sample speeches and save what the page shows."""
    embedder = load_embedder("", Settings().cache)
    with tempfile.TemporaryDirectory() as folder:
        with open_library(Path(folder), lambda: embedder) as library:
            index_files(library, SAMPLES)
        with serve(Path(folder)) as service, open_page(locale, 1280, 760) as page:
            page.goto(service.base)
            for number, question in enumerate(QUESTIONS, start=1):
                page.wait_for_selector("#question textarea")
                page.fill("#question textarea", question)
                page.click("#send")
                page.wait_for_function(f"document.querySelectorAll('#chat a').length >= {number}")
                page.wait_for_timeout(500)
            path.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "zh-CN")
