"""What is to be said: threads written down and read back, texts parted where it hurts least, files known by themselves."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import composing, posts
from engine.composing.threads import parted
from engine.media import MB, BadMedia, MediaKind, check, check_together, recognised
from engine.posts import Attachment, Post
from engine.when import Limits, NotUnderstood, understand_limits

NOW = datetime(2026, 11, 20, 12, 0)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=700)
attachments = st.builds(
    Attachment,
    st.integers(1, 10**8),
    st.sampled_from(MediaKind),
    st.from_regex(r"\A(?:[a-zñ]{1,9}( [a-zñ]{1,9}){0,3})?\Z"),
)
lines = (
    st.from_regex(r"\A[^\s\[\]=-][^\n\[\]=-]{0,30}(\n[^\s\[\]=-][^\n\[\]=-]{0,30})?\Z")
    .map(composing.clean)
    .filter(bool)
)


@given(texts)
def test_a_parted_text_says_the_same_and_every_piece_fits_unless_it_is_one_word(text: str) -> None:
    text = composing.clean(text)
    pieces = parted(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    for piece in pieces:
        assert composing.weighted_length(piece) <= 280 or len(piece.split()) == 1


def test_a_long_text_is_parted_between_sentences() -> None:
    sentence = "El agua vuelve al barrio por la tarde, dice la empresa, y pide paciencia a todos los vecinos. "
    pieces = parted((sentence * 6).strip())
    assert len(pieces) == 3
    assert all(p.endswith("vecinos.") for p in pieces)
    assert parted("corto") == ["corto"]
    paragraphs = "Primero, lo de hoy. " * 8 + "\n\n" + "Segundo, lo de mañana. " * 8
    assert [p.split(",")[0] for p in parted(paragraphs.strip())] == ["Primero", "Segundo"]


@given(st.lists(st.lists(st.builds(Post, lines, st.lists(attachments, max_size=4).map(tuple)), min_size=1, max_size=4)
                .map(tuple), min_size=1, max_size=4))  # fmt: skip
def test_threads_written_down_are_read_back(threads: list[posts.Thread]) -> None:
    assert posts.read(posts.write(threads)) == threads
    assert posts.from_json(posts.to_json(threads)) == threads


def test_a_description_can_t_break_out_of_its_line() -> None:
    nasty = Attachment(7, MediaKind.PHOTO, "a]\n---\n[video 9: b")
    (read,) = posts.read(posts.write([(Post("x", (nasty,)),)]))
    assert [a.media_id for a in posts.attached(read)] == [7]


def test_a_file_is_known_by_its_own_bytes() -> None:
    assert recognised(b"\x89PNG\r\n\x1a\n....") == (MediaKind.PHOTO, "image/png")
    assert recognised(b"\xff\xd8\xff\xe0") == (MediaKind.PHOTO, "image/jpeg")
    assert recognised(b"RIFF....WEBP") == (MediaKind.PHOTO, "image/webp")
    assert recognised(b"GIF89a") == (MediaKind.GIF, "image/gif")
    assert recognised(b"\0\0\0\x18ftypmp42") == (MediaKind.VIDEO, "video/mp4")
    for content in (b"", b"<html>", b"%PDF-1.7", b"PNG"):
        with pytest.raises(BadMedia):
            recognised(content)


@pytest.mark.parametrize(
    ("kind", "size", "seconds", "reason"),
    [
        (MediaKind.PHOTO, 5 * MB, None, None), (MediaKind.PHOTO, 5 * MB + 1, None, "size"),
        (MediaKind.GIF, 15 * MB + 1, None, "size"), (MediaKind.VIDEO, 20 * MB, 140, None),
        (MediaKind.VIDEO, MB, 141, "length"), (MediaKind.VIDEO, MB, 0.2, "length"),
    ],
)  # fmt: skip
def test_sizes_and_lengths(kind: MediaKind, size: int, seconds: float | None, reason: str | None) -> None:
    if reason is None:
        check(kind, size, seconds)
        return
    with pytest.raises(BadMedia) as refused:
        check(kind, size, seconds)
    assert refused.value.reason.value == reason


def test_four_photos_or_one_that_moves() -> None:
    check_together([MediaKind.PHOTO] * 4)
    check_together([MediaKind.VIDEO])
    for kinds in ([MediaKind.PHOTO] * 5, [MediaKind.VIDEO, MediaKind.PHOTO], [MediaKind.GIF, MediaKind.GIF]):
        with pytest.raises(BadMedia):
            check_together(kinds)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("45 min tarde", Limits(late=timedelta(minutes=45))), ("45 minutes late", Limits(late=timedelta(minutes=45))),
        ("2 h", Limits(late=timedelta(hours=2))), ("una hora de retraso", Limits(late=timedelta(hours=1))),
        ("8 veces", Limits(times=8)), ("8 times", Limits(times=8)), ("sin fin", Limits(endless=True)),
        ("No end", Limits(endless=True)), ("hasta el 24 de diciembre", Limits(last=datetime(2026, 12, 24, 23, 59))),
        ("until dec 24", Limits(last=datetime(2026, 12, 24, 23, 59))), ("desde el 1 de diciembre", Limits(datetime(2026, 12, 1))),
        ("from dec 1 until dec 24, 5 times", Limits(datetime(2026, 12, 1), datetime(2026, 12, 24, 23, 59), 5)),
    ],
)  # fmt: skip
def test_limits_as_they_are_typed(typed: str, wanted: Limits) -> None:
    assert understand_limits(typed, NOW) == wanted


@pytest.mark.parametrize("typed", ["", "hola", "hasta nunca jamás", "45", "until dec 45", "8 veces quizá"])
def test_other_limits_are_refused(typed: str) -> None:
    with pytest.raises(NotUnderstood):
        understand_limits(typed, NOW)
