"""Links to the bot, as t.me has them: whoever opens one says `/start CODE` from the phone that they choose."""

import html

from aiohttp import web

from sandbox.phones import Phones


def routes(phones: Phones) -> list[web.RouteDef]:
    """`GET /telegram/me/BOT?start=CODE` asks whose phone it is; `POST` opens the chat there."""

    async def ask(request: web.Request) -> web.Response:
        code = request.query.get("start", "")
        buttons = "".join(
            f'<button name="person" value="{person.id}">{html.escape(person.name)}</button> '
            for person in phones.people.values()
        )
        body = (
            '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>Telegram</title><link rel='icon' href='data:,'>"
            '<body style="font:18px system-ui;display:grid;place-items:center;min-height:90vh"><form method="post">'
            f'<p>Whose phone is it?</p><input type="hidden" name="start" value="{html.escape(code)}">{buttons}</form>'
        )
        return web.Response(text=body, content_type="text/html")

    async def start(request: web.Request) -> web.Response:
        form = await request.post()
        person = int(str(form["person"]))
        phones.say(person, "/start " + str(form["start"]))
        page = "<!doctype html><link rel='icon' href='data:,'><p>The chat is open on that phone."
        return web.Response(text=page, content_type="text/html")

    return [web.get("/telegram/me/{bot}", ask), web.post("/telegram/me/{bot}", start)]
