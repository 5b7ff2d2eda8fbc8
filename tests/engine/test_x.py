"""X's wire, read and refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.moderation import MessageKind
from engine.x import events, prices
from engine.x.client import UserToken, UserTokenPair
from engine.x.signin import App, NoCode, authorize_url, new_verifier, read_return
from engine.x.stream import Backoff
from tests.conftest import NOW, SPECS

needs_specs = pytest.mark.skipif(not SPECS.exists(), reason="the published specs are not beside this checkout")


def sample(name: str) -> bytes:
    return (SPECS / "x-events" / f"{name}.json").read_bytes()


@needs_specs
def test_a_recorded_mention_is_understood() -> None:
    (heard,) = events.parse_line(sample("post.mention.create"), NOW)
    assert isinstance(heard, events.Heard)
    assert (heard.kind, heard.sender_handle, heard.text) == (MessageKind.MENTION, "OtherUser", "hey @ExampleUser")
    assert heard.channel_x_id == 1111111111111111111
    assert heard.at.isoformat() == "2026-07-24T21:23:23+00:00"


@needs_specs
def test_a_recorded_direct_message_is_understood() -> None:
    (heard,) = events.parse_line(sample("dm.received"), NOW)
    assert isinstance(heard, events.Heard)
    assert (heard.kind, heard.sender_name, heard.text) == (MessageKind.DM, "OtherUser", "hello!")


@needs_specs
def test_every_recorded_event_is_read_or_passed_over() -> None:
    for file in sorted((SPECS / "x-events").glob("*.json")):
        assert events.parse_line(file.read_bytes(), NOW), file.name


def test_signs_that_x_escapes_are_read_as_they_were_written() -> None:
    line = {
        "data": {
            "event_type": "post.mention.create",
            "filter": {"user_id": "1"},
            "payload": {"id": "5", "author_id": "2", "text": "a &lt; b &amp; c"},
        }
    }
    (heard,) = events.parse_line(json.dumps(line).encode(), NOW)
    assert isinstance(heard, events.Heard)
    assert heard.text == "a < b & c"


def test_long_posts_are_heard_whole_and_links_as_they_were_written() -> None:
    def heard(**post: object) -> str:
        payload = {"id": "5", "author_id": "2", "text": "mira https://t.co/a &amp; …", **post}
        event = {"event_type": "post.mention.create", "filter": {"user_id": "1"}, "payload": payload}
        (found,) = events.parse_line(json.dumps({"data": event}).encode(), NOW)
        assert isinstance(found, events.Heard)
        return found.text

    urls = {"urls": [{"url": "https://t.co/a", "expanded_url": "http://canales.com/abc?x=1&amp;y=2"}]}
    assert heard(entities=urls) == "mira http://canales.com/abc?x=1&y=2 & …"
    assert heard() == "mira https://t.co/a & …"
    assert heard(entities={"urls": [{**urls["urls"][0], "media_key": "3_5"}]}) == "mira https://t.co/a & …"
    assert heard(entities=["x"]) == heard(note_tweet="x") == heard(note_tweet={}) == "mira https://t.co/a & …"
    assert heard(note_tweet={"text": " "}) == "mira https://t.co/a & …", "a note that says nothing is none"
    assert heard(note_tweet={"text": "todo https://t.co/a"}, entities=urls) == "todo http://canales.com/abc?x=1&y=2"
    note = {"text": "mira https://t.co/a, choque &lt;al final&gt;", "entities": urls}
    for name in ("note_tweet", "note_post"):
        assert heard(**{name: note}) == "mira http://canales.com/abc?x=1&y=2, choque <al final>"


def test_signs_that_no_database_takes_are_replaced() -> None:
    user = {"id": "2", "username": "pepe", "name": "Pe\0pe"}
    line = {
        "data": {
            "event_type": "post.mention.create",
            "filter": {"user_id": "1"},
            "payload": {"id": "5", "author_id": "2", "text": "choque \ud83d en la\0 plaza 🚧"},
            "includes": {"users": [user]},
        }
    }
    (heard,) = events.parse_line(json.dumps(line).encode(), NOW)
    assert isinstance(heard, events.Heard)
    assert heard.text == "choque \ufffd en la\ufffd plaza 🚧"
    assert heard.sender_name == "Pe\ufffdpe"


def dm(**more: object) -> bytes:
    message = {
        "id": "5",
        "type": "message_create",
        "message_create": {"sender_id": "2", "message_data": {"text": "hola"}},
        **more,
    }
    payload = {"direct_message_events": [message]}
    return json.dumps({"data": {"event_type": "dm.received", "filter": {"user_id": "1"}, "payload": payload}}).encode()


def mention(**more: object) -> bytes:
    payload = {"id": "5", "author_id": "2", "text": "hola", **more}
    data = {"event_type": "post.mention.create", "filter": {"user_id": "1"}, "payload": payload}
    return json.dumps({"data": data}).encode()


def heard(line: bytes) -> events.Heard:
    (one,) = events.parse_line(line, NOW)
    assert isinstance(one, events.Heard)
    return one


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "2026-11-20T12:00:01Z"])
def test_what_is_dated_in_the_future_was_written_when_it_is_heard(at: str) -> None:
    assert heard(mention(created_at=at)).at == NOW
    assert heard(dm(created_timestamp="253402300799000")).at == NOW


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "yesterday", 5, None, []])
def test_what_has_no_date_that_can_be_has_that_of_its_id(at: object) -> None:
    assert heard(mention(created_at=at)).at == events.instant_of(5)
    no_moments: tuple[object, ...] = ("9" * 40, "-1", [], "x")
    for ms in no_moments:
        assert heard(dm(created_timestamp=ms)).at == events.instant_of(5)


@pytest.mark.parametrize("x_id", ["0", "-5", 2**63, str(2**70), "²", "9x", "", None, True, 1.5, events.id_at(NOW) * 2])
def test_an_id_that_is_none_or_that_no_column_takes_makes_a_line_malformed(x_id: object) -> None:
    for line in (mention(id=x_id), dm(id=x_id)):
        with pytest.raises(events.MalformedEvent):
            events.parse_line(line, NOW)


@pytest.mark.parametrize("text", [5, [], {}, True])
def test_a_text_that_is_none_makes_a_line_malformed(text: object) -> None:
    with pytest.raises(events.MalformedEvent):
        events.parse_line(mention(text=text), NOW)
    assert heard(mention(text=None)).text == ""


def test_a_text_is_cut_to_the_longest_that_x_has() -> None:
    assert len(heard(mention(text="x" * 900_000)).text) == events.LONGEST_TEXT


def test_of_a_page_what_cant_be_read_is_left_out_and_counted() -> None:
    good = {"id": "5", "author_id": "2", "text": "hola"}
    page = events.mentions_of_page({"data": [good, None, {"id": "6"}, 5], "includes": 7}, 1, NOW)
    assert ([h.x_id for h in page.heard], page.unreadable) == ([5], 3)


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["data", "event_type", "payload", "filter", "user_id", "id", "errors", "direct_message_events"]), inner, max_size=4),
    max_leaves=12).map(lambda v: json.dumps(v).encode()))  # fmt: skip
def test_any_line_is_an_event_or_malformed_and_nothing_else(line: bytes) -> None:
    try:
        events.parse_line(line, NOW)
    except events.MalformedEvent:
        return


def test_ids_carry_their_moment() -> None:
    written = events.parse_instant("2026-07-24T21:23:23Z")
    assert written is not None
    assert abs((events.instant_of(2080765813578191303) - written).total_seconds()) < 1
    at = events.instant_of(2080765813578191303)
    assert events.id_at(at) <= 2080765813578191303 < events.id_at(at) + (2 << 22)
    assert events.instant_of(events.id_before(2080765813578191303, 60)) < at


def test_the_stream_backs_off_as_x_asks() -> None:
    backoff = Backoff()
    assert [backoff.network() for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    assert [backoff.http(limited=False) for _ in range(8)] == [5, 10, 20, 40, 80, 160, 320, 320]
    backoff.lived()
    assert [backoff.http(limited=True) for _ in range(4)] == [60, 120, 240, 320]
    assert backoff.network() == 0.0


def test_an_address_gives_up_its_code() -> None:
    returned = read_return(" http://127.0.0.1/canales?state=abc&code=xyz ")
    assert (returned.state, returned.code, returned.error) == ("abc", "xyz", None)
    assert read_return("https://x.y/?state=abc&error=access_denied").error == "access_denied"
    for bad in ("https://x.com/home", "http://127.0.0.1/canales?state=abc", "hola", "http://[bad"):
        with pytest.raises(NoCode):
            read_return(bad)


def test_the_sign_in_page_gets_a_challenge_and_never_the_verifier() -> None:
    verifier = new_verifier()
    url = authorize_url(
        App("id", "secret", "https://x.com/i/oauth2/authorize", "http://127.0.0.1/canales"), "st", verifier
    )
    assert "code_challenge_method=S256" in url
    assert verifier not in url
    assert "secret" not in url


def test_no_token_shows_in_a_repr() -> None:
    shown = repr((UserToken("tok-1"), UserTokenPair("tok-2", "tok-3", "tok-4", "tok-5"), App("id", "tok-6", "u", "r")))
    assert "tok-" not in shown


def test_a_month_is_priced_from_the_facts() -> None:
    assert prices.of_month(100, NOW, reposted_share=0.5) == 100 * 30 * 5_000 + 50 * 30 * 15_000
    assert prices.of_post(NOW, with_url=True) == 200_000


def test_the_library_is_the_only_place_that_names_a_host(tmp_path: Path) -> None:
    from engine.x.client import WRITTEN_HOSTS

    assert WRITTEN_HOSTS.sub("http://here", "https://api.twitter.com/2/tweets") == "http://here/2/tweets"
    assert WRITTEN_HOSTS.sub("http://here", "https://evil-twitter.com/2") == "https://evil-twitter.com/2"
