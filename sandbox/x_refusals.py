"""How X says no: bodies and content types of its spec, and what stands there when it was not X that answered.

Sources: specs/x-openapi.json (Error, Problem), docs/x-and-telegram.md, "When X fails".
"""

from typing import Any

from aiohttp import web

LOCKED = (
    "To protect our users from spam and other malicious activity, this account is temporarily locked. "
    "Please log in to https://twitter.com to unlock your account."
)
AUTOMATED = (
    "This request looks like it might be automated. To protect our users from spam and other malicious activity, "
    "we can't complete this action right now. Please try again later."
)
APP_STOPPED = (
    "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints. "
    "You can learn more here: https://developer.x.com/en/portal/product"
)
PAGE = (
    "<!DOCTYPE html>\n<html><head><title>X / Error</title></head>"
    "<body><h1>Something went wrong.</h1><p>Don't fret — let's give it another shot.</p></body></html>\n"
)


class Denied(Exception):
    """X says no: the status and the body of its answer."""

    def __init__(self, status: int, body: dict[str, object], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


def answered(no: Denied, headers: dict[str, str] | None = None) -> web.Response:
    """The answer on the wire. A body with a `type` is a problem, and says so."""
    kind = "application/problem+json" if "type" in no.body else "application/json"
    more = {**(headers or {}), **no.headers}
    return web.json_response(no.body, status=no.status, headers=more, content_type=kind)


def problem(kind: str, title: str, detail: str, **more: object) -> dict[str, object]:
    """An error body of X's spec."""
    return {"type": f"https://api.x.com/2/problems/{kind}", "title": title, "detail": detail, **more}


def disallowed(detail: str) -> Denied:
    return Denied(403, problem("disallowed-resource", "Forbidden", detail, status=403))


def invalid(parameter: str, detail: str, **more: object) -> Denied:
    body = problem("invalid-request", "Invalid Request", detail, parameter=parameter, **more, status=400)
    return Denied(400, body)


def not_found(kind: str, value: str) -> Denied:
    detail = f"Could not find {kind} with id: [{value}]."
    more = {"resource_type": kind, "resource_id": value, "value": value, "status": 404}
    return Denied(404, problem("resource-not-found", "Not Found Error", detail, **more))


def oauth_error(description: str) -> Denied:
    return Denied(400, {"error": "invalid_request", "error_description": description})


def locked() -> Denied:
    return Denied(403, {"code": 326, "message": LOCKED})


def automated() -> Denied:
    return Denied(403, {"code": 226, "message": AUTOMATED})


def limited(headers: dict[str, str]) -> Denied:
    return Denied(429, {"code": 88, "message": "Rate limit exceeded"}, headers)


def unauthorized() -> Denied:
    return Denied(401, {"code": 89, "message": "Invalid or expired token"})


def down() -> Denied:
    return Denied(503, problem("internal-error", "Service Unavailable", "Service Unavailable", status=503))


def refusal(answer: str) -> Denied:
    """A no by the word that a fault has for it. Raises KeyError for one that is none of X's own."""
    made: dict[str, Denied] = {
        "401": unauthorized(),
        "402": Denied(402, {"code": 402, "message": "The app has no credits left to fulfil this request."}),
        "403": disallowed("You are not permitted to perform this action."),
        "404": Denied(
            404,
            problem("resource-not-found", "Not Found Error", "Not Found", resource_type="endpoint", status=404),
        ),
        "400": invalid("text", "One or more parameters to your request was invalid."),
        "duplicate": disallowed("You are not allowed to create a Tweet with duplicate content."),
        "locked": locked(),
        "automated": automated(),
        "app_stopped": Denied(403, {"code": 453, "message": APP_STOPPED}),
        "media_gone": invalid("media.media_ids", "Your media IDs are invalid."),
        "408": Denied(408, problem("internal-error", "Request Timeout", "Request Timeout", status=408)),
        "429": limited({}),
        "503": down(),
        "unauthorized_client": Denied(
            401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
        ),
        "no_token": Denied(200, {"token_type": "bearer", "expires_in": 7200}),
        "redirect": Denied(302, {}, {"Location": "https://x.com/"}),
        "invalid_client": Denied(
            400, {"error": "invalid_client", "error_description": "Value passed for the client id was invalid."}
        ),
    }
    return made[answer]


def page(status: int = 403) -> web.Response:
    """What a machine before X's says."""
    return web.Response(text=PAGE, status=status, content_type="text/html")


def redirect() -> web.Response:
    """Somewhere else, says a machine before X's."""
    return web.Response(
        text=PAGE, status=302, headers={"Location": "https://x.com/account/access"}, content_type="text/html"
    )


async def cut(request: web.Request, said: web.Response) -> web.StreamResponse:
    """Half an answer, then nothing: the connection is closed."""
    whole = _bytes(said)
    response = web.StreamResponse(
        status=said.status,
        headers={
            "Content-Type": said.headers.get("Content-Type", "application/json"),
            "Content-Length": str(len(whole)),
        },
    )
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def garbled(said: web.Response) -> web.Response:
    """Half an answer as if it were all."""
    whole = _bytes(said)
    return web.Response(body=whole[: len(whole) // 2], status=said.status, content_type="application/json")


def yes_as_it_would_be() -> web.Response:
    """A yes to tear up where X did not act."""
    return web.json_response({"data": {"id": "1900000000000000000", "text": "this was never said"}}, status=200)


def _bytes(said: web.Response) -> bytes:
    body: Any = said.body
    return body if isinstance(body, bytes) else b"{}"
