"""The sandbox's filtered stream: rules, and the public posts that match them, with the rules that they match."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox import x_asked, x_queries, x_wire
from sandbox.faults import Faults
from sandbox.wire import Wire
from sandbox.world import Post, World
from sandbox.x_connection import Connection
from sandbox.x_queries import Seen, Test, WrongQuery
from sandbox.x_refusals import Denied, answered, invalid, problem

Handler = Callable[[web.Request], Awaitable[web.Response]]
MOST_RULES, LONGEST_RULE, MOST_POSTS_A_SECOND = 1_000, 1_024, 250
#: How the stream's names for parts of a post differ from those of the other endpoints.
STREAM_NAMES = {
    "edit_history_post_ids": "edit_history_tweet_ids",
    "note_post": "note_tweet",
    "referenced_posts": "referenced_tweets",
}


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    value: str
    tag: str | None
    matches: Test

    def shown(self) -> dict[str, str]:
        return {"id": self.id, "value": self.value, **({"tag": self.tag} if self.tag is not None else {})}

    def matching(self) -> dict[str, str]:
        return {"id": self.id, **({"tag": self.tag} if self.tag is not None else {})}


class Filtered:
    """The app's rules, and its one connection."""

    def __init__(self, world: World, faults: Faults, wire: Wire) -> None:
        self._world = world
        self.connection = Connection("filtered", faults, wire, world.bill)
        self.rules: dict[str, Rule] = {}  # by value: X has each once
        self.refused = ""  # rules that hold this are refused, whatever they are
        self.over = 0  # posts that matched and did not go out, since there are only so many a second
        self._sent_at: deque[float] = deque(maxlen=MOST_POSTS_A_SECOND)
        self._fields: tuple[list[str], list[str], list[str]] = ([], [], [])
        world.kept.append(self.post)

    def calls(self) -> dict[str, Handler]:
        return {
            "GET /2/tweets/search/stream/rules": self._list,
            "POST /2/tweets/search/stream/rules": self._change,
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /2/tweets/search/stream."""
        headers = self._world.limits.spend("GET /2/tweets/search/stream", None)
        if not self.rules:
            told = "Define rules for this stream before connecting to it."
            body = problem(
                "disallowed-resource", "ConnectionException", told, connection_issue="RuleConfigurationIssue"
            )
            return answered(Denied(409, body), headers)
        if not self.connection.connected:
            names = {new: old for old, new in STREAM_NAMES.items()} | {"referenced_tweets.id": "referenced_posts"}
            fields, expansions = x_asked.words(request, "tweet.fields"), x_asked.words(request, "expansions")
            people = x_asked.words(request, "user.fields")
            self._fields = ([names.get(f, f) for f in fields], [names.get(e, e) for e in expansions], people)
        return await self.connection.serve(request)

    def post(self, post: Post) -> None:
        """Something was posted: it goes out if a rule matches, as late as the world is."""
        if not self.connection.connected:
            return
        author = self._world.users[post.author_id]
        if author.protected or author.suspended:
            return
        seen = self._world.seen(post)
        matching = [rule for rule in self.rules.values() if rule.matches(seen)]
        if not matching:
            return
        late = self._world.profile.stream_seconds()
        if late > 0:
            asyncio.get_running_loop().call_later(late, self._send, post, seen, matching)
        else:
            self._send(post, seen, matching)

    def _send(self, post: Post, seen: Seen, matching: list[Rule]) -> None:
        now = time.monotonic()
        if len(self._sent_at) == MOST_POSTS_A_SECOND and now - self._sent_at[0] < 1:
            self.over += 1
            return
        self._sent_at.append(now)
        self.connection.send(self.event(post, seen, matching), self._world.users[post.author_id].names)

    def event(self, post: Post, seen: Seen, matching: list[Rule]) -> dict[str, Any]:
        """A post with the parts that were asked for, and the rules that it matches."""
        fields, expansions, people = self._fields
        told = x_wire.rest_post(self._world, post, fields, expansions)
        if "lang" in fields:
            told["lang"] = x_queries.language(seen.whole.text)
        data = {STREAM_NAMES.get(name, name): value for name, value in told.items()}
        event: dict[str, Any] = {"data": data, "matching_rules": [rule.matching() for rule in matching]}
        if "author_id" in expansions:
            users = [x_wire.asked_user(self._world.users[post.author_id], people)]
            event["includes"] = {"users": users}
            event = self._world.profile.thinned(event, ("includes",))
        return event

    # --- rules ---------------------------------------------------------------------------------------------

    async def _list(self, request: web.Request) -> web.Response:
        wanted = x_asked.words(request, "ids")
        if not all(x_asked.DIGITS.match(i) for i in wanted):
            raise x_asked.bad("ids", ",".join(wanted))
        most = x_asked.between(request, "max_results", 1, 1000, 1000)
        skip = int(request.query.get("pagination_token", "r" + "0" * 15)[1:])
        rules = [rule for rule in self.rules.values() if not wanted or rule.id in wanted]
        shown = rules[skip : skip + most]
        meta: dict[str, Any] = {"sent": x_wire.now(), "result_count": len(shown)}
        if len(rules) > skip + most:
            meta["next_token"] = f"r{skip + most:015d}"
        return web.json_response({**({"data": [r.shown() for r in shown]} if shown else {}), "meta": meta})

    async def _change(self, request: web.Request) -> web.Response:
        body, dry = x_asked.body(request), request.query.get("dry_run") == "true"
        if request.query.get("delete_all") == "true":
            body = {"delete": {"values": list(self.rules)}}
        add, delete = body.get("add"), body.get("delete")
        if isinstance(add, list) and add and delete is None:
            return self._add(add, dry)
        if isinstance(delete, dict) and add is None:
            return self._delete(delete, dry)
        raise invalid("add", "The request body holds neither rules to add nor rules to delete, or both.")

    def _add(self, wanted: list[Any], dry: bool) -> web.Response:
        made: list[Rule] = []
        errors: list[dict[str, object]] = []
        kept = dict(self.rules)
        for given in wanted:
            value = given.get("value") if isinstance(given, dict) else None
            tag = given.get("tag") if isinstance(given, dict) else None
            if not isinstance(value, str) or not isinstance(tag, str | None):
                raise invalid("add", "Each rule has a value, and maybe a tag.")
            if value in kept:
                more = {"value": value, "id": kept[value].id}
                errors.append(problem("invalid-request", "DuplicateRule", "This rule exists already.", **more))
                continue
            if len(kept) >= MOST_RULES:
                told = f"The app has its {MOST_RULES} rules already."
                errors.append(problem("invalid-request", "RulesCapExceeded", told, value=value))
                continue
            try:
                if self.refused and self.refused in value:
                    raise WrongQuery(f"Reference to invalid operator '{self.refused}'.", value.index(self.refused) + 1)
                rule = Rule(str(self._world.new_id()), value, tag, x_queries.read(value, longest=LONGEST_RULE))
            except WrongQuery as wrong:
                details = [str(wrong)]
                errors.append(
                    problem("invalid-request", "UnprocessableEntity", str(wrong), value=value, details=details)
                )
                continue
            kept[value] = rule
            made.append(rule)
        if not dry:
            self.rules = kept
        lost = len(wanted) - len(made)
        summary = {"created": len(made), "not_created": lost, "valid": len(made), "invalid": lost}
        return _told([rule.shown() for rule in made], errors, summary)

    def _delete(self, wanted: dict[str, Any], dry: bool) -> web.Response:
        ids, values = wanted.get("ids") or [], wanted.get("values") or []
        by_id = {rule.id: rule for rule in self.rules.values()}
        found = [rule for rule in (by_id.get(str(i)) for i in ids) if rule is not None]
        found += [rule for rule in (self.rules.get(str(v)) for v in values) if rule is not None]
        gone = {rule.value for rule in found}
        lost = len(ids) + len(values) - len(gone)
        if not dry:
            self.rules = {value: rule for value, rule in self.rules.items() if value not in gone}
        told = "One or more parameters to your request was invalid."
        said = [{"message": "Rule does not exist", "parameters": {}}]
        errors = [problem("invalid-request", "Invalid Request", told, errors=said) for _ in range(lost)]
        return _told([], errors, {"deleted": len(gone), "not_deleted": lost})


def _told(data: list[dict[str, str]], errors: list[dict[str, object]], summary: dict[str, int]) -> web.Response:
    body: dict[str, Any] = {"meta": {"sent": x_wire.now(), "summary": summary}}
    if data:
        body["data"] = data
    if errors:
        body["errors"] = errors
    return web.json_response(body)
