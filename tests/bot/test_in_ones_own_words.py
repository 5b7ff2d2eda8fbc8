"""What stands on the screen is in the reader's words, and says nothing that sounds odd."""

from tests.bot.conversation import Conversation


async def test_the_buttons_of_the_zones_are_called_as_the_reader_calls_the_cities(ana: Conversation) -> None:
    await ana.types("/zone")
    labels = " ".join(ana.answers[-1].labels)
    for spanish, english in (("Ciudad de México", "Mexico City"), ("Nueva York", "New York"), ("Londres", "London")):
        assert ana.t(spanish, english) in labels
    await ana.taps("Londres", "London")
    ana.reads("Europe/London")


async def test_no_pause_is_no_pause_of_nought_seconds(ana: Conversation) -> None:
    await ana.types("/gap 0")
    ana.reads("Sin pausa entre tuits", "No pause between posts")
    await ana.types("/gap 1")
    ana.reads("Al menos 1 segundo entre tuits", "At least 1 second between posts")
    await ana.types("/gap 20")
    ana.reads("Al menos 20 segundos entre tuits", "At least 20 seconds between posts")


async def test_a_right_line_names_the_lists_as_the_reader_does(ana: Conversation) -> None:
    await ana.types("/import")
    await ana.sends("mal.csv", "list,text\nnada,@\n")
    ana.reads("filtro,promo,,7,, · disparador,choque.*horario,", "filter,promo,,7,, · trigger,choque.*hours,")


async def test_the_right_lines_are_right(ana: Conversation) -> None:
    right = ana.t(
        "filtro,promo,,7,,\ndisparador,choque,,,,\nhorario,lun-vie 6-22,mención,,,",
        "filter,promo,,7,,\ntrigger,choque,,,,\nhours,mon-fri 6-22,mention,,,",
    )
    await ana.types("/import")
    await ana.sends("bien.csv", f"list,text,applies,block,becomes,note\n{right}\n")
    ana.reads("2 nuev.*1 ya estaba", "2 new.*1 there already")
