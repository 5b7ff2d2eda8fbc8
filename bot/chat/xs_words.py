"""What X says, in the reader's language where it is a sentence that we know; else quoted as X has it."""

from bot.chat.language import N_, Sentence, Speaker

#: A part of X's sentence, in small letters, and what it means. The first that is found is said.
KNOWN: tuple[tuple[str, str], ...] = (
    ("this account is temporarily locked", N_("the account is locked for now; sign in to x.com as it to unlock it")),
    ("your account is locked", N_("the account is locked for now; sign in to x.com as it to unlock it")),
    ("log in to unlock your account", N_("the account is locked for now; sign in to x.com as it to unlock it")),
    ("account is suspended", N_("the account is suspended")),
    ("user has been suspended", N_("the account is suspended")),
    ("could not find user", N_("there is no such account any more")),
    ("not authorized to see the user", N_("the account shows its posts only to whom it lets follow it")),
    ("might be automated", N_("this looks automated to X")),
    ("duplicate content", N_("the account has said this already")),
    ("already retweeted", N_("the account has reposted this already")),
    ("too many requests", N_("too many requests")),
    ("over capacity", N_("X is over its capacity")),
    ("service unavailable", N_("X is not available right now")),
    ("internal server error", N_("something broke inside X")),
    ("internal error", N_("something broke inside X")),
    ("credits", N_("the app has no credits left")),
    ("token was invalid", N_("the access is worth nothing any more")),
    ("valid authorization header", N_("X does not know the app by its id and secret")),
    ("unauthorized", N_("X does not accept the access")),
    ("not permitted to perform this action", N_("the account may not do this")),
    ("currently unsupported", N_("it can't use that kind of file")),
    ("invalidmedia", N_("it can't use that file")),
    ("media type unrecognized", N_("it can't use that kind of file")),
    ("max duration", N_("the video is too long")),
    ("file size exceeds", N_("the file is too large")),
    ("request timeout", N_("it took X too long")),
)
NO_WORDS = (
    "HTTP ",
    "ReadTimeout",
    "ConnectTimeout",
    "ConnectionError",
    "ChunkedEncodingError",
    "SSLError",
    "ProxyError",
)


def of_x(say: Speaker, said: str) -> str:
    """`X says: …`, with X's sentence in the reader's language, or quoted; empty where X said nothing in words."""
    small = said.lower()
    for part, meaning in KNOWN:
        if part in small:
            return say.t("X says: {meaning}.", meaning=Sentence(say.t(meaning)))
    if not said or said.startswith(NO_WORDS):
        return Sentence("")
    return say.t("X says: «{detail}»", detail=said)
