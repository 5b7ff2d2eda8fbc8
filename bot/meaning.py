"""What plain words and near misses mean: a call for help, a greeting, a command in other words. Pure.

What somebody says to the bot is not what the channel says on X: it is answered with what they probably want, and only a
tap makes a post of it.
"""

import re
from dataclasses import dataclass

from bot.chat import spoken
from engine.text import fold

MOST_WORDS, MOST_WISHES = 14, 3
SURELY = 0.8


def _listed(phrases: str) -> frozenset[str]:
    return frozenset(phrases.split(", "))


HELP = _listed(
    "ayuda, me ayudas, me puedes ayudar, ayudame, ayudenme, ayuda por favor, necesito ayuda, help, help me, "
    "i need help, menu, el menu, comandos, commands, opciones, options, que puedes hacer, que haces, "
    "que sabes hacer, what can you do, what do you do, como funciona, como funciona esto, como se usa, "
    "como te uso, como empiezo, how does this work, how does it work, how do i start, no entiendo, "
    "no entiendo nada, i don t understand, i dont understand, info, informacion, instrucciones, instructions, "
    "manual, soporte, support, start, inicio, empezar, que hago, what now, y ahora, y ahora que, "
    "quien eres, quien es, que eres, eres un bot, que es esto, para que sirve, para que sirve esto, who are you, "
    "what are you, are you a bot, what is this, what s this, no funciona, esto no funciona, no sirve, no me sirve, "
    "it does not work, it doesn t work, it doesnt work, does not work, doesn t work, this does not work, "
    "this doesn t work, not working, it is not working"
)
GREETINGS = _listed(
    "hola, ola, holi, holaa, hola bot, buenas, muy buenas, buenos dias, buenas tardes, buenas noches, que tal, "
    "hola que tal, saludos, hello, hi, hey, hello bot, hi there, hello there, good morning, good afternoon, "
    "good evening, hola hola, alo, hola buenas, hola buenos dias, hola buenas tardes, hola buenas noches, "
    "estas ahi, are you there"
)
SMALL_TALK = _listed(
    "gracias, muchas gracias, mil gracias, ok gracias, thanks, thank you, thx, ty, ok, okay, oki, vale, listo, "
    "lista, dale, perfecto, bien, muy bien, genial, great, cool, nice, si, sí, no, yes, yep, nope, claro, "
    "de acuerdo, adios, chao, chau, bye, hasta luego, entendido, got it, hecho, done, que, what, como, how, hm, "
    "hmm, eh, jaja, jajaja, haha, lol"
)

_HELLO = r"(?:(?:hola|buenas|oye|oiga|hey|hi|hello|ok|bot|por favor|please|perdon|sorry|disculpa|buenos dias)\W+)*"
_ASKS = (
    r"(?:quiero|quisiera|queria|querria|necesito|deseo|me gustaria|puedo|puedes|podrias|podria|podemos|se puede|como|"
    r"de que manera|donde|ayudame|ayuda|hay (?:forma|manera|modo)|tengo que|debo|por que no|"
    r"i (?:want|need|would like)|i ?d like|can (?:i|you|we)|could you|how|help me|help|where|is there|is it possible|"
    r"let me|tell me|show me|muestrame|dime|enseñame|ensename|why (?:do|does|did|is|are))"
)
_STEMS: tuple[tuple[str, str], ...] = (
    ("unblock", r"desbloque\w*|unblock\w*|unban\w*"),
    ("block", r"bloque\w*|block\w*|bane\w+|ban|silenci\w+|mute"),
    ("schedule", r"programar?|programo|programe\w*|programas?|programam\w+|programado|agend\w+|schedul\w+|planific\w+"),
    ("disconnect", r"desconect\w*|disconnect\w*|desvincul\w*"),
    ("connect", r"conect\w*|connect\w*|vincul\w*|enlaz\w*"),
    ("off", r"apag\w+|desactiv\w+|paus\w+|deten\w+|stop|(?:turn|switch)(?: it| the \w+| my \w+)? off"),
    ("on", r"encend\w+|enciend\w+|prend\w+|activ\w+|resume|(?:turn|switch)(?: it| the \w+| my \w+)? on"),
    ("history", r"borr\w+|elimin\w+|delet\w+|deshac\w+|undo|retir\w+"),
    ("queue", r"cola|encol\w+|queue\w*"),
    ("post", r"public\w+|tuite\w*|twitte\w*|tweet\w*|tuits?|poste\w+|post(?:ing|s)?"),
    ("filters", r"filtr\w+|filter\w*|prohib\w+|groseri\w+|insult\w+|spam"),
    ("triggers", r"disparador\w*|trigger\w*|palabras? clave|keywords?"),
    ("zone", r"zona horaria|time ?zone"),
    ("hours", r"horarios?|horas|hours"),
    ("language", r"idioma|lenguaje|language|(?:en|in) (?:espanol|ingles|spanish|english)"),
    ("replacements", r"reemplaz\w+|sustitu\w+|replace\w*"),
    ("hashtags", r"hashtags?|etiquetas?"),
    ("team", r"equipo|team|moderador\w*|moderators?|invit\w+|editor\w*"),
    ("trust", r"confiar|confio|confies|trust"),
    ("slots", r"turnos?|slots?"),
    ("export", r"export\w*|descarg\w+|download"),
    ("import", r"import(?:ar|o|es|ing)?|subir|upload"),
    ("credit", r"credito\w*|credits?"),
    ("notices", r"avis\w+|notific\w+|notificat\w+|alertas?"),
    ("repeats", r"repetid\w+|repeats?|duplicad\w+|duplicates?"),
    ("review", r"revis\w+|moder(?:ar|o|e|ate)|aprob\w+|approve\w*|review"),
    ("calendar", r"calendari\w+|calendar"),
    ("status", r"estado|status|funcionando|working"),
    ("channel", r"configur\w+|ajust\w+|settings?|panel"),
    ("cancel", r"cancel\w*"),
    ("rules", r"reglas?|rules?"),
    ("test", r"probar|pruebo"),
)
_STEM = re.compile("|".join(rf"(?P<{name}>\b(?:{pattern})\b)" for name, pattern in _STEMS))
_ASKING = re.compile(rf"{_HELLO}{_ASKS}\b")
_TOLD = re.compile(  # said as one says it to somebody who does it
    rf"{_HELLO}(?:(?:des)?bloquea(?:r|me)?\s+(?:al?\s+|@)\w+|(?:(?:un)?block|(?:un)?ban|mute)\s+@?\w+$"
    r"|silencia(?:r)?\s+a\s+@?\w+|program(?:a|ar|ame)\s+(?:un|una|el|este|esta|mi)\s+(?:tuit|tweet|mensaje|post|publicacion)"
    r"|(?:agenda|agendar)\s+(?:un|una|el|este)\s+(?:tuit|tweet|mensaje|post)|schedule\s+(?:a|an|this|my|the)\s+(?:tweet|post|message)"
    r"|(?:conecta|conectar|connect)\s+(?:mi|una|otra|la|my|an|another|a)\b|(?:cambia|cambiar|change)\s+(?:el|la|the)\b"
    r"|(?:turn|switch)\s+(?:(?:off|on)\s+)?(?:the\s+|my\s+)?(?:channel|bot|it)(?:\s+(?:off|on))?$"
    r"|(?:pause|resume|stop|start|disconnect)\s+(?:the\s+|my\s+)(?:channel|bot|account)$"
    r"|(?:apaga|apagar|enciende|encender|pausa|activa|desactiva)\s+(?:el\s+)?(?:canal|bot|@?\w+)$)"
)  # fmt: skip
_PEOPLE = ("block", "unblock", "trust")
_WHOM = re.compile(r"@(\w{1,15})")
_CALLED = re.compile(r"(?:\b(?:a|al)|block|ban|mute|trust)\s+([^\W\d_]\w{2,14})\b", re.IGNORECASE)
_NOBODY = _listed(
    "alguien, algun, alguna, una, uno, user, usuario, usuarios, people, person, persona, gente, somebody, "
    "someone, block, bloquear, los, las, ese, esa, este, esta, that, this, him, her, them, the, post, tweet, "
    "not, follow, quien, ellos, otro, otra"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that was probably meant, and what stands after it."""

    command: str
    arguments: str = ""


def is_help(text: str) -> bool:
    return _flat(text) in HELP


def is_small_talk(text: str) -> bool:
    """What one says to somebody, and to the neighbours only with more around it."""
    flat = _flat(text)
    return flat in GREETINGS or flat in SMALL_TALK or not flat


def is_cancel(text: str) -> bool:
    """What ends a question, also where it waits for words."""
    return _flat(text) in ("cancelar", "cancela", "cancel", "cancelalo")


def wishes(text: str) -> list[Wish]:
    """The commands that a text asks for in other words, the likeliest first; none where it may be a text for X."""
    command = spoken.parse(text)
    if command is not None:
        return [Wish(name, command.rest) for name in spoken.close_to(command.word)] if not command.name else []
    flat = _flat(text)
    words = flat.split()
    if "\n" in text.strip() or not words or len(words) > MOST_WORDS:
        return []
    if len(words) == 1 or (len(words) == 2 and _WHOM.search(text)):
        return _by_name(words[0], text)
    if _ASKING.match(flat) is None and _TOLD.match(flat) is None:
        return []
    named = list(dict.fromkeys(found.lastgroup or "" for found in _STEM.finditer(flat)))
    return [Wish(name, _whom(text) if name in _PEOPLE else "") for name in named[:MOST_WISHES]]


def _by_name(word: str, text: str) -> list[Wish]:
    """A command without its slash, or nearly so."""
    name = spoken.named(word)
    if name:
        return [Wish(name, _whom(text) if name in _PEOPLE else "")]
    return [Wish(close) for close in spoken.close_to(word, SURELY)] if len(word) >= spoken.LEAST_BEGUN else []


def _whom(text: str) -> str:
    """The name that is spoken of, with its @; "" for none."""
    found = _WHOM.search(text)
    if found is not None:
        return f"@{found[1]}"
    called = [name for name in _CALLED.findall(text) if fold(name) not in _NOBODY]
    return f"@{called[0]}" if called else ""


def _flat(text: str) -> str:
    """A text without case, accents and signs."""
    return " ".join(re.sub(r"[^\w@]+", " ", fold(text)).split())
