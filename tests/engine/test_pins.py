"""What looks like a PIN: named it is one anywhere, a bare number only near the matter, and what neighbours say is none."""

import pytest

from engine.x.chat.pins import is_pin


@pytest.mark.parametrize(
    "text",
    [
        "pin 1234", "PIN: 1234", "Pin=2580", "el pin es 2580", "mi pin de X Chat es 2580", "la clave es 2580",
        "Clave 123456", "contraseña: 2580", "my PIN is 2580", "passcode 2580", "password 12345678", "NIP 2580",
        "pin1234", "PIN 2-5-8-0", "pin 25 80", "pin ２５８０", "pin 2️⃣5️⃣8️⃣0️⃣", "pin ٢٥٨٠", "p\u200bin 2580",
        "mi pin es dos cinco ocho cero", "pin two five eight zero", "/pin 2580", "/clave 2580", "/post pin 2580",
        "2580 es el pin", "@TraficoValle pin 2580", "hola, la clave del canal es 2580 por favor", "𝐩𝐢𝐧 𝟐𝟓𝟖𝟎", "pin_2580",
        "P.I.N. 2580", "P1N 2580", "p i n 2 5 8 0", "pincode 2580", "mi pin es veinticinco ochenta",
        "pin: veinticinco, ochenta y uno", "pin forty-two ninety", "el pin es cuarenta y dos diez",
    ],
)  # fmt: skip
def test_a_pin_that_is_called_one_is_one_wherever_it_is_said(text: str) -> None:
    assert is_pin(text, near=False)


@pytest.mark.parametrize(
    "text",
    [
        "2580", " 2580. ", "25 80", "2-5-8-0", "12345678", "2️⃣5️⃣8️⃣0️⃣", "dos cinco ocho cero", "es 2580", "2580 gracias",
        "código 2580", "the code is 2580", "toma, 2580", "ya lo cambié, el pin ahora será 2580 creo", "@TraficoValle 2580",
        "clave: secreta99", "password is tr4fico", "veinticinco ochenta", "treinta y uno cuarenta y dos",
    ],
)  # fmt: skip
def test_near_the_matter_a_bare_number_is_one_too_and_nowhere_else(text: str) -> None:
    assert is_pin(text, near=True)
    assert not is_pin(text, near=False)


@pytest.mark.parametrize(
    "text",
    [
        "", "hola", "pin", "¿qué es el pin?", "no me acuerdo del pin", "12", "123", "123456789", "choque en la A1 km 1234",
        "Vía cerrada 1234", "a las 12:30", "/gap 20", "where do I find the PIN?", "pin 1", "¿cuál es la clave?",
        "hay treinta y cinco", "mi pin es veinte", "a las cuatro y veinte", "veinte y dos pines",
    ],
)  # fmt: skip
def test_a_question_or_a_piece_of_news_is_none(text: str) -> None:
    assert not is_pin(text, near=False)
    assert not is_pin(text, near=True)


@pytest.mark.parametrize(
    "text",
    [
        "Pin 5000 personas marchan por la avenida Bolívar", "Clave 1010: choque en la autopista, paso cerrado",
        "/filters add pin 1234", "La contraseña del wifi de la plaza es 12345678", "pin 2580 " + "y mucho más " * 50,
        "Roban tarjetas y su pin de 4 dígitos: van 1500 casos",
    ],
)  # fmt: skip
def test_who_tells_the_neighbours_says_more(text: str) -> None:
    assert not is_pin(text, near=False)
