"""`python -m bot run | web | migrate | connect | rotate`: the service's commands."""

import argparse
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole service; in the sandbox where no credentials are set")
    commands.add_parser("web", help="the bot: commands, notices, /healthz and X's callback")
    commands.add_parser("migrate", help="bring the database to today's tables")
    connect = commands.add_parser("connect", help="connect an account from X_ACCESS_TOKEN and X_ACCESS_SECRET")
    connect.add_argument("--owner", type=int, required=True, metavar="TELEGRAM_ID")
    commands.add_parser("rotate", help="encrypt all stored tokens anew under the first SECRET_KEY")
    options = parser.parse_args()
    if options.command == "run":
        from bot import service

        return service.run()
    from tasks.start import start

    settings = start(tenths=3)
    if options.command == "migrate":
        from models.database import migrate

        done = migrate(settings)
        print(f"database: {', '.join(done) or 'up to date'}")
        return 0
    if options.command == "rotate":
        from models.accounts.tokens import rotate_keys

        print(f"tokens encrypted anew: {rotate_keys()}")
        return 0
    if options.command == "connect":
        from bot.connect import connect_from_environment

        return connect_from_environment(options.owner)
    from bot import web

    return web.serve(settings)


if __name__ == "__main__":
    sys.exit(main())
