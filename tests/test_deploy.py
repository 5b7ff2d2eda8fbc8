"""What is deployed with: each file is parsed, agrees with the Procfile and the settings, and what it runs is run here."""

import json
import os
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from fnmatch import fnmatch
from pathlib import Path

import compose_spec
import dockerfile
import pytest
import yaml

from bot.service import procfile
from bot.web import CALLBACK_PATH, WEBHOOK_PATH
from models.settings import Settings
from sandbox.stage import ROOT

FLOORS = ("engine", "models", "tasks", "bot")
SETTINGS = {name.upper() for name in Settings.model_fields}
PROCESSES = procfile()
IMAGE = dockerfile.parse_file(str(ROOT / "Dockerfile"))


def said_of(instruction: str) -> list[tuple[str, ...]]:
    """What the last stage of the image says by this instruction."""
    begins = max(n for n, command in enumerate(IMAGE) if command.cmd == "FROM")
    return [command.value for command in IMAGE[begins:] if command.cmd == instruction]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the image has, as `.dockerignore` lets them through."""
    app = tmp_path_factory.mktemp("image")
    let_through = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for *sources, to in (command.value for command in IMAGE if command.cmd == "COPY" and not command.flags):
        for source in sources:
            assert any(fnmatch(source, shown) for shown in let_through), f"{source} does not come to the build"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, app / to)  # with what is compiled, which costs seconds
            else:
                shutil.copy(ROOT / source, app / to)
    return app


def run(image: Path, *command: str, **environment: str) -> tuple[int, str]:
    """A command of the image's, in its folder; its status, and what it said."""
    bin = Path(sys.executable).parent
    known = {"PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "DATA_DIR": str(image / "data"), "HOME": str(image)}
    done = subprocess.run(
        command, cwd=image, env={**known, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_the_image_has_every_floor_that_a_process_imports_and_no_secret(image: Path) -> None:
    assert {path.name for path in image.iterdir()} >= {*FLOORS, "Procfile", "pyproject.toml"}
    assert not {".env", "data", "sandbox", "tests"} & {path.name for path in image.iterdir()}
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()  # nothing comes to the build but what is named


def test_the_image_s_own_command_runs_and_says_what_is_missing(image: Path) -> None:
    assert said_of("CMD") == [("python", "-m", "bot", "run")]
    status, told = run(image, *said_of("CMD")[0])
    assert status == 2
    assert all(name in told for name in ("TELEGRAM_TOKEN", "X_CLIENT_ID", "X_BEARER_TOKEN", "Example:"))


def test_the_image_runs_as_nobody_who_may_do_much_and_is_asked_how_it_is() -> None:
    assert said_of("USER") == [("canales",)]
    assert said_of("STOPSIGNAL") == [("SIGTERM",)]
    *_, asked = said_of("HEALTHCHECK")[0]
    compile(asked, "healthcheck", "exec")
    assert "/livez" in asked
    environment = said_of("ENV")[0]
    assert {"DATA_DIR", "PORT"} <= set(environment[::2])
    assert set(environment[::2]) - {"PATH", "PYTHONUNBUFFERED"} <= SETTINGS


def test_compose_has_each_process_of_the_procfile_as_it_stands_there() -> None:
    text = (ROOT / "compose.yaml").read_text()
    told = yaml.safe_load(text)
    compose_spec.PyCompose.from_yaml(yaml.safe_dump(told)).validate()  # of merged keys it knows nothing
    services = told["services"]
    assert {name: services[name]["command"] for name in PROCESSES} == PROCESSES
    assert set(services) - set(PROCESSES) == {"postgres", "redis", "proxy"}
    for name in PROCESSES:
        environment = services[name]["environment"]
        assert set(environment) <= SETTINGS
        Settings(**{key.lower(): value for key, value in environment.items()})
        waits = services[name]["depends_on"]
        assert name == "release" or waits["release"] == {"condition": "service_completed_successfully"}
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert needed == {"POSTGRES_PASSWORD", "SECRET_KEY"}
    assert {mount.partition(":")[0] for s in services.values() for mount in s.get("volumes", ())} == {
        *told["volumes"], "./deploy/Caddyfile",
    }  # fmt: skip


def test_compose_publishes_nothing_but_the_proxy_and_the_own_machine() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    published = {name: s["ports"] for name, s in services.items() if "ports" in s}
    assert set(published) == {"web", "proxy"}
    assert all(str(port).startswith("127.0.0.1:") for port in published["web"])


def test_app_json_asks_for_what_a_service_needs_and_runs_each_process() -> None:
    told = json.loads((ROOT / "app.json").read_text())
    assert set(told["env"]) <= SETTINGS
    assert set(told["formation"]) == set(PROCESSES) - {"release"}
    required = {name for name, value in told["env"].items() if value.get("required", True)}
    missing = {line.split()[0] for line in Settings(x_client_id="").missing_for_service()}
    assert missing | {"SECRET_KEY", "REDIS_URL", "X_CLIENT_SECRET"} == required
    assert all(value["description"].endswith(".") for value in told["env"].values())


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit's sections, each key with all its values."""
    parsed = RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",), dict_type=dict)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (ROOT / "deploy" / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(key, []).append(value)
    return found


def test_the_units_run_what_stands_here_and_end_it_in_time(tmp_path: Path) -> None:
    service = unit("canales.service")["Service"]
    assert service["ExecStart"] == ["/opt/canales/.venv/bin/python -m bot run"]
    assert service["KillMode"] == ["mixed"]  # SIGTERM to the first, who ends the others
    assert int(service["TimeoutStopSec"][0]) > 10
    backup = unit("canales-backup.service")["Service"]
    assert " -m bot backup " in backup["ExecStart"][0]
    for name in ("WorkingDirectory", "User", "StateDirectory"):
        assert service[name] == backup[name]
    if shutil.which("systemd-analyze"):
        for file in (ROOT / "deploy").glob("canales*.[st]*"):
            python = str(Path(sys.executable).absolute())
            (tmp_path / file.name).write_text(file.read_text().replace("/opt/canales/.venv/bin/python", python))
        verified = subprocess.run(
            ["systemd-analyze", "verify", *map(str, tmp_path.glob("canales*"))], capture_output=True, text=True
        )
        assert (verified.returncode, [line for line in verified.stderr.splitlines() if "canales" in line]) == (0, [])


def test_the_proxy_lets_through_what_comes_from_telegram_and_x_and_nothing_else() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    shown = re.findall(r"^\t@theirs path (.+)$", text, re.MULTILINE)[0].split()
    asked = {WEBHOOK_PATH: True, CALLBACK_PATH: True, "/healthz": False, "/livez": False, "/metrics": False, "/": False}
    assert {path: any(fnmatch(path, pattern) for pattern in shown) for path in asked} == asked
    if caddy := shutil.which("caddy"):
        subprocess.run(
            [caddy, "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy/Caddyfile")], check=True
        )
