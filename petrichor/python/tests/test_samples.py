"""The samples talk to each other as programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE / "src"), "PYTHONUNBUFFERED": "1"}


def test_echo() -> None:
    command = [sys.executable, str(HERE / "samples" / "server.py"), "127.0.0.1", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split()[-1]
        client = subprocess.run(
            [sys.executable, str(HERE / "samples" / "client.py"), "127.0.0.1", port, "zed"],
            input="hello\nworld\n",
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            timeout=30,
            check=True,
        )
        assert client.stdout == "CONNECTED WELCOME\n> hello\n> world\n> "
        assert "RECEIVED zed" in server.stdout.readline()
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout is not None:
            server.stdout.close()
