"""The service's own log: on stderr, as text or as one JSON object a line, each with the id of its request."""

import logging
import sys
from typing import Literal

from asgi_correlation_id import CorrelationIdFilter
from pythonjsonlogger.json import JsonFormatter

LogFormat = Literal["text", "json"]
FIELDS = ("asctime", "levelname", "name", "correlation_id", "message")
ONE_LINE = {ord(sign): repr(sign)[1:-1] for sign in "\r\n\x0b\x0c\x1b\x85\u2028\u2029"}


class OneLine(logging.Formatter):
    """Text in which no message can pass for another line, whatever a stranger put into it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line of a record; a stack trace still follows on lines of its own."""
        return super().formatMessage(record).translate(ONE_LINE)


def configure_logs(form: LogFormat) -> None:
    """Send every log to stderr in `form`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(CorrelationIdFilter(default_value="-"))
    if form == "json":
        handler.setFormatter(JsonFormatter(list(FIELDS), json_ensure_ascii=False))
    else:
        handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s [%(correlation_id)s]: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
