"""The chat of the tests is as strict as Telegram, and stands on both databases."""

import re

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from tests.bot.conversation import Conversation


@pytest.mark.both_databases
async def test_what_is_typed_and_tapped_is_answered(ana: Conversation) -> None:
    await ana.types("/triggers add rifa")
    ana.reads("tiene 2 disparadores", "has 2 triggers")
    await ana.taps("Panel")
    ana.reads(r"TraficoValle.*2 disparadores", "TraficoValle.*2 triggers")
    await ana.taps("Menciones", "Mentions")
    ana.sees("❌ Menciones", "❌ Mentions")


@pytest.mark.parametrize(
    "text",
    ["<b>a < b</b>", "<b>open", "</b>", "<i><b>x</i></b>", "<made>up</made>", "x" * 4097, " "],
    ids=["a bare <", "never closed", "never opened", "crossed", "no such tag", "too long", "empty"],
)
async def test_a_text_that_telegram_refuses_fails_a_test(newcomer: Conversation, text: str) -> None:
    await newcomer.types("/start")
    with pytest.raises(BadRequest):
        await newcomer.bot.send_message(newcomer.person, text, parse_mode="HTML")
    with pytest.raises(AssertionError, match="Telegram refused"):
        await newcomer.types("/help")


async def test_a_button_that_carries_too_much_fails_a_test(newcomer: Conversation) -> None:
    await newcomer.types("/start")
    short = InlineKeyboardMarkup([[InlineKeyboardButton("label", callback_data="x" * 64)]])
    await newcomer.bot.send_message(newcomer.person, "x", reply_markup=short)
    long = InlineKeyboardMarkup([[InlineKeyboardButton("label", callback_data="x" * 65)]])
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        await newcomer.bot.send_message(newcomer.person, "x", reply_markup=long)


async def test_a_failed_sentence_is_shown_with_the_screen(ana: Conversation) -> None:
    await ana.types("/gap")
    with pytest.raises(AssertionError, match=re.compile(r"/nowhere/ is not what is read.*\[ 60 s \]", re.S)):
        ana.reads("nowhere")
    with pytest.raises(AssertionError, match=r"no button /nowhere/ on the screen"):
        await ana.taps("nowhere")
