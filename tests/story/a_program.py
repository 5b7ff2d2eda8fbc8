"""A program for the Procfile of a test: says what it finds around it, and does not end by itself."""

import json
import os
import signal
import sys
import threading


def main() -> None:
    found = {
        "arguments": sys.argv[1:],
        "greeting": os.environ.get("GREETING"),
        "parent": os.getppid(),
        "leads_its_session": os.getsid(0) == os.getpid(),
        "files": sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1],  # the last one lists them
        "hears_term": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
        "blocks": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "threads": threading.active_count(),
        "shares": "bot.web" in sys.modules,
        "folder": os.getcwd(),
    }
    print(json.dumps(found))
    if "deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "fails" in sys.argv:
        raise ValueError("as it was told")
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
