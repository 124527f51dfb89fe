"""Twenty callers in conversation with the whole product on this machine.

    python -m bench.calls.whole [--calls 20] [--seconds 90]

Starts the demo back end and ``voicebot serve`` on free loopback ports and runs :mod:`bench.calls.load` against it; the
phones, the capture and the product share the processors.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.product import running


def main() -> None:
    """Run and hand on the exit code."""
    parser = argparse.ArgumentParser(description="Callers against the whole product.")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=90.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as product:
        command = [
            sys.executable,
            "-m",
            "bench.calls.load",
            "--target",
            product.sip,
            "--did",
            "shop-en",
            "--did",
            "shop-ja",
        ]
        command += [
            "--name",
            f"product-{given.calls}",
            "--calls",
            str(given.calls),
            "--seconds",
            str(given.seconds),
            "--pid",
            str(product.pid),
        ]
        code = subprocess.run(command, check=False).returncode
    sys.exit(code)


if __name__ == "__main__":
    main()
