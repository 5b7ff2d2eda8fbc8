"""Links to the bot, as t.me has them: whoever opens one says `/start CODE` from the phone that they choose, or, with
`startgroup`, in the group that they choose.
"""

import html

from aiohttp import web

from sandbox.phones import Phones


def routes(phones: Phones) -> list[web.RouteDef]:
    """`GET /telegram/me/BOT?start=CODE` asks whose phone it is; `POST` opens the chat there."""

    async def ask(request: web.Request) -> web.Response:
        code, grouped = request.query.get("start", ""), request.query.get("startgroup", "")
        groups = "".join(
            f'<label><input type="radio" name="group" value="{chat.id}" required>{html.escape(chat.title)}</label> '
            for chat in phones.chats.values()
            if chat.group and not chat.inside.moved_to
        )
        choose = f'<p>Which group?</p>{groups}<input type="hidden" name="startgroup" value="{html.escape(grouped)}">'
        buttons = "".join(
            f'<button name="person" value="{person.id}">{html.escape(person.name)}</button> '
            for person in phones.people.values()
        )
        body = (
            '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>Telegram</title><link rel='icon' href='data:,'>"
            '<body style="font:18px system-ui;display:grid;place-items:center;min-height:90vh"><form method="post">'
            f'<p>Whose phone is it?</p><input type="hidden" name="start" value="{html.escape(code)}">'
            f"{choose if grouped else ''}<p>{buttons}</form>"
        )
        return web.Response(text=body, content_type="text/html")

    async def start(request: web.Request) -> web.Response:
        form = await request.post()
        person = int(str(form["person"]))
        if form.get("startgroup"):
            group = int(str(form["group"]))
            if phones.chats[group].inside.bot != "member":
                phones.change_bot(person, group, "member")
            phones.say(person, f"/start@{request.match_info['bot']} {form['startgroup']!s}", group)
        else:
            phones.say(person, "/start " + str(form["start"]))
        page = "<!doctype html><link rel='icon' href='data:,'><p>The chat is open on that phone."
        return web.Response(text=page, content_type="text/html")

    return [web.get("/telegram/me/{bot}", ask), web.post("/telegram/me/{bot}", start)]
