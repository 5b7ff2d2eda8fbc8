"""`python -m sandbox.playing`: a service and a sandbox that it is pointed at; `make run` without credentials."""

import os
import shutil
import sys

from bot.checking import is_taken, taken_port
from bot.service import Service, procfile
from models.settings import load
from sandbox.people import PHONES
from sandbox.stage import sandbox_environment
from tasks.start import refused

GIVEN = os.environ.get("SANDBOX_PORT", "")
SANDBOX_PORT = int(GIVEN) if GIVEN.isdecimal() and 0 < int(GIVEN) < 65536 else 8000


def play() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status. It starts afresh each time."""
    settings = load()
    taken = []  # by one whose data is in the folder that is emptied below
    if is_taken(SANDBOX_PORT):
        taken.append(
            f"Another process listens on port {SANDBOX_PORT}, perhaps another sandbox. End it, or choose another port. "
            f"Example: SANDBOX_PORT={SANDBOX_PORT % 65535 + 1}"
        )
    if settings.port == SANDBOX_PORT:
        taken.append(f"PORT: {SANDBOX_PORT} is the sandbox's page. Choose another one. Example: PORT=8080")
    elif is_taken(settings.port):
        taken.append(taken_port(settings.port))
    if taken:
        raise refused(taken)
    page = f"http://localhost:{SANDBOX_PORT}"
    data = settings.data_dir / "sandbox"
    shutil.rmtree(data, ignore_errors=True)
    environment = {
        "ADMIN_IDS": str(PHONES[0][0]),  # the first phone is whoever runs the service
        "SIGN_UP": "open",
        **os.environ,
        **sandbox_environment(page),
        "DATA_DIR": str(data),
        "DATABASE_URL": "",
        "PORT": str(settings.port),
        "PUBLIC_URL": f"http://localhost:{settings.port}",
    }
    lines = (
        "Canales plays in the sandbox: no TELEGRAM_TOKEN is set. It starts afresh each time.",
        f"Look here: {page}  (a phone with the bot, beside the sandbox's X)",
        "For a real channel copy .env.example to .env and fill it in. Ctrl-C ends it.",
    )
    sandbox = f"python -m sandbox --port {SANDBOX_PORT}"
    return Service({"sandbox": sandbox, **procfile()}, environment, lines).run()


if __name__ == "__main__":
    sys.exit(play())
