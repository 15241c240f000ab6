"""`union`: the one command line. Each subcommand calls a function that lives where its subject lives."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from tortoise.exceptions import DBConnectionError, OperationalError

from backend import bindings
from backend.aid import condolence_files, hardship_lines, plan_files
from backend.bindings import plan_names
from backend.casework import catalogue
from backend.core import backup, metrics, rotation, schema, standalone
from backend.core.errors import AppError
from backend.core.settings import Settings, SettingsError, load_settings, secrets_path, write_secrets
from backend.demo import county, places
from backend.demo.bulk import build as bulk
from backend.grading import scheme_files
from backend.home import administration, doctor, straight_run
from backend.home.sealed import SEALED_COLUMNS
from backend.payments import layout_files, programmes
from backend.startup import start, stop

APP = "backend.app:app_from_environment"

DEMO_GREETING = """
数字工会已就绪 / the union is ready:  {url}
  工会窗口 / staff desk:              {url}/desk
  演示账号 / demo staff:  demo-unit  demo-town  demo-county  demo-admin  demo-finance  demo-cashier  demo-merchant
  口令 / password:        union-demo
按 Ctrl-C 结束 / press Ctrl-C to stop
"""


def run(settings: Settings, args: argparse.Namespace) -> int:
    greeting, steps = f"{settings.base_url} 已就绪 / is ready", [["migrate"]]
    if settings.is_demo:
        greeting = DEMO_GREETING.format(url=settings.base_url)
        steps.append(["demo", "--if-empty"])
    return standalone.run(settings, steps=steps, greeting=greeting, follow_make=args.follow_make)


def serve(settings: Settings, args: argparse.Namespace) -> int:
    metrics.forget_ended(metrics.folder_of(settings.data_dir))
    uvicorn.run(
        APP,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.web_processes,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=args.grace,
    )
    return 0


def worker(settings: Settings, args: argparse.Namespace) -> int:
    """The worker takes over this process: the web side never imports the workers."""
    os.execv(sys.executable, [sys.executable, "-m", "workers"])


def migrate(settings: Settings, args: argparse.Namespace) -> int:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(schema.migrate(settings.database))
    return 0


def save(settings: Settings, args: argparse.Namespace) -> int:
    print(backup.backup(settings, args.file))
    return 0


def restore(settings: Settings, args: argparse.Namespace) -> int:
    backup.restore(settings, args.file)
    return 0


def build_demo(settings: Settings, args: argparse.Namespace) -> int:
    async def build() -> int:
        empty = await county.is_empty()
        if args.if_empty and not empty:
            return 0
        if not settings.is_demo:
            raise SettingsError("the demo county is built only where environment is demo")
        if empty:
            await county.build()
        elif not args.members:
            raise SettingsError("there is a county already: --members and --cases make it larger")
        if args.members:
            await bulk.build(settings, members=args.members, cases=args.cases, say=lambda text: print(text, flush=True))
        return 0

    return _with_product(settings, build)


def invent_people(settings: Settings, args: argparse.Namespace) -> int:
    for _ in range(args.count):
        print("  ".join(places.stranger()))
    return 0


def show_catalogue(settings: Settings, args: argparse.Namespace) -> int:
    if args.action == "straight-through":
        return _with_product(settings, lambda: straight_run.show(args.slug, args.days))
    folder = settings.config_dir
    problems = [
        *catalogue.check(folder, bindings.BINDINGS),
        *scheme_files.check(folder),
        *plan_files.check(folder),
        *condolence_files.check(folder),
        *hardship_lines.check(folder),
        *programmes.check(folder),
        *layout_files.check(folder),
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        bindings.load(settings)
        plan_files.load(folder)
        problems = plan_names.problems(catalogue.current(), plan_files.current())
        print("".join(f"{problem}\n" for problem in problems), end="", file=sys.stderr)
    if args.action == "show" and not problems:
        print(catalogue.summary())
    return 1 if problems else 0


def examine(settings: Settings, args: argparse.Namespace) -> int:
    async def look() -> int:
        findings = await doctor.examine()
        for finding in findings:
            print(f"{finding.check}: {finding.count} ({', '.join(finding.examples)})")
        for warning in await doctor.warnings():
            print(f"note: {warning}")
        print("everything holds" if not findings else f"{len(findings)} checks do not hold")
        return 1 if findings else 0

    return _with_product(settings, look)


def found(settings: Settings, args: argparse.Namespace) -> int:
    """The top of the tree of a fresh place; every other union is made at the desk."""

    async def make() -> int:
        print(await administration.found(args.name, args.level, args.division or settings.county_division))
        return 0

    return _with_product(settings, make)


def add_staff(settings: Settings, args: argparse.Namespace) -> int:
    """The first administrator of a fresh place, or a staff member of the union named."""

    async def add() -> int:
        made = await administration.create_staff(args.username, args.display, args.union, args.role)
        print(f"{made.username}: first password {made.first_password} (shown once)")
        return 0

    return _with_product(settings, add)


def keys(settings: Settings, args: argparse.Namespace) -> int:
    if args.action == "new":
        path = secrets_path(settings)
        write_secrets(path)
        print(f"wrote {path}")
        return 0

    async def rotate() -> int:
        for column, changed in (await rotation.rotate(SEALED_COLUMNS)).items():
            print(f"{column}: {changed}")
        return 0

    return _with_product(settings, rotate)


def _with_product(settings: Settings, work: Callable[[], Awaitable[int]]) -> int:
    """Run `work` with everything loaded and connected."""

    async def whole() -> int:
        await start(settings)
        try:
            return await work()
        except AppError as exc:
            print(f"union: {exc.detail}", file=sys.stderr)
            return 1
        finally:
            await stop()

    return asyncio.run(whole())


@dataclass(frozen=True)
class Command:
    call: Callable[[Settings, argparse.Namespace], int]
    help: str
    options: dict[str, dict[str, Any]] = field(default_factory=dict)


COMMANDS = {
    "run": Command(
        run,
        "everything on this machine: Redis, web and worker, in the foreground",
        {"--follow-make": {"action": "store_true", "help": "stop when the `make` above is interrupted"}},
    ),
    "serve": Command(
        serve,
        "the web processes alone",
        {"--grace": {"type": int, "default": 10, "help": "seconds for running requests at shutdown"}},
    ),
    "worker": Command(worker, "one worker process"),
    "migrate": Command(migrate, "bring the database to the newest schema"),
    "backup": Command(
        save,
        "write database, files and keys into one archive",
        {"file": {"type": Path, "help": "a name ending in .tar.gz"}},
    ),
    "demo": Command(
        build_demo,
        "build the demo county",
        {
            "--if-empty": {"action": "store_true", "help": "only into an empty database"},
            "--members": {"type": int, "default": 0, "help": "make it a large county of so many members"},
            "--cases": {"type": int, "default": 0, "help": "and so many cases"},
        },
    ),
    "people": Command(
        invent_people,
        "invent people to try the demo with: name, identity number, phone",
        {"--count": {"type": int, "default": 5}},
    ),
    "catalogue": Command(
        show_catalogue,
        "count the flows and functions, check their files, or try the rules of a service on its past cases",
        {
            "action": {"nargs": "?", "choices": ["show", "check", "straight-through"], "default": "show"},
            "slug": {
                "nargs": "?",
                "default": "",
                "help": "of straight-through: the service",
            },
            "--days": {"type": int, "default": 90, "help": "of straight-through: how far back"},
        },
    ),
    "doctor": Command(examine, "check every invariant of the data"),
    "found": Command(
        found,
        "make the union at the top of the tree of a fresh place",
        {
            "name": {"help": "its full name"},
            "--level": {"choices": ["county", "city", "province"], "default": "county"},
            "--division": {"help": "six digits; the county of the settings when left out"},
        },
    ),
    "staff": Command(
        add_staff,
        "create a staff account",
        {
            "action": {"choices": ["create"]},
            "username": {},
            "display": {"help": "the person's name"},
            "--union": {"default": "", "help": "the union's name; the top of the tree when left out"},
            "--role": {"default": "admin"},
        },
    ),
    "keys": Command(
        keys, "make a secrets file, or re-encrypt with its active key", {"action": {"choices": ["new", "rotate"]}}
    ),
    "restore": Command(restore, "bring an archive back into an empty place", {"file": {"type": Path}}),
}


def parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, metavar="FOLDER", help="where the data lives (UNION_DATA_DIR)")
    common.add_argument("--host", help="the address to listen on (UNION_HOST)")
    common.add_argument("--port", type=int, help="the port to listen on (UNION_PORT)")
    top = argparse.ArgumentParser(prog="union", description="An open digital union / 数字工会")
    subcommands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub = subcommands.add_parser(name, help=command.help, parents=[common])
        for option, keywords in command.options.items():
            sub.add_argument(option, **keywords)
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    os.umask(0o077)  # databases, keys, uploads and logs are for their owner alone
    given = {"UNION_DATA_DIR": args.data and args.data.resolve(), "UNION_HOST": args.host, "UNION_PORT": args.port}
    # The web processes and the worker read the environment too.
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    try:
        return COMMANDS[args.command].call(load_settings(), args)
    except (SettingsError, backup.BackupError) as exc:
        print(f"union: {exc}", file=sys.stderr)
        return 2
    except DBConnectionError:
        print("union: the database does not answer, or refuses this user; see UNION_DATABASE_URL", file=sys.stderr)
        return 2
    except OperationalError as exc:
        print(f"union: the database refused: {exc}\nIs the schema there, by `union migrate`?", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
