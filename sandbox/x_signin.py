"""The sandbox's X, signing in: its page that asks, and the endpoint that hands out and takes back tokens."""

import html
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import BasicAuth, web

from sandbox import x_refusals
from sandbox.acting import Acting
from sandbox.faults import Faults
from sandbox.profile import pass_time
from sandbox.world import World
from sandbox.x_door import torn
from sandbox.x_refusals import Denied, answered
from sandbox.x_tokens import ALL_SCOPES, CLIENT_ID, CLIENT_SECRET

AUTHORIZE_PAGE = Path(__file__).parent / "page" / "authorize.html"
NEEDED = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "scope")


class SignIn:
    """Routes under /x that need no token."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults
        self._acting = Acting()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/x/i/oauth2/authorize", self._authorize_page),
            web.post("/x/i/oauth2/authorize", self._authorize),
            web.post("/x/2/oauth2/token", self._guarded(self._token)),
            web.post("/x/2/oauth2/revoke", self._guarded(self._revoke)),
        ]

    def _guarded(
        self, handler: Callable[[web.Request, dict[str, str]], web.Response]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            form = {k: str(v) for k, v in (await request.post()).items()}
            return await self._acting.goes_on(self._answer(request, form, handler))

        return guarded

    async def _answer(
        self,
        request: web.Request,
        form: dict[str, str],
        handler: Callable[[web.Request, dict[str, str]], web.Response],
    ) -> web.StreamResponse:
        names, seconds = self._names(form), self._world.profile.x_seconds()
        await pass_time(seconds / 2)
        answer: web.StreamResponse
        try:
            if self._faults.strikes("token_refused", names):
                return await self._refused(request, self._faults.answer("token_refused"))
            if self._faults.strikes("token_slow", names):
                await pass_time(self._faults.seconds("token_slow"))
            answer = handler(request, form)
        except Denied as no:
            answer = answered(no)
        if self._faults.strikes("token_late", names):
            await pass_time(self._faults.seconds("token_late"))
        await pass_time(seconds / 2)
        return answer

    async def _refused(self, request: web.Request, answer: str) -> web.StreamResponse:
        if answer == "empty":
            return web.Response(status=200)
        if answer in ("html", "cut", "garbled"):
            return await torn(request, answer, web.json_response({"token_type": "bearer", "expires_in": 7200}))
        return answered(x_refusals.refusal(answer))

    def _names(self, form: dict[str, str]) -> tuple[str, ...]:
        """What faults know the account by whose token is renewed."""
        user_id, _ = self._world.tokens.refresh.get(form.get("refresh_token", ""), (0, ""))
        user = self._world.users.get(user_id)
        return user.names if user is not None else ()

    def _token(self, request: web.Request, form: dict[str, str]) -> web.Response:
        self._check_client(request)
        tokens = self._world.tokens
        if form.get("grant_type") == "refresh_token":
            names = self._names(form)
            return self._given(tokens.refreshed(form.get("refresh_token", "")), names)
        pair = tokens.exchange(form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
        return self._given(pair, ())

    def _given(self, pair: dict[str, object], names: tuple[str, ...]) -> web.Response:
        """The tokens, whatever stands beside them."""
        if self._faults.strikes("token_odd", names):
            odd = self._faults.answer("token_odd")
            left_out = {"missing": "expires_in", "no_refresh": "refresh_token"}.get(odd)
            pair = {k: v for k, v in pair.items() if k != left_out}
            if left_out is None:
                pair["expires_in"] = odd if odd == "soon" else int(odd)
        return web.json_response(pair)

    def _revoke(self, request: web.Request, form: dict[str, str]) -> web.Response:
        self._check_client(request)
        self._world.tokens.revoke(form.get("token", ""))
        return web.json_response({"revoked": True})

    def _check_client(self, request: web.Request) -> None:
        try:
            auth = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            auth = None
        if auth is None or (auth.login, auth.password) != (CLIENT_ID, CLIENT_SECRET):
            said = "Missing valid authorization header"
            raise Denied(401, {"error": "unauthorized_client", "error_description": said})

    # --- X's page ------------------------------------------------------------------------------------------

    async def _authorize_page(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        if any(not query.get(n) for n in NEEDED) or query["client_id"] != CLIENT_ID:
            return web.Response(text="Something went wrong: this app is not known.", status=400)
        hidden = "".join(
            f'<input type="hidden" name="{n}" value="{html.escape(query[n])}">'
            for n in ("redirect_uri", "state", "code_challenge", "scope")
        )
        choices = "".join(
            f'<label><input type="radio" name="user" value="{u.id}" {"checked" if i == 0 else ""}>'
            f"<b>{html.escape(u.name)}</b> @{u.handle}</label>"
            for i, u in enumerate(u for u in self._world.users.values() if u.channel)
        )
        page = AUTHORIZE_PAGE.read_text().replace("<!--hidden-->", hidden).replace("<!--choices-->", choices)
        return web.Response(text=page, content_type="text/html")

    async def _authorize(self, request: web.Request) -> web.Response:
        form = await request.post()
        state, redirect_uri = str(form["state"]), str(form["redirect_uri"])
        if form.get("answer") != "yes":
            raise web.HTTPFound(f"{redirect_uri}?{urlencode({'error': 'access_denied', 'state': state})}")
        user_id, scope = int(str(form["user"])), str(form.get("scope", ALL_SCOPES))
        code = self._world.tokens.grant_code(user_id, redirect_uri, str(form["code_challenge"]), scope)
        raise web.HTTPFound(f"{redirect_uri}?{urlencode({'state': state, 'code': code})}")
