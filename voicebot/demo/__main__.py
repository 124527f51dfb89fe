"""``python -m voicebot.demo --host 127.0.0.1 --port 5055``."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from voicebot.demo.server import FLOWS, create_app


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m voicebot.demo", description="Demo back end (action server).")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5055)
    parser.add_argument("--flows", type=Path, default=FLOWS, help="folder with the companies' flows")
    parser.add_argument("--state", type=Path, default=None, help="JSON file that keeps changes over a restart")
    given = parser.parse_args()
    uvicorn.run(create_app(given.flows, given.state), host=given.host, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
