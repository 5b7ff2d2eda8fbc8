"""`python -m bot COMMAND`: what an operator does at a terminal. `--help` has all of it."""

import argparse
import gc
import os
import signal
import sys

ABOUT = "Canales runs X channels from a Telegram chat. All settings come from the environment or .env (.env.example)."
AFTER = """`python -m bot COMMAND --help` says what a command takes. Each ends with 0 where all went well, 1 where
it did not, 2 where it was asked for wrongly. Examples:
  python -m bot check
  python -m bot status --json
  python -m bot backup canales-2026-11-26.backup
  DATA_DIR=elsewhere python -m bot restore canales-2026-11-26.backup
  X_ACCESS_TOKEN=123-abc X_ACCESS_SECRET=def python -m bot connect --owner 123456789
"""
#: About a database that is there: they make none, and wait for no release.
ASKED_OF = ("alarm", "backup", "channels", "chat-keys", "rotate")
AT_A_TERMINAL = ("check", "status", "restore", "connect", *ASKED_OF)
UNDER_HONCHO = "HONCHO_PROCESS_NAME"


def main() -> int:
    """The exit status. What is ended by SIGTERM or Ctrl-C puts its things away, and shows no stack trace."""
    options = _parser().parse_args()
    if options.command not in AT_A_TERMINAL:
        return _do(options)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        return _do(options)
    except KeyboardInterrupt:
        print("Ended before it was done.", file=sys.stderr)
        return 128 + signal.SIGINT


def _do(options: argparse.Namespace) -> int:
    if options.command == "run":
        from bot import service

        return service.run()
    if options.command == "check":
        from bot import checking

        return checking.check(before_release=options.before_release)
    if options.command == "status":
        from bot.oversight import telling
        from models.settings import read
        from tasks import logs

        found, _ = read()
        logs.setup(found.log_level, found.log_format)
        return telling.status(in_json=options.json)
    if options.command == "restore":
        from bot import backing_up
        from tasks import logs

        logs.setup()
        return backing_up.restore(options.file, new_key=options.new_key)
    if options.command == "alarm":
        gc.disable()  # it tells and ends: of the seconds in which it begins a fifth would be looking for garbage
    from tasks.start import refused, start

    if options.command in ASKED_OF:
        from models.checking import reachable
        from models.settings import read

        found, bad = read()  # what is bad is said by the start
        if problems := [] if bad else reachable(found):
            raise refused(problems)
    settings = start(tenths=3, migrated=options.command != "migrate")
    if options.command == "migrate":
        from models.database import migrate

        done = migrate(settings)
        print(f"database: {', '.join(done) or 'up to date'}", flush=True)
        return _wait_under_honcho()
    if options.command == "backup":
        from bot import backing_up

        return backing_up.back_up(settings, options.file, with_key=options.with_key)
    if options.command == "alarm":
        from bot.oversight import standing_in

        return standing_in.tell(settings, awaited=options.awaited)
    if options.command == "channels":
        from bot import listing

        return listing.channels(as_json=options.json)
    if options.command == "rotate":
        return _rotate()
    if options.command == "connect":
        from bot.connect import connect_from_environment

        return connect_from_environment(options.owner)
    if options.command == "chat-keys":
        from bot.unlocking import unlock

        return unlock(options.channel, new=options.new)
    from bot import web

    return web.serve(settings)


def _parser() -> argparse.ArgumentParser:
    """Each command with a sentence, which `--help` shows; what else it takes stands in the help of its own."""
    parser = argparse.ArgumentParser(
        prog="python -m bot", description=ABOUT, epilog=AFTER, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    def command(name: str, sentence: str, more: str = "") -> argparse.ArgumentParser:
        about = f"{sentence} {more}".strip()
        made: argparse.ArgumentParser = commands.add_parser(name, help=sentence, description=about)
        return made

    command("run", "Run the whole service, or the sandbox where no credentials are set; Ctrl-C ends it.")
    command("web", "Run one of its processes: the bot, /healthz and X's callback. The others are in the Procfile.")
    command("migrate", "Bring the database to this release's tables. Safe at any time, and twice at once.")
    check = command("check", "Say what is wrong with the settings, the machine, X and Telegram, and start nothing.")
    check.add_argument("--before-release", action="store_true", help=argparse.SUPPRESS)  # for who starts everything
    status = command(
        "status", "Say how the service is: processes, streams, what waits, X's limits, disks, and what is wrong.",
        "It starts nothing. Ends with 0 where all is well, 1 where something is wrong, 3 where something should be"
        " looked at.",
    )  # fmt: skip
    status.add_argument("--json", action="store_true", help="as JSON, for scripts")
    alarm = command(
        "alarm", "Tell those who run the service what waits for them, where the bot does not run.",
        "The other processes do so by themselves while no bot runs.",
    )  # fmt: skip
    alarm.add_argument("--awaited", action="store_true", help=argparse.SUPPRESS)  # for who expects one any moment
    listed = command("channels", "List all channels: whose they are, how they stand, when they spoke last.")
    listed.add_argument("--json", action="store_true", help="as JSON, for scripts")
    connect = command(
        "connect", "Connect an account whose OAuth 1.0a tokens you have.",
        "They are taken from X_ACCESS_TOKEN and X_ACCESS_SECRET in the environment.",
    )  # fmt: skip
    connect.add_argument("--owner", type=int, required=True, metavar="TELEGRAM_ID", help="whose channel it becomes")
    keys = command("chat-keys", "Unlock an account's keys for X Chat, with its PIN, which is typed here.")
    keys.add_argument("channel", metavar="@channel")
    keys.add_argument("--new", action="store_true", help="make new ones in the place of those that can't be unlocked")
    back_up = command(
        "backup", "Write all that the database holds into one file, while everything runs.",
        "From SQLite or PostgreSQL, for either. The key is not in it unless you ask for that.",
    )  # fmt: skip
    back_up.add_argument("file", metavar="FILE", help="a new file, or - for a pipe")
    back_up.add_argument(
        "--with-key", action="store_true",
        help="SECRET_KEY too, locked by a passphrase, which is typed or stands in BACKUP_PASSPHRASE",
    )  # fmt: skip
    restore = command(
        "restore", "Put a backup into an empty database; nothing that was said meanwhile is said again.",
        "End the service that it was made of before you start this one.",
    )  # fmt: skip
    restore.add_argument("file", metavar="FILE", help="the backup, or - for a pipe")
    restore.add_argument("--new-key", action="store_true", help="its key is lost: all owners sign in once more")
    command("rotate", "Seal all stored tokens and keys anew under the first SECRET_KEY.")
    return parser


def _rotate() -> int:
    """Each that can be read; what can't, is said."""
    from models.accounts import chat_keys, signing_in, tokens
    from models.streaming import conversation_keys
    from models.vault import WrongKey
    from tasks.clock import now

    status = 0
    sealed = {
        "tokens": tokens.rotate_keys,
        "sign-ins that wait": lambda: signing_in.rotate_keys(now()),
        "keys for X Chat": chat_keys.rotate,
        "keys of conversations": conversation_keys.rotate,
    }
    for called, rotate in sealed.items():
        try:
            print(f"{called} encrypted anew: {rotate()}")
        except WrongKey as error:
            status = 1
            print(f"{called}: not all could be read. {error}")
    return status


def _wait_under_honcho() -> int:
    """`honcho start` ends all lines of the Procfile when the first one ends, which would be a release that is done."""
    if UNDER_HONCHO in os.environ:
        ends = (signal.SIGTERM, signal.SIGINT)
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        signal.sigwait(ends)
    return 0


if __name__ == "__main__":
    sys.exit(main())
