"""The whole application on a loopback port, in this process."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from qa.engine import Engine
from ui.settings import Settings
from ui.wiring import app_of


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve_engine(engine: Engine) -> Iterator[str]:
    """Serve API and chat over `engine`; give the base URL."""
    server = uvicorn.Server(uvicorn.Config(app_of(engine, Settings()), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
