"""An OpenAI-compatible server that says what a test wrote, over real HTTP, token by token; and can misbehave."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Manner = Literal["well", "stall", "drop", "429", "500", "bad json", "endless"]


@dataclass
class Script:
    """What the server says next, how, and what it was asked."""

    text: str = ""
    manner: Manner = "well"
    pause: float = 0.0  # seconds between tokens
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        """The last user message."""
        return str(self.asked[-1]["messages"][-1]["content"])


class ScriptedHandler(BaseHTTPRequestHandler):
    """Answers every request as the script says."""

    protocol_version = "HTTP/1.1"
    script: Script

    def do_POST(self) -> None:
        """Note what is asked, and answer."""
        self.script.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.script.manner in ("429", "500"):
            self._refuse(int(self.script.manner))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):  # the client may have had enough
            self._speak()
        self.close_connection = True

    def _speak(self) -> None:
        script = self.script
        if script.manner == "bad json":
            self.wfile.write(b"data: {not json\n\n")
            return
        half = len(script.text) // 2
        for place, letter in enumerate(script.text):
            if place == half and script.manner in ("drop", "stall"):
                time.sleep(20 if script.manner == "stall" else 0)
                self.connection.shutdown(2)
                return
            self._token(letter)
            time.sleep(script.pause)
        while script.manner == "endless":
            self._token(script.text)
        self._token("", "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _token(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
        self.wfile.flush()

    def _refuse(self, status: int) -> None:
        body = b'{"error": {"message": "busy"}}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def scripted_server() -> Iterator[tuple[str, Script]]:
    """Its base URL, and the script it follows."""
    script = Script()
    handler = type("Handler", (ScriptedHandler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", script
    finally:
        server.shutdown()
        server.server_close()
