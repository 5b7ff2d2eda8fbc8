"""`python -m bot run | web | migrate | check | connect | chat-keys | rotate`: the service's commands."""

import argparse
import os
import signal
import sys

UNDER_HONCHO = "HONCHO_PROCESS_NAME"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole service; in the sandbox where no credentials are set")
    commands.add_parser("web", help="the bot: commands, notices, /healthz and X's callback")
    commands.add_parser("migrate", help="bring the database to today's tables")
    check = commands.add_parser(
        "check", help="whether everything is there that the service needs, and nothing refuses it"
    )
    check.add_argument("--before-release", action="store_true", help=argparse.SUPPRESS)  # for who starts everything
    connect = commands.add_parser("connect", help="connect an account from X_ACCESS_TOKEN and X_ACCESS_SECRET")
    connect.add_argument("--owner", type=int, required=True, metavar="TELEGRAM_ID")
    keys = commands.add_parser("chat-keys", help="unlock an account's keys for X Chat, with its PIN typed here")
    keys.add_argument("channel", metavar="@channel")
    keys.add_argument("--new", action="store_true", help="make new ones in the place of those that can't be unlocked")
    commands.add_parser("rotate", help="encrypt all stored tokens and keys anew under the first SECRET_KEY")
    options = parser.parse_args()
    if options.command == "run":
        from bot import service

        return service.run()
    if options.command == "check":
        from bot import checking

        return checking.check(before_release=options.before_release)
    from tasks.start import start

    settings = start(tenths=3, migrated=options.command != "migrate")
    if options.command == "migrate":
        from models.database import migrate

        done = migrate(settings)
        print(f"database: {', '.join(done) or 'up to date'}", flush=True)
        return _wait_under_honcho()
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


def _rotate() -> int:
    """Each that can be read; what can't, is said."""
    from models.accounts import chat_keys, tokens
    from models.streaming import conversation_keys
    from models.vault import WrongKey

    status = 0
    sealed = {
        "tokens": tokens.rotate_keys,
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
