"""The product in a network of its own that has loopback and nothing else; run by ``tests/e2e/test_offline.py``.

``unshare --net`` (with ``--map-root-user`` for ordinary users) gives this process an empty network namespace.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
from pathlib import Path

from tests.support.product import running

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def loopback_up() -> None:
    """A new namespace has its loopback switched off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = bytearray(struct.pack("16sh14x", b"lo", 0))
        fcntl.ioctl(control, _SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("h", request, 16)
        struct.pack_into("h", request, 16, flags | _IFF_UP)
        fcntl.ioctl(control, _SIOCSIFFLAGS, bytes(request))


def outside_is_reachable() -> bool:
    """Whether any packet could leave: a route to a documentation address (RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return False
        return True


def main() -> None:
    loopback_up()
    if outside_is_reachable():
        raise SystemExit("this network is not closed")
    with running(Path(sys.argv[1])) as product:
        said = []
        for line in ("where is my order", "A20481137", "1111"):
            body = {"sender": "offline", "message": line, "metadata": {"language": "en"}}
            said += [reply["text"] for reply in product.post("/t/shop/webhooks/rest/webhook", body)]
    print("\n".join(said))


if __name__ == "__main__":
    main()
