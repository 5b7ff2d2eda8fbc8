"""Each rule and each way of writing, by chat only, on the real processes, in Spanish and in English."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from sandbox.stage import ANA, BEN, PATIENCE_S, Stage

_number = count(1)


@dataclass(frozen=True)
class Owner:
    """Who steers a channel, in their language."""

    stage: Stage
    person: int
    other: int
    channel: str
    spanish: bool

    def t(self, spanish: str, english: str) -> str:
        return spanish if self.spanish else english

    def tell(self, text: str, spanish: str, english: str) -> dict[str, Any]:
        return self.stage.tell(text, self.t(spanish, english), self.person)

    def press(self, message: dict[str, Any], spanish: str, english: str) -> int:
        """Tap; the number of the last message before."""
        before = self.stage.last_id(self.person)
        self.stage.press(message, self.t(spanish, english), self.person)
        return before

    def says(self, spanish: str, english: str, after: int = 0, within: float = PATIENCE_S) -> dict[str, Any]:
        return self.stage.bot_says(self.t(spanish, english), self.person, after=after, within=within)

    def newcomer(self) -> str:
        return f"vecino_{next(_number)}"

    def mention(self, text: str, handle: str = "", **more: Any) -> int:
        return self.stage.mention(handle or self.newcomer(), f"{text} @{self.channel}", **more)

    def dm(self, text: str, handle: str = "", **more: Any) -> int:
        return self.stage.dm(handle or self.newcomer(), self.channel, text, **more)

    def reposted(self, post: int) -> None:
        """The channel reposted this."""
        user = self.stage.x()["users"][self.channel]
        self.stage.wait("it is reposted", lambda: self.stage.accepted("repost").get(f"{user}:{post}") == 1)

    def said(self, text: str) -> None:
        """The channel says something with this in it."""
        mine = self.channel
        self.stage.wait(f"it says {text}", lambda: any(text in p["text"] for p in self.stage.timeline(mine)))

    def posted(self, text: str, within: float = PATIENCE_S) -> dict[str, Any]:
        """The channel says exactly this."""
        found: dict[str, Any] = self.stage.wait(
            f"it says: {text}",
            lambda: next((p for p in self.stage.timeline(self.channel) if p["text"] == text), None),
            within,
        )
        return found

    def journal(self, text: str, spanish: str, english: str) -> str:
        """The journal's line about a text, once it says why."""
        why = self.t(spanish, english)

        def look() -> str | None:
            told = self.stage.tell("/log", self.t("Bitácora", "Journal"), self.person)["text"]
            return next((line for line in told.splitlines() if text in line and re.search(why, line)), None)

        return self.stage.wait(f"the journal says {why} of {text}", look)

    def tick(self, spanish: str, english: str, mark: str = "✅") -> None:
        """Tap a switch of the filters' panel, and see it stand as wanted."""
        self.flip(self.says("Lo que nunca se publica", "What is never posted"), spanish, english, mark)

    def flip(self, panel: dict[str, Any], spanish: str, english: str, mark: str) -> None:
        """Tap a switch, and see it stand as wanted in its panel: its label begins with the mark."""
        label = self.t(spanish, english)
        self.press(panel, spanish, english)

        def stands() -> bool:
            now = next(m for m in self.stage.chat(self.person) if m["message_id"] == panel["message_id"])
            labels = [b["text"] for row in now["reply_markup"]["inline_keyboard"] for b in row]
            return any(label in found and found.startswith(mark) for found in labels)

        self.stage.wait(f"{mark} {label}", stands)

    def never_said(self, text: str) -> None:
        posts = self.stage.x()["posts"]
        assert not [p for p in posts if p["handle"] == self.channel and text in p["text"] and not p["deleted"]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("desk") / "stage") as stage:
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        stage.start("web", "streams", "worker", "voices", "journal")
        stage.connect("TraficoValle", ANA)
        stage.connect("LluviaYa", BEN)
        for person, added in ((ANA, "1 disparador"), (BEN, "1 trigger")):
            stage.tell("/triggers add choqu*", added, person)
            stage.tell("/gap 0", "Sin pausa|No pause", person)
        stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 4)
        yield stage


@pytest.fixture
def owner(request: pytest.FixtureRequest, desk: Stage) -> Owner:
    return who_plays(request.node.name, desk)


def who_plays(test: str, desk: Stage) -> Owner:
    """Ana or Ben, by the test's name: each sentence is read in both languages by the quick tests of the chat."""
    if sum(map(ord, test)) % 2:
        return Owner(desk, ANA, BEN, "TraficoValle", True)
    return Owner(desk, BEN, ANA, "LluviaYa", False)


# --- 1. senders ------------------------------------------------------------------------------------------------


def test_a_blocked_sender_is_not_posted_until_unblocked(owner: Owner) -> None:
    who = owner.newcomer()
    owner.tell(
        f"/block @{who} 7 {owner.t('días', 'days')} spam", "bloqueado en .* por 7 días", "blocked on .* for 7 days"
    )
    owner.mention("choque inventado en la luna", who)
    owner.journal("inventado en la luna", "su remitente está bloqueado", "its sender is blocked")
    listed = owner.tell("/block", "Bloqueados por", "Blocked by")
    owner.press(listed, who, who)
    card = owner.says("Bloqueado; quedan .*Por qué: spam", "Blocked for another .*Why: spam")
    owner.press(card, "Desbloquear", "Unblock")
    gone = owner.says("ya no está bloqueado", "no longer blocked")
    owner.press(gone, "Deshacer", "Undo")
    owner.says("Bloqueados por .*: 1", "Blocked by .*: 1")
    owner.tell(f"/unblock @{who}", "ya no está bloqueado ni", "neither blocked nor trusted any more")
    owner.reposted(owner.mention("choque verdadero en el puente viejo", who))


def test_a_trusted_sender_needs_no_trigger_but_the_filters_hold(owner: Owner) -> None:
    who = owner.newcomer()
    owner.tell(f"/trust @{who}", "es de confianza en", "is trusted on")
    owner.reposted(owner.mention("se inunda la calle Real", who))
    owner.tell("/filters add palabrota", "1 filtro", "1 filter")
    owner.mention("se inunda la palabrota de plaza", who)
    owner.journal("palabrota de plaza", "filtro: palabrota", "filter: palabrota")
    owner.tell("/filters remove palabrota", "Quitado", "Removed")


def test_a_burst_blocks_its_sender_for_a_day_and_the_owner_can_unblock(owner: Owner) -> None:
    who = owner.newcomer()
    streets = ("Sucre", "Páez", "Bolívar", "Miranda", "Zamora")
    for street in streets:
        owner.reposted(owner.mention(f"choque en la avenida {street}", who))
    owner.mention("choque en la avenida Urdaneta", who)
    told = owner.says(
        f"bloqueó a @{who} por 1 día: 6 mensajes en 10 minutos", f"blocked @{who} for 1 day: 6 messages in 10"
    )
    owner.mention("choque en la avenida Baralt", who)
    owner.journal("Baralt", "su remitente está bloqueado", "its sender is blocked")
    owner.press(told, "Desbloquear", "Unblock")
    owner.says(f"@{who} ya no está bloqueado", f"@{who} is no longer blocked")
    owner.reposted(owner.mention("choque en la avenida Lecuna", who))
    owner.tell("/burst 2 60", "más de 2 mensajes en 60", "more than 2 messages in 60")
    owner.tell("/burst 5 10", "más de 5 mensajes en 10", "more than 5 messages in 10")
    owner.tell("/burst muchos", "Por ejemplo: /burst 5 10", "For example: /burst 5 10")


def test_followers_only_asks_x_once_and_remembers(owner: Owner) -> None:
    friend, stranger = owner.newcomer(), owner.newcomer()
    owner.stage.do("/sandbox/x/act", act="follow", handle=friend, channel=owner.channel)
    owner.flip(owner.tell("/senders", "Remitentes", "Senders"), "Solo seguidores", "Followers only", "✅")
    asked = _asked(owner)
    owner.reposted(owner.mention("choque contado por quien sigue", friend))
    owner.mention("choque contado por quien no", stranger)
    owner.journal("por quien no", "no sigue al canal", "does not follow the channel")
    owner.mention("nada que ver con el asunto", owner.newcomer())
    owner.journal("nada que ver", "ningún disparador", "no trigger in it")
    owner.reposted(owner.mention("choque nuevo en la bajada de Tazón", friend))
    assert _asked(owner) - asked == 2, "each of the two once; nobody whom another rule stops"
    owner.flip(owner.tell("/senders", "Remitentes", "Senders"), "Solo seguidores", "Followers only", "❌")


def _asked(owner: Owner) -> int:
    calls = [e for e in owner.stage.get("/sandbox/wire")["exchanges"] if e["route"] == "/2/users"]
    return sum(len(e["query"]["ids"].split(",")) for e in calls)


def test_replies_are_heard_once_they_are_wanted_and_their_writers_named(owner: Owner) -> None:
    who, before = owner.newcomer(), owner.stage.x()["subscriptions"]
    own = owner.stage.mention(owner.channel, "¿Qué tal el camino?")
    owner.stage.mention(who, "choque de cuando nadie las quería", answers=own)
    owner.tell("/replies on", "Se oyen", "They are heard")
    owner.stage.wait("X brings them", lambda: owner.stage.x()["subscriptions"] == before + 1)
    owner.reposted(owner.stage.mention(who, "choque contado en respuesta", answers=own))
    owner.tell("/form copy", "Las menciones se vuelven", "Mentions become")
    owner.stage.mention(who, "camión volcado tras el choque de la autopista", answers=own)
    owner.posted(owner.t("vía", "via") + f" {who}: camión volcado tras el choque de la autopista")
    assert "nadie las quería" not in owner.tell("/log", "Bitácora", "Journal")["text"]
    owner.tell("/form repost", "se repostean", "are reposted natively")
    owner.tell("/replies off", "No se oyen", "They are not heard")


# --- 2. triggers -----------------------------------------------------------------------------------------------


def test_triggers_may_be_for_one_kind_and_none_may_be_required(owner: Owner) -> None:
    owner.tell("/triggers add granizo " + owner.t("para dms", "for dms"), "Añadido: granizo", "Added: granizo")
    owner.mention("granizo del tamaño de un huevo")
    owner.journal("tamaño de un huevo", "ningún disparador", "no trigger in it")
    owner.dm("cae granizo sobre el mercado")
    owner.posted("cae granizo sobre el mercado")
    rules = owner.tell("/rules", "Reglas de", "Rules of")
    owner.press(rules, "Disparadores", "Triggers")
    owner.press(
        owner.says("Solo se publica lo que tiene", "Only what has a trigger"),
        "Exigir un disparador",
        "trigger is required",
    )
    panel = owner.says("No hace falta disparador", "No trigger is required")
    owner.reposted(owner.mention("una cigüeña anida en el campanario"))
    owner.press(panel, "Exigir un disparador", "trigger is required")
    owner.says("Solo se publica lo que tiene", "Only what has a trigger")
    owner.tell("/triggers remove granizo", "Quitado", "Removed")


def test_a_stem_matches_whatever_follows(owner: Owner) -> None:
    owner.reposted(owner.mention("CHOQUETÓN de cinco carros en la subida"))


# --- 3. filters ------------------------------------------------------------------------------------------------


def test_a_filter_may_block_its_sender_too(owner: Owner) -> None:
    who = owner.newcomer()
    owner.tell("/filters add estafa " + owner.t("por 7 días", "for 7 days"), "Añadido: estafa", "Added: estafa")
    owner.mention("choque y estafa con el seguro", who)
    told = owner.says(f"bloqueó a @{who} por 7 días: filtro: estafa", f"blocked @{who} for 7 days: filter: estafa")
    owner.mention("choque sin nada malo cerca del faro", who)
    owner.journal("cerca del faro", "su remitente está bloqueado", "its sender is blocked")
    owner.press(told, "Desbloquear", "Unblock")
    listed = owner.tell("/filters", "1 palabra", "1 word")
    owner.press(listed, "estafa", "estafa")
    card = owner.says("a su remitente: 7 días", "its sender: 7 days")
    owner.press(card, "Para siempre", "For good")
    owner.says("remitente: Para siempre", "sender: For good")
    owner.tell("/filters remove estafa", "Quitado", "Removed")


def test_links_media_and_the_sensitive_are_filtered_as_such(owner: Owner) -> None:
    owner.press(owner.tell("/rules", "Reglas de", "Rules of"), "Filtros", "Filters")
    for label in (("Sin enlaces", "No links"), ("Sin fotos", "No photos"), ("delicado", "sensitive")):
        owner.tick(*label)
    owner.mention("choque con mapa https://ejemplo.com/mapa")
    owner.journal("choque con mapa", "lleva un enlace", "it holds a link")
    owner.mention("choque con retrato", media=True)
    owner.journal("choque con retrato", "una foto o un video", "a photo or a video")
    owner.dm("choque con postal", media=True)
    owner.mention("choque con escena dura", sensitive=True)
    owner.journal("escena dura", "X lo marca como delicado", "X marks it as sensitive")
    owner.never_said("choque con postal")
    for label in (("Sin enlaces", "No links"), ("Sin fotos", "No photos"), ("delicado", "sensitive")):
        owner.tick(*label, "❌")
    owner.reposted(owner.mention("choque con otro mapa https://ejemplo.com/otro", media=True))


# --- 4. repeats ------------------------------------------------------------------------------------------------


def test_the_same_text_and_nearly_the_same_are_posted_once(owner: Owner) -> None:
    owner.reposted(owner.mention("Choque múltiple frente al liceo Andrés Bello, dos heridos"))
    owner.mention("CHOQUE MULTIPLE frente al liceo andres bello dos heridos https://t.co/x @otro")
    owner.journal("MULTIPLE frente", "ya se dijo", "it was said already")
    owner.mention("Hola, dos heridos, choque múltiple frente al liceo Andres Belo")
    owner.journal("Andres Belo", r"casi igual.*\d\d %", r"nearly the same.*\d\d %")
    owner.reposted(owner.mention("Choque múltiple frente al liceo Andrés Bello, tres muertos"))
    owner.tell("/repeats 100", "casi igual: 100 %", "nearly the same: 100 %")
    owner.reposted(owner.mention("Ojo, choque múltiple frente al liceo Andrés Bello, dos heridos"))
    owner.tell("/repeats 80", "80 %", "80 %")
    owner.tell("/repeats 12", "Por ejemplo: /repetidos 85", "For example: /repeats 85")


# --- 5. hours --------------------------------------------------------------------------------------------------


def test_outside_the_hours_it_waits_or_is_discarded_and_no_hours_says_so(owner: Owner) -> None:
    owner.tell("/zone Auckland", "Zona horaria: Pacific/Auckland", "Time zone: Pacific/Auckland")
    closed = _closed_now("Pacific/Auckland")
    owner.tell(f"/hours mentions {closed}", "DM: como las menciones", "DMs: as mentions")
    owner.tell("/hours dms never", "Sin horario para DM", "No hours for DMs")
    owner.tell("/channel", "Sin horario para DM", "No hours for DMs")
    owner.dm("choque por mensaje directo y sin horario")
    owner.journal("(DM)", "no hay horario para esa clase", "there are no hours for this kind")
    waits = owner.mention("choque que espera el horario en la isla")
    listed = owner.tell("/message", "Mensajes de", "Messages of")
    listed = owner.stage.wait(
        "it is approved",
        lambda: next(
            (m for m in [owner.tell("/message", "Mensajes", "Messages")] if "✅ choque que espera" in str(m)), None
        ),
    )
    owner.press(listed, "que espera el horario", "que espera el horario")
    owner.says("⏳ Sale: ", "⏳ Goes out at ")
    owner.flip(owner.tell("/hours", "Horario de", "Hours of"), "Fuera: descartar", "Outside: discard", "●")
    owner.mention("choque que no espera en la isla")
    owner.journal("no espera en la isla", "fuera del horario, que vuelve", "outside the hours, which begin again")
    owner.tell("/hours wait", "Horario de", "Hours of")
    panel = owner.tell("/hours 24h", "Menciones: a cualquier hora", "Mentions: at any hour")
    owner.reposted(waits)
    owner.press(panel, "📅 Menciones", "📅 Mentions")
    week = owner.says("Toca una parte del día", "Tap a part of a day")
    owner.press(week, "^lun$", "^mon$")
    owner.says("mar-dom 0:00-24:00", "tue-sun 0:00-24:00")
    owner.tell("/hours mañana tal vez", "Por ejemplo|por ejemplo: /hours", "for example: /hours")
    owner.tell("/hours off", "Está apagado", "They are off")
    owner.tell("/zone Nunca Jamás", "No conozco la zona horaria", "I know no time zone")


def _closed_now(zone: str) -> str:
    """Hours of two days that are neither today, yesterday nor tomorrow there."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = datetime.now(ZoneInfo(zone)).weekday()
    return f"{names[(today + 3) % 7]} 6-22, {names[(today + 4) % 7]} 8-14"


# --- 6. review -------------------------------------------------------------------------------------------------


def test_held_messages_are_decided_with_one_tap(owner: Owner) -> None:
    owner.press(owner.tell("/review", "Revisión de", "Review of"), "Dudas", "Unsure")
    owner.says("lo que ninguna regla", "what no rule is sure of")
    first, second, third = owner.newcomer(), owner.newcomer(), owner.newcomer()
    post = owner.mention("choque de alguien nuevo en el muelle", first)
    asked = owner.says("publicar este mensaje.*muelle.*primer mensaje", "publish this mention.*muelle.*first message")
    owner.press(asked, "✅ Publicar$", "✅ Publish$")
    owner.reposted(post)
    owner.reposted(owner.mention("choque segundo de quien ya conocen en la dársena", first))
    owner.mention("choque dudoso en la cantera", second)
    asked = owner.says("publicar este.*cantera", "publish this.*cantera")
    owner.press(asked, "Publicar editado", "Publish edited")
    owner.says("Mándame el texto", "Send me the text")
    words = "Choque confirmado en la cantera, eviten la zona"
    draft = owner.tell(words, f"{words} .lo contó {second}.*palabras son del canal",
                       f"{words} .told by {second}.*words are the channel's")  # fmt: skip
    owner.tell("/review", "Revisión de", "Review of")
    owner.never_said("cantera")
    owner.press(draft, "Sus palabras", "Their words")
    draft = owner.says(f"vía {second}: {words}.*son palabras de {second}", f"vía {second}: {words}.*words of {second}")
    owner.press(draft, "✅ Publicar", "✅ Publish")
    owner.says("Publicado con tus palabras", "Published in your words")
    owner.posted(f"vía {second}: {words}")
    owner.mention("choque falso en el estadio", third)
    asked = owner.says("publicar este.*estadio", "publish this.*estadio")
    owner.press(asked, "▫️ Ignorar", "▫️ Ignore")
    no = owner.says("estadio.*dijo que no", "estadio.*said no")
    owner.press(no, "Deshacer", "Undo")
    again = owner.says("publicar este.*estadio", "publish this.*estadio")
    listed = owner.tell("/held", "te espera", "waits for you")
    assert "choque falso en el estadio" in str(listed["reply_markup"])
    owner.press(again, "🚫 Bloquear", "Block sender")
    owner.press(owner.says(f"¿Bloquear a @{third}", f"Block @{third}"), "7 d", "7 d")
    owner.says("estadio.*dijo que no", "estadio.*said no")
    owner.mention("choque otra vez inventado en la refinería", third)
    owner.journal("la refinería", "su remitente está bloqueado", "its sender is blocked")
    owner.never_said("estadio")
    owner.tell("/review all", "todo", "everything")
    owner.mention("choque conocido en la ensenada", first)
    owner.says("publicar este.*ensenada.*todo se revisa", "publish this.*ensenada.*everything is reviewed")
    owner.tell("/review off", "Revisión de .*: nada", "Review of .*: nothing")


def test_of_two_who_press_at_once_one_decides_and_the_other_sees_who(owner: Owner) -> None:
    names = {ANA: "Ana", BEN: "Ben"}
    place = "vivero" if owner.spanish else "astillero"
    _invite(owner)
    owner.tell("/review all", "todo", "everything")
    post = owner.mention(f"choque que dos quieren decidir en el {place}")
    mine = owner.says(f"publicar este.*{place}", f"publish this.*{place}")
    theirs = owner.stage.bot_says(place, owner.other)
    yes = re.compile("✅ Publicar$|✅ Publish$")
    no = re.compile("▫️ Ignorar|▫️ Ignore")
    presses = [
        threading.Thread(target=owner.stage.press, args=(mine, yes.pattern, owner.person)),
        threading.Thread(target=owner.stage.press, args=(theirs, no.pattern, owner.other)),
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    outcome = f"({'|'.join(names.values())})"
    shown = re.compile(f"✅ Lo publicó {outcome}|✅ {outcome} published it|▫️ {outcome} dijo que no|▫️ {outcome} said no")

    def decided(person: int) -> str | None:
        texts = [str(m.get("text")) for m in owner.stage.chat(person) if place in str(m.get("text"))]
        matched = next((found for text in texts if (found := shown.search(text))), None)
        return next(g for g in matched.groups() if g) if matched else None

    first = owner.stage.wait("one sees the outcome", lambda: decided(owner.person))
    assert owner.stage.wait("so does the other", lambda: decided(owner.other)) == first
    if first == names[owner.person]:
        owner.reposted(post)
    else:
        assert post not in [int(k.partition(":")[2]) for k in owner.stage.accepted("repost")]
    owner.tell("/review off", "Revisión", "Review")
    owner.press(owner.tell("/team", "Equipo de", "Team of"), "✕", "✕")
    owner.says("ya no está en el equipo", "no longer in the team")


def _invite(owner: Owner) -> None:
    owner.press(owner.tell("/team", "Equipo de", "Team of"), "Invitar", "Invite")
    owner.press(owner.says("Invitar a alguien", "Invite somebody"), "Hacer el enlace", "Make the link")
    told = owner.says("sirve una vez", "it works once")
    code = re.search(r"/start (team-\S+)", str(told["text"]))
    assert code
    owner.stage.tell(f"/start {code[1]}", "en el equipo de|in the team of", owner.other)
    owner.says("está ahora en el equipo", "is in the team of")
    owner.stage.tell(f"/start {code[1]}", "ya se usó|was used", owner.other)


# --- edited and deleted ------------------------------------------------------------------------------------------


def test_an_edited_post_is_judged_anew_unless_it_was_posted(owner: Owner) -> None:
    who = owner.newcomer()
    owner.tell("/review all", "todo", "everything")
    old = owner.mention("choque en la calle Pez", who)
    owner.says("publicar este.*calle Pez", "publish this.*calle Pez")
    new = owner.mention("choque en la calle Paz", who, edit_of=old)
    owner.says("calle Pez.*su autor lo editó", "calle Pez.*its writer edited it")
    owner.press(owner.says("publicar este.*calle Paz", "publish this.*calle Paz"), "✅ Publicar$", "✅ Publish$")
    owner.reposted(new)
    owner.tell("/review off", "Revisión", "Review")
    owner.mention("choque en la calle Paz, era broma", who, edit_of=new)
    told = owner.says("editado después por su autor.*era broma", "edited by its writer.*era broma")
    owner.press(told, "Por qué", "Why")
    owner.says("No publicado — su autor lo editó", "Not posted — its writer edited it")


def test_a_message_deleted_at_x_before_it_is_posted_is_not_posted(owner: Owner) -> None:
    owner.tell("/form copy", "tuit propio", "post of the channel's own")
    owner.tell("/review all", "todo", "everything")
    post = owner.mention("choque borrado en el acantilado")
    asked = owner.says("publicar este.*acantilado", "publish this.*acantilado")
    owner.stage.do("/sandbox/x/act", act="delete", id=post)
    owner.press(asked, "✅ Publicar$", "✅ Publish$")
    owner.says("no pudo publicar esto: ya no está en X", "could not post this: it is no longer on X")
    owner.never_said("acantilado")
    owner.tell("/review off", "Revisión", "Review")
    owner.tell("/form repost", "tal cual", "natively")


# --- writing -----------------------------------------------------------------------------------------------------


def test_the_post_is_written_as_the_owner_previewed_it(owner: Owner) -> None:
    owner.tell("/replacements add av. => avenida, tranca => congestión", "2 reemplazos", "2 replacements")
    owner.tell("/emphasis add heridos", "enfatiza 1", "emphasises 1")
    owner.tell("/calm on", "✍️", "✍️")
    owner.tell("/credit {text} (vía {name})", r"Crédito de .*\{text\} \(vía \{name\}\)", r"Credit of .*\{text\} \(vía")
    owner.tell("/form copy", "tuit propio", "post of the channel's own")
    shouted = "CHOQUE EN LA AV. SUR Y TRANCA EN LA C2, DOS HERIDOS https://EJEMPLO.com/AV"
    want = "Choque en la avenida sur y congestión en la C2, dos HERIDOS https://EJEMPLO.com/AV"
    seen = owner.tell(f"/preview {shouted}", "Vista previa", "Preview")
    assert want in seen["text"]
    assert "$0.200" in seen["text"]
    assert "de 280" in seen["text"] or "of 280" in seen["text"]
    who = owner.newcomer()
    owner.mention(shouted, who)
    owner.said(want.partition(" https")[0])
    owner.said(f" (vía {who})")
    owner.tell("/credit vía @{handle}: {text}", "X restringe las menciones", "X restricts mentions")
    owner.tell("/credit hola", r"\{text\} debe estar una vez", r"\{text\} must be in it once")
    owner.tell("/credit {nombre}: {text}", r"No conozco \{nombre\}", r"I don't know \{nombre\}")
    owner.tell("/credit " + owner.t("ninguno", "none"), "Crédito de", "Credit of")
    owner.mention("choque sin crédito en el malecón")
    owner.posted("choque sin crédito en el malecón")
    owner.tell("/form repost", "tal cual", "natively")
    owner.tell("/calm off", "✍️", "✍️")
    owner.tell("/replacements remove av., tranca", "Quitado", "Removed")
    owner.tell("/emphasis remove heridos", "Quitado", "Removed")


def test_where_x_refuses_one_form_the_other_is_tried_once_and_said_so(owner: Owner) -> None:
    owner.stage.faults(refuse_repost={"rate": 1, "times": 2})
    who = owner.newcomer()
    owner.mention("choque que X no deja repostear en la bahía", who)
    owner.said("choque que X no deja repostear en la bahía")
    owner.says("X no quiso la otra forma", "X refused the other form.*so I used this one")
    owner.stage.faults(refuse_repost={"rate": 1, "times": 2}, refuse_post={"rate": 1, "times": 1})
    owner.mention("choque que X no deja de ninguna forma en la rada")
    owner.says("no pudo publicar esto: X no lo quiso.*rada", "could not post this: X refused it.*rada")
    owner.stage.faults(refuse_repost=0, refuse_post=0)


# --- trying, searching, files --------------------------------------------------------------------------------------


def test_a_test_says_the_verdict_and_shows_the_post_and_stores_nothing(owner: Owner) -> None:
    owner.tell("/filters add rifa", "1 filtro", "1 filter")
    before = owner.tell("/status", "Estado", "Status")["text"]
    said = owner.tell(
        "/test Hubo un CHOQUE feo", "Se publicaría — disparador: choqu", "It would be posted — trigger: choqu"
    )
    assert "<b>CHOQUE</b>" in said["html"]
    assert "repost" in said["text"]
    assert "/280" in said["text"].replace(owner.t(" de ", " of "), "/")
    said = owner.tell("/test choque y rifa", "No se publicaría — filtro: rifa", "It would not be posted — filter: rifa")
    assert "<s>rifa</s>" in said["html"]
    forwarded = owner.stage.do(
        "/sandbox/telegram/say", person=owner.person, text="un choque <b>reenviado</b>", forwarded="Vecina"
    )["message_id"]
    owner.stage.bot_says(owner.t("diga esto.*reenviado", "say this.*reenviado"), owner.person, after=forwarded)
    owner.stage.do("/sandbox/telegram/say", person=owner.person, text="/test", reply_to=forwarded)
    said = owner.says("reenviado.*Se publicaría", "reenviado.*would be posted", after=forwarded)
    assert "&lt;b&gt;reenviado" in said["html"]
    owner.tell("/test", "Mándame el mensaje", "Send me the message")
    owner.tell("hubo un choque raro", "raro.*Se publicaría", "raro.*It would be posted")
    assert owner.tell("/status", "Estado", "Status")["text"].splitlines()[4:6] == before.splitlines()[4:6]
    owner.tell("/filters remove rifa", "Quitado", "Removed")


def test_a_list_is_searched_edited_and_its_words_put_back_as_they_were(owner: Owner) -> None:
    owner.tell("/filters add " + ", ".join(f"prueba{n:02}" for n in range(12)), "12 filtros", "12 filters")
    owner.tell("/filters " + owner.t("buscar", "search") + " PRUEBA1", "2 palabras con", "2 words with")
    found = owner.says("palabras con", "words with")
    owner.press(found, "prueba11", "prueba11")
    card = owner.says("^prueba11\n", "^prueba11\n")
    owner.press(card, "30", "30")
    card = owner.says("remitente: 30 días", "its sender: 30 days")
    owner.press(card, "Quitar", "Remove")
    gone = owner.says("Quitado: prueba11", "Removed: prueba11")
    owner.press(gone, "Deshacer", "Undo")
    owner.says("Filtros de .*palabras", "Filters of .*words")
    owner.press(owner.tell("/filters search prueba11", "1 palabra con", "1 word with"), "prueba11", "prueba11")
    owner.says("remitente: 30 días", "its sender: 30 days")
    owner.tell("/filters remove " + ", ".join(f"prueba{n:02}" for n in range(12)), "Quitado", "Removed")


def test_lists_go_out_and_come_back_and_bad_files_change_nothing(owner: Owner) -> None:
    owner.tell("/filters add uno, dos " + owner.t("por 7 días", "for 7 days"), "2 filtros", "2 filters")
    owner.stage.says("/export", owner.person)
    first = owner.stage.download(_document(owner))
    bad = "list,text,applies,block,becomes,note\nfilter,tres,,,,\nfilter,cuatro,,mil,,\nnada,cinco,,,,\nfilter,uno,,3,,\nfilter,uno,,4,,\n"
    owner.tell("/import", "Mándame el archivo", "Send me the file")
    owner.stage.send_file("malo.csv", bad, owner.person)
    told = owner.says("No se guardó nada: 3 líneas están mal", "Nothing was stored: 3 lines are wrong")
    assert all(f"{n}: " in told["text"] for n in ("3", "4", "6"))
    owner.stage.send_file(
        "buena.csv", "list,text,applies,block,becomes,note\nfilter,tres,,,,\nfilter,uno,,,,\n", owner.person
    )
    shown = owner.says("1 nuevas, 1 con otras opciones, 0 ya estaban", "1 new, 1 with other options, 0 there already")
    owner.press(shown, "Sustituir: se va 1", "Replace: 1 goes")
    done = owner.says("Hecho: 1 añadidas, 1 cambiadas, 1 quitadas", "Done: 1 added, 1 changed, 1 removed")
    owner.press(done, "Deshacer", "Undo")
    owner.says("Quedó como estaba", "It is as it was")
    before = owner.stage.last_id(owner.person)
    owner.stage.says("/export", owner.person)
    assert owner.stage.download(_document(owner, before)) == first
    owner.tell("/import filters", "para la lista: filtros", "for the filters")
    owner.stage.send_file("palabras.txt", "uno\n\ncuatro\n", owner.person)
    owner.press(owner.says("1 nuevas, 1 con otras", "1 new, 1 with other"), "Cancelar", "Cancel")
    owner.says("Cancelado: no se guardó nada", "Cancelled: nothing was stored")
    owner.tell("/filters remove uno, dos", "Quitado", "Removed")


def _document(owner: Owner, after: int = 0) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        sent = [
            m
            for m in owner.stage.chat(owner.person)
            if "document" in m and m["from"]["is_bot"] and m["message_id"] > after
        ]
        return sent[-1] if sent else None

    return owner.stage.wait("a file", look)


def test_the_rules_of_another_channel_are_copied_and_put_back(desk: Stage) -> None:
    ana = Owner(desk, ANA, BEN, "TraficoValle", True)
    desk.do("/sandbox/x/act", act="grant", handle="CanalNuevo")
    desk.connect("CanalNuevo", ANA)
    ana.tell("/triggers @TraficoValle add metro", "Añadido: metro", "")
    ana.tell("/channel @CanalNuevo", "CanalNuevo", "")
    ana.tell("/triggers add viejo", "Añadido: viejo", "")
    asked = ana.tell("/copy @TraficoValle", "¿Copiar las reglas", "")
    ana.press(asked, "Sí, copiar", "")
    done = ana.says("tiene ahora las reglas", "")
    assert "metro" in str(ana.tell("/triggers", "Disparadores de @CanalNuevo", "")["reply_markup"])
    ana.press(done, "Deshacer", "")
    ana.says("Quedó como estaba", "")
    listed = str(ana.tell("/triggers", "Disparadores de @CanalNuevo", "")["reply_markup"])
    assert "viejo" in listed
    assert "metro" not in listed
    ana.tell("/copy @LluviaYa", "¿De cuál de tus otros canales?", "")
    ana.tell("/channel @TraficoValle", "TraficoValle", "")
    ana.tell("/triggers remove metro", "Quitado", "")


def test_a_direct_messages_text_is_shown_to_the_team_only_and_never_logged(desk: Stage) -> None:
    text = "choque secretísimo en la bóveda"
    ana = Owner(desk, ANA, BEN, "TraficoValle", True)
    ana.tell("/review all", "todo", "")
    ana.dm(text)
    asked = ana.says("publicar este mensaje.*secretísimo", "")
    ana.press(asked, "Ignorar", "")
    ana.says("secretísimo.*dijo que no", "")
    ana.tell("/review off", "Revisión", "")
    number = re.search(r"#(\d+)", ana.journal("(DM)", "dijo que no", ""))
    assert number
    desk.tell(f"/message {number[1]}", "I know no message", BEN)
    ana.tell(f"/message {number[1]}", "secretísimo", "")
    files = [f.read_text() for f in (desk.folder / "data" / "journal").glob("*.log")]
    assert files
    assert not [f for f in files if "secretísimo" in f]
    assert "secretísimo" not in desk.log_text()
    assert "Traceback" not in desk.log_text()


def test_what_a_person_does_not_want_to_be_told_waits_in_silence(owner: Owner) -> None:
    def flip(mark: str) -> None:
        panel = owner.tell("/notices", "Avisos de @", "Notices of @")
        owner.flip(panel, "Mensajes que te esperan", "Messages that wait for you", mark)

    owner.tell("/review all", "todo", "everything")
    flip("❌")
    owner.mention("choque callado en el faro")
    owner.stage.wait(
        "it is held", lambda: "faro" in str(owner.tell("/held", "te espera|decisión", "wait").get("reply_markup"))
    )
    flip("✅")
    owner.mention("choque contado en la torre")
    owner.says("publicar este.*torre", "publish this.*torre")
    asked = [m for m in owner.stage.chat(owner.person) if "callado en el faro" in m.get("text", "")]
    assert not asked, asked
    owner.tell("/review off", "Revisión", "Review")
    owner.press(owner.tell("/channel", owner.channel, owner.channel), "🔔", "🔔")
    owner.says("Avisos de @", "Notices of @")
