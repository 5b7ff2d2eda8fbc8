"""Sign-in: what X gives for a code that somebody brought, and what becomes of it."""

from datetime import datetime

from engine.x import signin
from engine.x.client import UserToken, UserTokenPair, XClient
from engine.x.errors import ClientRefused, XError
from engine.x.events import Account
from models import connecting
from models.accounts import admission, limits, people, signing_in, troubles
from models.accounts import tokens as stored_tokens
from models.accounts.channels import Auth, Channel
from models.accounts.troubles import Kind
from models.control import entrance
from models.database import transaction
from models.notifications import notices
from models.notifications.kinds import Connected, SignInWaits
from models.settings import settings
from tasks import accounts, costs
from tasks.clock import now
from tasks.queues import job, publishing


def finish_sign_in(found: signing_in.SignIn, code: str, verifier: str, at: datetime) -> Channel:
    """Exchange a code that its person brought, ask X who it is, store the channel.

    Raises OwnedByOther, NotLetIn or TooMany (the new tokens are revoked again then), or an XError.
    """
    pair, account = _exchanged(found, code, verifier, at)
    try:
        return connecting.connect_channel(account, found.person_id, stored_tokens.Tokens.of_pair(pair), at)
    except (connecting.OwnedByOther, admission.NotLetIn, limits.TooMany):
        accounts.revoked(pair.refresh or "", pair.access)
        raise


def keep_sign_in(found: signing_in.SignIn, verifier: str, code: str, confirmation: str, at: datetime) -> Account:
    """Exchange a code that X's redirect brought: it waits for its person's yes. Whose account it is. Raises XError."""
    pair, account = _exchanged(found, code, verifier, at)
    with transaction():
        signing_in.wait_for_person(found, confirmation, account, stored_tokens.Tokens.of_pair(pair), at)
        notices.tell(found.person_id, SignInWaits(account.handle, found.state_hash), at)
    return account


def connect_waiting(confirmation: str, person_id: int, at: datetime) -> Channel:
    """The person said yes: the channel is stored, and its owner is told.

    Raises BadSignIn, OwnedByOther, NotLetIn, TooMany.
    """
    with transaction():
        account, pair = signing_in.confirm(confirmation, person_id, at)
        channel = connecting.connect_channel(account, person_id, pair, at)
        notices.withdraw(person_id, SignInWaits)
        notices.tell(person_id, Connected(channel.token_version), at, channel_id=channel.id)
    return channel


def refuse_waiting(confirmation: str, person_id: int, at: datetime) -> None:
    """The person said no: the keys are deleted here, and revoked at X if it answers."""
    pair = signing_in.refuse(confirmation, person_id, at)
    if pair is None:
        return
    notices.withdraw(person_id, SignInWaits)
    accounts.revoked(pair.refresh, pair.access)


@job(publishing)
def let_sign_ins_lapse() -> None:
    """Sign-ins that nobody said yes to in time: their keys go, here and at X."""
    for pair in signing_in.take_lapsed(now()):
        accounts.revoked(pair.refresh, pair.access)


def _exchanged(
    found: signing_in.SignIn, code: str, verifier: str, at: datetime
) -> tuple[signin.TokenPair, Account]:  # fmt: skip
    """The keys for a code, and whose they are. Raises XError: keys of nobody known are made worthless again."""
    try:
        pair = signin.exchange(accounts.session(), accounts.app(), code, verifier, at, found.scopes or signin.SCOPES)
    except ClientRefused as error:
        troubles.met(troubles.APP, Kind.CLIENT, at, said=error.detail)
        raise
    troubles.over(troubles.APP, at, Kind.CLIENT)
    try:
        return pair, XClient(accounts.session(), UserToken(pair.access), told=costs.told(), paying=costs.paying()).me()
    except XError:
        accounts.revoked(pair.refresh or "", pair.access)
        raise


def connect_from_tokens(access: str, access_secret: str, owner_id: int, at: datetime) -> Channel:
    """Connect an account from an OAuth 1.0a access pair: whoever can type this runs the service, and lets its owner in.

    Raises OwnedByOther, TooMany, or an XError.
    """
    s = settings()
    pair = UserTokenPair(s.x_api_key.get_secret_value(), s.x_api_secret.get_secret_value(), access, access_secret)
    account: Account = XClient(accounts.session(), pair, told=costs.told(), paying=costs.paying()).me()
    tokens = stored_tokens.Tokens(Auth.OAUTH1, access, access_secret=access_secret)
    with transaction():
        people.person(owner_id, "", "en", at)
        entrance.let_in(owner_id, None, at)
        return connecting.connect_channel(account, owner_id, tokens, at)
