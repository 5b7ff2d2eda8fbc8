"""Ports of this machine for servers that begin later than they are named."""

import random
import socket

#: Below those that Linux lends to whoever connects to something (ip_local_port_range, from 32768): a port of theirs
#: that was free a moment ago may be any connection's by the time a server comes to listen there.
OURS = range(20_000, 32_768)
_kept: list[socket.socket] = []


def free_port() -> int:
    """One where nobody listens, and that is named to nobody else as long as this process lives. Raises OSError."""
    for port in random.sample(OURS, len(OURS)):
        kept = socket.socket(socket.AF_UNIX)
        try:
            kept.bind(f"\0port {port}")  # a name without a file: one process has it, and it goes with that
        except OSError:
            kept.close()
            continue
        _kept.append(kept)
        if _nobody_listens(port):
            return port
    raise OSError("no port is free")


def _nobody_listens(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True
