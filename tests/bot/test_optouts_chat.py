"""Who asked not to be reposted, in the chat: told, listed apart, and let in again by a typed name alone."""

import pytest

from engine.moderation import MessageKind
from models.accounts.channels import Channel
from models.publishing.tweets import Tweet, TweetStatus
from models.streaming import optouts
from models.streaming.messages import Message
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears, posts


def out() -> list[str]:
    return [r.handle for r in optouts.rows_of(channel().id)]


async def test_the_owner_is_told_and_sees_them_apart_from_the_blocked(ana: Conversation) -> None:
    hears("choque en la 8")
    hears("no me reposteen más, por favor")
    told = await ana.is_told(
        "@maria_rdz pidió no salir en @TraficoValle.*1 mensaje", "@maria_rdz asked not to be.*1 message"
    )
    assert posts() != [], "the answer goes out"
    await ana.taps("Qué dijo", "What was said", under=told)
    ana.reads(
        "pide en él no salir en el canal.*El canal respondió.*0[.]010",
        "asks in it not to be reposted.*The channel answered.*0[.]010",
    )
    await ana.types("/senders")
    ana.reads("Lo de quien pidió no salir", "Who asked not to be reposted never is")
    assert any("Bloqueados (0)" in label or "Blocked (0)" in label for label in ana.answers[-1].labels)
    await ana.taps(r"Pidieron no salir \(1\)", r"Asked not to be reposted \(1\)")
    ana.reads("No se publican en @T.*: 1", "Not reposted by @T.*: 1")
    await ana.taps("@maria_rdz")
    ana.reads(
        "@maria_rdz.*Pidió no salir.*no me reposteen más.*ya le respondió", "Asked not to.*has answered them once"
    )
    await ana.types("/log")
    ana.reads("@maria_rdz.*pidió no salir en el canal", "@maria_rdz.*asked not to be reposted")


async def test_no_single_tap_lets_them_in_again_and_the_typed_name_does(ana: Conversation) -> None:
    hears("stop")
    await ana.types("/optout")
    await ana.taps("@maria_rdz")
    await ana.taps("Puede volver a salir", "They may be reposted again")
    ana.reads("¿Te dijo @maria_rdz.*mándame su nombre", "Did @maria_rdz tell you.*send me their name")
    assert out() == ["maria_rdz"]
    await ana.types("sí", "yes")
    ana.reads("Ese no es @maria_rdz.*mándame solo: @maria_rdz", "That is not @maria_rdz.*send me just: @maria_rdz")
    await ana.types("@MARIA_rdz")
    ana.reads("puede volver a repostear a @maria_rdz", "@maria_rdz may be reposted by @TraficoValle again")
    assert out() == []
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba", "as it was")
    assert out() == ["maria_rdz"]
    await ana.types("/optout lift @maria_rdz")
    assert out() == []
    await ana.types("/optout lift @pepe")
    ana.reads("@pepe no le pidió a @T.*levantar @maria", "@pepe did not ask @T.*lift @maria")


async def test_neither_unblocking_nor_trusting_nor_an_undo_of_a_block_lets_them_in(ana: Conversation) -> None:
    hears("choque uno")
    await ana.types("/block @maria_rdz")
    hears("no me reposteen")
    await ana.taps("Deshacer", "Undo")
    await ana.types("/trust @maria_rdz")
    await ana.types("/unblock @maria_rdz")
    hears("choque dos en la 8")
    assert out() == ["maria_rdz"]
    assert {t.status for t in Tweet.select() if not t.is_answer} == {TweetStatus.CANCELLED}
    await ana.types(f"/message {Message.select().order_by(Message.id.desc()).get().id}")
    ana.reads("pidió no salir en el canal", "its writer asked not to be reposted")
    await ana.taps("No se publica…", "Not reposted…")
    ana.reads("Pidió no salir", "Asked not to be reposted")


async def test_somebody_is_added_by_typing_and_taken_back_by_undo(ana: Conversation) -> None:
    hears("choque uno", sender="pepe")
    await ana.types("/optout @pepe")
    ana.reads("Nada de @pepe sale en @T", "Nothing of @pepe is reposted by @T")
    assert [t.status for t in Tweet.select()] == [TweetStatus.CANCELLED]
    await ana.taps("Deshacer", "Undo")
    assert out() == []
    await ana.types("/optout no es nadie", "/optout no such name")
    ana.reads("ningún nombre en X|no es un nombre|nombre", "no name on X.*/optout @maria")
    await ana.types("/excluidos")
    ana.reads("No se publican en @T.*: 0", "Not reposted by @T.*: 0")


async def test_they_are_searched_exported_and_brought_in_and_a_file_lets_nobody_in(ana: Conversation) -> None:
    hears("stop")
    hears("no me reposteen", sender="vecino", kind=MessageKind.DM)
    await ana.types("/optout search vec")
    ana.reads("1 nombre con", "1 name with")
    await ana.types("/export opted_out")
    await ana.types("/import")
    await ana.sends("fuera.csv", "list,text\nopted_out,@otra\n")
    ana.reads("quienes pidieron no salir.*1 nuev", "people who asked not to be reposted.*1 new")
    assert [label for label in ana.answers[-1].labels if "eemplaz" in label or "eplace" in label] == [], "none goes"
    await ana.taps("✅")
    assert out() == ["maria_rdz", "otra", "vecino"]
    await ana.taps("Deshacer", "Undo")
    assert out() == ["maria_rdz", "vecino"]
    await ana.types("/import")
    await ana.sends("confianza.csv", "list,text\ntrusted,@maria_rdz\n")
    await ana.taps("✅")
    hears("choque en la plaza")
    assert [t.status for t in Tweet.select() if not t.is_answer] == []


@pytest.mark.parametrize("kind", [MessageKind.MENTION, MessageKind.DM])
async def test_their_own_word_is_told(ana: Conversation, kind: MessageKind) -> None:
    hears("stop", kind=kind)
    hears("pueden repostearme", kind=kind)
    await ana.is_told("@maria_rdz dice que @TraficoValle puede volver", "@maria_rdz says that @TraficoValle may repost")
    hears("choque en la 8")
    assert [t.status for t in Tweet.select() if not t.is_answer] == [TweetStatus.QUEUED]
    assert Channel.select().count() == 1
