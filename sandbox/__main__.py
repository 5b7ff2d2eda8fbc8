"""`python -m sandbox [--port 8000] [--world]`: X and Telegram on your own machine, with a page to play on."""

import argparse
import asyncio
import contextlib
import signal

from aiohttp import web

from sandbox.app import Sandbox
from sandbox.profile import SEED, Profile


async def serve(host: str, port: int, ready_file: str | None, profile: Profile) -> None:
    """Serve until SIGTERM or SIGINT."""
    runner = web.AppRunner(Sandbox(profile).application(), access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, host, port, shutdown_timeout=2.0)
    await site.start()
    bound = runner.addresses[0][1]
    if ready_file:
        with open(ready_file, "w") as file:  # noqa: ASYNC230
            file.write(str(bound))
    print(f"sandbox: http://{host}:{bound}", flush=True)
    ended = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, ended.set)
    await ended.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--ready-file", help="where to write the port once it listens")
    parser.add_argument("--world", action="store_true", help="as slow and unkind as X and Telegram are")
    parser.add_argument("--seed", type=int, default=SEED, help="of the world's dice")
    options = parser.parse_args()
    profile = Profile()
    profile.switch(world=options.world, seed=options.seed)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.host, options.port, options.ready_file, profile))


if __name__ == "__main__":
    main()
