"""`python -m sandbox [--port 8000]`: X and Telegram on your own machine, with a page to play on."""

import argparse
import asyncio
import contextlib
import signal

from aiohttp import web

from sandbox.app import Sandbox


async def serve(host: str, port: int, ready_file: str | None) -> None:
    """Serve until SIGTERM or SIGINT."""
    runner = web.AppRunner(Sandbox().application(), access_log=None, handler_cancellation=True)
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
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.host, options.port, options.ready_file))


if __name__ == "__main__":
    main()
