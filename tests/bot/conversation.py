"""A person's chat with the bot, in milliseconds: what they type, tap and send, and what they read.

The bot is the real one (bot/application.py) over a real database; Telegram is the sandbox's, without a wire between them.

    ana = Conversation(db, language="es")
    await ana.types("/triggers add choque")
    ana.reads("1 disparador")
    await ana.taps("Deshacer")

Where a test runs in both languages, what is typed, tapped or read may differ: Spanish first, English second. What is
read and tapped are patterns; `.` is also a line's end. A command in them is the one of this name in whichever language. Whatever Telegram refuses (markup that it can't parse, a text
or a button too long) and whatever breaks in the bot fails the test.
"""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from telegram.error import NetworkError
from telegram.ext import Application, ContextTypes
from telegram.request import BaseRequest, RequestData

from bot.application import application
from bot.chat import spoken
from bot.notifications.delivery import Delivery
from bot.turns import Turns
from models.database import EPOCH
from models.inbox import Inbox
from models.settings import Settings
from sandbox.faults import Faults
from sandbox.phones import Chat, Person, Phones
from sandbox.telegram import TOKEN, Telegram
from sandbox.wire import Wire

ANA, BEN = 7, 8
#: What Telegram says no to in the best of chats.
HARMLESS = (
    "message is not modified",
    "query is too old",
    "message to edit not found",
    "message to delete not found",
    "message can't be edited",
    "no text in the message to edit",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot as it was on the phone: `text` as it is read, `html` as it was sent, buttons by label."""

    id: int
    text: str
    html: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    photo: str = ""
    document: str = ""

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]

    def __str__(self) -> str:
        """A small drawing."""
        lines = [f"┌ {self.id}", *(f"│ {line}" for line in self.text.splitlines())]
        lines += ["│ " + "".join(f"[ {label} ]" for label, _ in row) for row in self.buttons]
        return "\n".join(lines)


class BotDied(BaseException):
    """Nothing goes on from here, as after kill -9."""


class _NoWire(BaseRequest):
    """The way to the sandbox's Telegram in this process. It notes what was shown, and what was refused.

    `held`: what is said to these chats does not come back before they are let go. `lives`: after so many calls the bot
    is dead, before or after Telegram acted on the last of them. `away`: so many calls don't reach Telegram; `lost`: it
    acts on so many, and its answer is lost.
    """

    def __init__(self, telegram: Telegram, phones: Phones) -> None:
        self._telegram, self._phones = telegram, phones
        self.shown: list[tuple[int, int]] = []
        self.refused: list[str] = []
        self.held: dict[int, asyncio.Event] = {}
        self.lives: float = math.inf
        self.dies_after = False
        self.away = self.lost = 0

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more_timeouts: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        if "/file/bot" in url:
            return (200, self._phones.files[name][1]) if name in self._phones.files else (404, b"{}")
        params: dict[str, Any] = dict(request_data.json_parameters) if request_data is not None else {}
        if request_data is not None and request_data.contains_files:
            params |= {k: (v[0], v[1]) for k, v in (request_data.multipart_data or {}).items()}
        if int(params.get("chat_id", 0)) in self.held:
            await self.held[int(params["chat_id"])].wait()
        self.lives -= 1
        if self.lives < -self.dies_after:
            raise BotDied
        if self.away and "chat_id" in params:
            self.away -= 1
            raise NetworkError("away") from httpx.ConnectError("")
        status, body = await self._telegram.answer(TOKEN, name, params)
        if self.dies_after and self.lives < 0:
            raise BotDied
        if status != 200 and not any(h in str(body.get("description")) for h in HARMLESS):
            self.refused.append(f"{name}: {body.get('description')}\n{params.get('text', '')}")
        if "not modified" in str(body.get("description")):
            self.shown.append((int(params["chat_id"]), int(params["message_id"])))  # it stands as wanted
        elif status == 200 and isinstance(body["result"], dict) and "message_id" in body["result"]:
            self.shown.append((int(params["chat_id"]), int(body["result"]["message_id"])))
        if self.lost and "chat_id" in params:
            self.lost -= 1
            raise NetworkError("lost") from httpx.ReadError("")
        return status, json.dumps(body).encode()


class _Service:
    """The bot and its Telegram, for everybody who talks with it."""

    def __init__(self, settings: Settings) -> None:
        self.phones = Phones()
        telegram = Telegram(self.phones, Faults(), Wire())
        telegram.limits.on = False
        self.wire = _NoWire(telegram, self.phones)
        self._settings = settings.model_copy(update={"telegram_token": SecretStr(TOKEN)})
        self._errors: list[Exception] = []
        self.restart()

    def restart(self) -> None:
        """Another bot over the same database and the same Telegram."""
        self.app: Application[Any, Any, Any, Any, Any, Any] = application(self._settings, self.wire)
        self.app.add_error_handler(self._broke)
        self.turns: Turns | None = None

    async def go(self) -> None:
        """Let the bot have what people did, until it has done with it."""
        turns = await self.ready()
        await turns.store(self.phones.take_updates())
        await turns.settle()
        self.check()

    async def ready(self) -> Turns:
        """The bot, once it knows who it is."""
        if self.turns is None:
            await self.app.initialize()
            self.turns = Turns(self.app)
        return self.turns

    async def dies(self, calls: int, *, after: bool) -> bool:
        """Let the bot have what people did, and die at this call to Telegram; False where it made fewer.

        Then there is another one, and the time has gone by after which what the dead one had is taken over.
        """
        await self.ready()
        self.wire.lives, self.wire.dies_after = calls, after
        turns = await self.ready()
        await turns.store(self.phones.take_updates())
        await turns.settle()
        died, self.wire.lives, self.wire.dies_after = self.wire.lives < 0, math.inf, False
        self.restart()
        Inbox.update(claimed_until=EPOCH).where(Inbox.claim != "").execute()
        return died

    def check(self) -> None:
        """Raises what broke in the bot; AssertionError for what Telegram refused."""
        if self._errors:
            raise self._errors.pop(0)
        assert not self.wire.refused, "\n".join(["Telegram refused:", *self.wire.refused])

    async def _broke(self, _update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if context.error is not None:
            self._errors.append(context.error)


class Conversation:
    """One person's chat with the bot. `another` makes one of somebody else with the same bot."""

    def __init__(
        self,
        settings: Settings,
        person: int = ANA,
        language: str = "es",
        name: str = "Ana",
        service: _Service | None = None,
    ) -> None:
        self.person, self.language, self.name = person, language, name
        self._service = service or _Service(settings)
        self._settings = settings
        self._phones = self._service.phones
        self._phones.people[person] = Person(person, name, language)
        self._phones.chats[person] = Chat(person, name, group=False)
        self._from = 0

    def another(self, person: int = BEN, language: str = "en", name: str = "Ben") -> "Conversation":
        return Conversation(self._settings, person, language, name, self._service)

    def t(self, spanish: str, english: str | None = None) -> str:
        """In this person's language."""
        return spanish if english is None or self.language == "es" else english

    @property
    def bot(self) -> Any:
        """The bot as what it sends by itself is sent by."""
        return self._service.app.bot

    # --- what the person does ------------------------------------------------------------------------------

    async def types(self, spanish: str, english: str | None = None, *, answering: "Shown | int | None" = None) -> Shown:
        """Write to the bot, maybe in answer to a message; the newest answer."""
        return await self.does(self.writes(self.t(spanish, english), answering=answering))

    def writes(self, text: str, *, answering: "Shown | int | None" = None, forwarded: str = "", group: int = 0) -> int:
        """What `types` does on the phone, without waiting for the bot; the message's number."""
        number = answering.id if isinstance(answering, Shown) else answering
        return self._phones.say(self.person, text, group or None, reply_to=number, forwarded=forwarded)

    def last_written(self) -> int:
        """The number of the newest message that the person wrote or sent."""
        return max(n for n, m in self._chat.messages.items() if not m["from"]["is_bot"])

    def has(self, number: int, group: int = 0) -> bool:
        """Whether this message is still in the chat, or in a group."""
        return number in (self._phones.chats[group] if group else self._chat).messages

    async def forwards(self, text: str, whose: str = "Vecina") -> Shown:
        """Forward what somebody else wrote."""
        return await self.does(self.writes(text, forwarded=whose))

    async def edits(self, number: int, text: str) -> None:
        """Edit an own message, or its caption. The bot may have nothing to say to it."""
        self._phones.edit(self.person, number, text)
        await self.goes_on()

    async def service_message(self, what: dict[str, Any]) -> None:
        """Telegram tells of this in the person's chat; the bot may have nothing to say to it."""
        self._phones.tells(self.person, what)
        await self.goes_on()

    async def sends(self, name: str, content: bytes | str, caption: str = "", **more: Any) -> Shown:
        """Send a photo, a video or a GIF (by its name), or a document. `more`: as the sandbox's phones take it."""
        return await self.does(self.attaches(name, content, caption, **more))

    def attaches(self, name: str, content: bytes | str, caption: str = "", **more: Any) -> int:
        """What `sends` does on the phone, without waiting for the bot; the message's number."""
        raw = content.encode() if isinstance(content, str) else content
        return self._phones.send_file(self.person, name, raw, caption, **more)

    def keeps_at_telegram(self, name: str, content: bytes) -> str:
        """A file that Telegram has, in no message; its id there."""
        return self._phones.keep_file(name, content)

    async def taps(self, spanish: str, english: str | None = None, *, under: Shown | None = None) -> Shown | None:
        """Tap the button with this label: in the newest message that has one, or in the one named.

        The newest answer; None where there was but a toast.
        """
        self.touches(spanish, english, under=under)
        await self.goes_on()
        return self.answers[-1] if self.answers else None

    def touches(self, spanish: str, english: str | None = None, *, under: Shown | None = None) -> None:
        """What `taps` does on the phone, without waiting for the bot."""
        wanted = self.t(spanish, english)
        for number in [under.id] if under is not None else sorted(self._chat.messages, reverse=True):
            for row in self._buttons(self._chat.messages[number]):
                for label, target in row:
                    if re.search(wanted, label, re.S):
                        self._phones.press(self.person, number, target)
                        return
        raise AssertionError(f"no button /{wanted}/ on the screen:\n{self.screen()}")

    async def taps_twice(self, spanish: str, english: str | None = None) -> None:
        """Tap this button of the newest message twice, before the first tap is answered."""
        wanted = self.t(spanish, english)
        number = max(n for n, m in self._chat.messages.items() if m["from"]["is_bot"])
        rows = self._buttons(self._chat.messages[number])
        target = next(target for row in rows for label, target in row if re.search(wanted, label, re.S))
        self._from = len(self._service.wire.shown)
        for _ in range(2):
            self._phones.press(self.person, number, target)
        await self._service.go()

    async def presses(self, number: int, target: str) -> Shown | None:
        """Press a button of one's own chat by what it carries, for who looks at all of them."""
        self._phones.press(self.person, number, target)
        await self.goes_on()
        return self.answers[-1] if self.answers else None

    async def presses_foreign(self, theirs: "Conversation", shown: Shown, spanish: str, english: str = "") -> None:
        """Press a button under a message of somebody else's chat, as only a forged client can."""
        wanted = self.t(spanish, english or None)
        target = next(target for row in shown.buttons for label, target in row if re.search(wanted, label))
        self._phones.press_unseen(self.person, theirs._chat.messages[shown.id], target)
        await self.goes_on()

    async def is_told(self, spanish: str, english: str | None = None) -> Shown:
        """The bot delivers what waits to be told and redraws what has changed; one of these matches."""
        self._from = len(self._service.wire.shown)
        await Delivery(self.bot).catch_up()
        self._service.check()
        pattern = self._read(spanish, english)
        found = next((a for a in reversed(self.answers) if re.search(pattern, a.text, re.S)), None)
        assert found is not None, "\n".join([f"/{pattern}/ is not among what was told:", *map(str, self.answers)])
        return found

    async def presses_in_group(self, group: int, target: str) -> None:
        """Press a button under the newest message of a group."""
        messages = self._phones.chats[group].messages
        self._phones.press_unseen(self.person, messages[max(messages)], target)
        await self.goes_on()

    async def presses_unseen(self, shown: Shown, target: str) -> None:
        """Press a button that no message has, as a forged or a very old client does."""
        self._phones.press_unseen(self.person, self._chat.messages[shown.id], target)
        await self.goes_on()

    async def dies_over_unseen(self, shown: Shown, target: str) -> None:
        """The same, and the bot dies over its first word; another one goes on."""
        self._phones.press_unseen(self.person, self._chat.messages[shown.id], target)
        await self.the_bot_dies(0, after=False)
        await self.goes_on()

    def in_group(self, group: int) -> str:
        """The newest text in a group."""
        messages = self._phones.chats[group].messages
        return str(messages[max(messages)].get("text", ""))

    def telegram_is_away(self, calls: int) -> None:
        """So many calls do not reach Telegram."""
        self._service.wire.away = calls

    def telegram_loses(self, answers: int) -> None:
        """Telegram acts on so many calls, and its answers are lost."""
        self._service.wire.lost = answers

    async def later(self) -> None:
        """The time goes by for which the bot has put things off."""
        Inbox.update(claimed_until=EPOCH).where(Inbox.claim == "").execute()
        await self.goes_on()

    def telegram_holds(self) -> None:
        """What is said to this person now takes Telegram as long as it likes."""
        self._service.wire.held[self.person] = asyncio.Event()

    def telegram_lets_go(self) -> None:
        self._service.wire.held.pop(self.person).set()

    async def the_bot_dies(self, calls: int, *, after: bool) -> bool:
        """The bot takes up what was done on the phone, and dies at its nth call to Telegram; False where it made fewer."""
        self._from = len(self._service.wire.shown)
        return await self._service.dies(calls, after=after)

    def the_bot_is_restarted(self) -> None:
        """What it had in mind is gone; what is stored, and what stands on the phone, is there."""
        self._service.restart()

    def blocks_the_bot(self) -> None:
        """From now on Telegram takes nothing for this person."""
        self._phones.people[self.person].blocked_bot = True

    @asynccontextmanager
    async def bot_running(self) -> AsyncIterator[Turns]:
        """The bot goes on by itself, beside the test; then it is stopped."""
        turns = await self._service.ready()
        going = asyncio.create_task(turns.run())
        yield turns
        await turns.stop(within_s=5)
        await going
        self._service.restart()

    async def hands_over(self, _number: int) -> None:
        """The bot, which goes on by itself, has what was done on the phone."""
        self._from = len(self._service.wire.shown)
        await (await self._service.ready()).store(self._phones.take_updates())

    async def is_answered(self) -> Shown:
        """The bot has done with what it was handed over; its newest answer."""
        while Inbox.select().where(Inbox.done_at.is_null() & (Inbox.person_id == self.person)).exists():
            await asyncio.sleep(0.005)
        self._service.check()
        return self.answers[-1]

    async def does(self, _number: int) -> Shown:
        """Wait for the bot to have done with what was done on the phone; its newest answer."""
        await self.goes_on()
        assert self.answers, f"the bot said nothing:\n{self.screen()}"
        return self.answers[-1]

    async def goes_on(self) -> None:
        """Let the bot have what was done on the phone."""
        self._from = len(self._service.wire.shown)
        await self._service.go()

    async def breaks(self, error: type[Exception], going: Callable[[], Awaitable[None]] | None = None) -> None:
        """Let the bot have what was done on the phone: something in it breaks."""
        with pytest.raises(error):
            await (going or self.goes_on)()

    # --- what the person sees ------------------------------------------------------------------------------

    @property
    def answers(self) -> list[Shown]:
        """What the bot sent or changed after the last thing that the person did, oldest first."""
        news = [number for chat, number in self._service.wire.shown[self._from :] if chat == self.person]
        return [self._shown(n) for n in dict.fromkeys(reversed(news)) if n in self._chat.messages][::-1]

    @property
    def toast(self) -> str:
        """The word over the chat after the last tap, if any."""
        return self._phones.toasts.get(self.person, "")

    def reads(self, spanish: str, english: str | None = None) -> Shown:
        """The newest answer matches; its message."""
        pattern = self._read(spanish, english)
        assert self.answers, f"no answer to read /{pattern}/ in{self._toasted}:\n{self.screen()}"
        newest = self.answers[-1]
        assert re.search(pattern, newest.text, re.S), f"/{pattern}/ is not what is read{self._toasted}:\n{newest}"
        return newest

    def is_refused(self, spanish: str, english: str | None = None) -> None:
        """A tap got no more than a word over the chat, and it matches."""
        pattern = self._read(spanish, english)
        assert re.search(pattern, self.toast, re.S), f"/{pattern}/ is not the toast «{self.toast}»:\n{self.screen()}"
        assert not self.answers, f"it was not refused:\n{self.answers[-1]}"

    def sees(self, spanish: str, english: str | None = None) -> str:
        """The newest answer has a button with this label; the label."""
        pattern = self._read(spanish, english)
        assert self.answers, f"no answer with a button /{pattern}/{self._toasted}:\n{self.screen()}"
        found = next((la for la in self.answers[-1].labels if re.search(pattern, la, re.S)), None)
        assert found is not None, f"no button /{pattern}/:\n{self.answers[-1]}"
        return found

    def finds(self, spanish: str, english: str | None = None) -> Shown:
        """The newest message of the bot in the whole chat that matches."""
        pattern = self._read(spanish, english)
        for number in sorted(self._chat.messages, reverse=True):
            shown = self._shown(number)
            if self._chat.messages[number]["from"]["is_bot"] and re.search(pattern, shown.text, re.S):
                return shown
        raise AssertionError(f"/{pattern}/ is nowhere on the screen:\n{self.screen()}")

    def everything(self) -> list[Shown]:
        """All messages of the bot, oldest first."""
        return [self._shown(n) for n, m in sorted(self._chat.messages.items()) if m["from"]["is_bot"]]

    def file(self, shown: Shown) -> bytes:
        """The content of the photo or the document of a message."""
        return self._phones.files[shown.photo or shown.document][1]

    def screen(self, last: int = 4) -> str:
        """The end of the chat as a drawing."""
        numbers = sorted(self._chat.messages)[-last:]
        lines = [
            str(self._shown(n)) if (m := self._chat.messages[n])["from"]["is_bot"] else f"» {m.get('text', '(a file)')}"
            for n in numbers
        ]
        return "\n".join([*lines, f"({self.toast})"] if self.toast else lines)

    # -------------------------------------------------------------------------------------------------------

    def _read(self, spanish: str, english: str | None) -> str:
        """What is read, in this person's language: a command stands there by its name in it."""
        return spoken.in_words(self.language, self.t(spanish, english))

    @property
    def _chat(self) -> Chat:
        return self._phones.chats[self.person]

    @property
    def _toasted(self) -> str:
        return f" (toast: {self.toast})" if self.toast else ""

    def _shown(self, number: int) -> Shown:
        message = self._chat.messages[number]
        return Shown(
            number,
            str(message.get("text") or message.get("caption") or ""),
            self._chat.shown.get(number, ""),
            self._buttons(message),
            photo=message["photo"][-1]["file_id"] if "photo" in message else "",
            document=message["document"]["file_id"] if "document" in message else "",
        )

    @staticmethod
    def _buttons(message: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], ...]:
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        return tuple(tuple((b["text"], b.get("callback_data", b.get("url", ""))) for b in row) for row in rows)
