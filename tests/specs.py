"""The published specs, as something to hold an answer against."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.conftest import SPECS


@cache
def openapi() -> dict[str, Any]:
    spec: dict[str, Any] = json.loads((SPECS / "x-openapi.json").read_text())
    return spec


@cache
def telegram() -> dict[str, Any]:
    spec: dict[str, Any] = json.loads((SPECS / "telegram-bot-api.json").read_text())
    return spec


def wrong_with_x(exchange: dict[str, Any]) -> list[str]:
    """What of an exchange with X does not agree with the spec."""
    route, method = exchange["route"], exchange["method"].lower()
    operation = openapi()["paths"].get(route, {}).get(method)
    if operation is None:
        return [f"{method} {route} is not in the spec"]
    where = f"{exchange['method']} {route} {exchange['status']}"
    problems = []
    parameters = {p["name"]: p for p in map(_resolved, operation.get("parameters", [])) if p["in"] == "query"}
    for name, value in exchange["query"].items():
        if name not in parameters:
            problems.append(f"{where}: unknown query parameter {name}")
            continue
        schema = parameters[name]["schema"]
        given: Any = value.split(",") if schema.get("type") == "array" else value
        given = int(value) if schema.get("type") == "integer" else given
        problems += [f"{where}: {name}: {e.message[:200]}" for e in validator(schema).iter_errors(given)]
    problems += [
        f"{where}: {p['name']} is missing"
        for p in parameters.values()
        if p.get("required") and p["name"] not in exchange["query"]
    ]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        problems += [f"{where}: request: {e.message[:300]}" for e in validator(schema).iter_errors(exchange["request"])]
    if not exchange["response"]:
        return problems
    answer = operation["responses"].get(str(exchange["status"]))
    body = json.loads(exchange["response"])
    if answer is not None:
        schemas = [answer["content"]["application/json"]["schema"]]
    elif exchange["status"] < 400:
        return [*problems, f"{where}: the spec knows no such success"]
    else:
        kind = exchange.get("content_type", "application/json")
        if kind not in operation["responses"]["default"]["content"]:
            return [*problems, f"{where}: no answer of X's is {kind}"]
        schemas = [operation["responses"]["default"]["content"][kind]["schema"]]
    failures = [list(validator(s).iter_errors(body)) for s in schemas]
    if all(failures):
        problems += [f"{where}: response: {e.message[:300]}" for e in failures[0]]
    return problems


def wrong_with_telegram(exchange: dict[str, Any]) -> list[str]:
    """What of a Bot API call does not agree with the spec."""
    method = next((m for n, m in telegram()["methods"].items() if n.lower() == exchange["method_name"].lower()), None)
    if method is None:
        return [f"{exchange['method_name']} is no method of the Bot API"]
    fields = {f["name"]: f for f in method.get("fields", [])}
    problems = [f"{method['name']}: unknown parameter {n}" for n in exchange["request"] if n not in fields]
    problems += [
        f"{method['name']}: {n} is missing"
        for n, f in fields.items()
        if f["required"] and n not in exchange["request"] and n not in ("document", "photo")
    ]
    body = json.loads(exchange["response"])
    if body.get("ok"):
        problems += _wrong_type(method["name"], body["result"], method["returns"])
    elif not {"error_code", "description"} <= set(body):
        problems.append(f"{method['name']}: an error without error_code or description")
    return problems


def wrong_with_update(update: dict[str, Any]) -> list[str]:
    """What of an update does not agree with the spec."""
    return _against("update", update, "Update")


def _wrong_type(where: str, value: Any, types: list[str]) -> list[str]:
    """Required fields are there and typed, as deep as the spec goes."""
    found = [_against(where, value, t) for t in types]
    return [] if not all(found) else found[0]


def _against(where: str, value: Any, kind: str) -> list[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [p for item in value for p in _against(where, item, kind.removeprefix("Array of "))]
    plain: dict[str, Any] = {"Integer": int, "String": str, "Boolean": bool, "True": bool, "Float": (int, float)}
    if kind in plain:
        return [] if isinstance(value, plain[kind]) else [f"{where}: {value!r} is no {kind}"]
    spec = telegram()["types"].get(kind)
    if spec is None or not isinstance(value, dict):
        return [f"{where}: {value!r} is no {kind}"]
    if "subtypes" in spec:
        return _wrong_type(where, value, spec["subtypes"])
    fields = {f["name"]: f for f in spec.get("fields", [])}
    problems = [f"{where}.{n} is not in {kind}" for n in value if n not in fields]
    for name, field in fields.items():
        if name in value:
            problems += _wrong_type(f"{where}.{name}", value[name], field["types"])
        elif field["required"]:
            problems.append(f"{where}.{name} is missing in {kind}")
    return problems


def _resolved(item: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in item:
        return item
    found: Any = openapi()
    for key in item["$ref"].lstrip("#/").split("/"):
        found = found[key]
    return dict(found)


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": openapi()["components"]})
