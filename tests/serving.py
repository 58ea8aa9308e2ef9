"""`speechqa serve` as a person starts it: a process of its own on a loopback port."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from ui.wiring import server_of


@dataclass(frozen=True, slots=True)
class Served:
    """A running service."""

    base: str
    port: int
    pid: int
    seconds_to_ready: float


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(data: Path) -> Iterator[Served]:
    """Serve API and chat over the data folder until the block ends; then check that it said where to go."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "ui", "serve", "--port", str(port), "--data", str(data)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"LANG": "en_GB.UTF-8"}
    )
    try:
        wait_until_ready(base, process)
        yield Served(base, port, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert base in said


@contextmanager
def serve_app(app: FastAPI) -> Iterator[str]:
    """Serve an application of this process on a loopback port until the block ends; gives its address."""
    server = server_of(app)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service ended before it was ready"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def wait_until_ready(base: str, process: subprocess.Popen[str]) -> None:
    """Return when /readyz answers; fail when the process ends before."""
    for _ in range(1200):
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=2).close()
        except OSError:
            assert process.poll() is None, "the service ended before it was ready"
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(base)
