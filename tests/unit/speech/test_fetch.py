"""Fetching against a real HTTP server on this machine that can break off, resume and lie."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voicebot.errors import ModelError
from voicebot.speech.catalogue import ModelEntry, ModelFile
from voicebot.speech.fetch import fetch

DATA = bytes(range(256)) * 20000
REVISION = "a" * 40


class Hub(ThreadingHTTPServer):
    data = DATA
    break_after: int | None = None
    status = 200
    resumes = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        hub = self.server
        assert isinstance(hub, Hub)
        wanted = self.headers.get("Range")
        hub.asked.append((self.path, wanted))
        if hub.status != 200:
            self.send_error(hub.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.resumes else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(hub.data) - start))
        self.end_headers()
        end = len(hub.data) if hub.break_after is None else start + hub.break_after
        self.wfile.write(hub.data[start:end])

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def entry(data: bytes = DATA) -> ModelEntry:
    file = ModelFile(name="model.bin", size=len(data), sha256=hashlib.sha256(data).hexdigest())
    return ModelEntry(
        id="big",
        kind="transcriber",
        engine="whisper",
        title="t",
        languages=("en",),
        licence="MIT",
        hub="someone/big",
        revision=REVISION,
        files=(file,),
    )


def test_it_fetches_the_pinned_revision_and_reports_progress(hub: Hub, tmp_path: Path) -> None:
    seen: list[int] = []
    folder = fetch(entry(), tmp_path, lambda name, done, total: seen.append(done), hub=hub.url)
    assert (folder / "model.bin").read_bytes() == DATA
    assert hub.asked == [(f"/someone/big/resolve/{REVISION}/model.bin", None)]
    assert seen == sorted(seen)
    assert seen[-1] == len(DATA)
    fetch(entry(), tmp_path, hub=hub.url)
    assert len(hub.asked) == 1, "what is there and right is not fetched again"


def test_it_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.break_after = 2_000_000
    with pytest.raises(ModelError, match="goes on where it stopped"):
        fetch(entry(), tmp_path, hub=hub.url)
    had = (tmp_path / "big" / "model.bin.part").stat().st_size
    assert 0 < had <= 2_000_000
    hub.break_after = None
    folder = fetch(entry(), tmp_path, hub=hub.url)
    assert hub.asked[-1][1] == f"bytes={had}-"
    assert (folder / "model.bin").read_bytes() == DATA


def test_a_hub_that_cannot_resume_starts_again(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "model.bin.part").write_bytes(b"something old")
    hub.resumes = False
    assert (fetch(entry(), tmp_path, hub=hub.url) / "model.bin").read_bytes() == DATA


def test_wrong_bytes_are_refused_with_both_hashes_and_deleted(hub: Hub, tmp_path: Path) -> None:
    hub.data = DATA[:-1] + b"!"
    with pytest.raises(ModelError) as problem:
        fetch(entry(), tmp_path, hub=hub.url)
    assert hashlib.sha256(DATA).hexdigest() in str(problem.value)
    assert hashlib.sha256(hub.data).hexdigest() in str(problem.value)
    assert list((tmp_path / "big").iterdir()) == []


def test_a_refusal_and_a_dead_hub_are_clear(hub: Hub, tmp_path: Path) -> None:
    hub.status = 404
    with pytest.raises(ModelError, match="answered 404"):
        fetch(entry(), tmp_path, hub=hub.url)
    with pytest.raises(ModelError, match="Check the network"):
        fetch(entry(), tmp_path, hub="http://127.0.0.1:1")
