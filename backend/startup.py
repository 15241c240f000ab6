"""What every process does before it works and when it ends: web, worker and command line alike."""

import structlog
from tortoise.exceptions import OperationalError

from backend import bindings
from backend.aid import condolence_files, hardship_lines, plan_files
from backend.bindings import plan_names
from backend.casework import standing_phrases
from backend.channels import sms
from backend.core import command, crypto, database, doorbell, errors, ids, reference, sequences
from backend.core.settings import Settings, load_keyring
from backend.grading import scheme_files
from backend.home.dissolution import what_still_depends
from backend.identity import texts
from backend.notifications import templates
from backend.payments import layout_files, programmes
from backend.unions import commands as unions
from backend.unions import roles
from backend.web import limits

log = structlog.get_logger(__name__)


async def start(settings: Settings) -> None:
    """Load what is loaded once, connect to the database and, where there is one, to Redis."""
    errors.load_messages(settings.config_dir)
    crypto.configure(load_keyring(settings))
    reference.load(settings)
    roles.load(settings.config_dir)
    standing_phrases.load(settings.config_dir)
    texts.load(settings.config_dir)
    unions.use_dissolution_check(what_still_depends)
    limits.configure(settings)
    sms.configure(settings)
    scheme_files.load(settings.config_dir)
    condolence_files.load(settings.config_dir)
    hardship_lines.load(settings.config_dir)
    plan_files.load(settings.config_dir)
    programmes.load(settings.config_dir)
    layout_files.load(settings.config_dir)
    bindings.load(settings)
    plan_names.require_agreement()
    templates.load(settings.config_dir)
    await database.connect(settings.database)
    await _take_number()
    if settings.redis_url:
        await doorbell.connect_redis(settings.redis_url)


async def _take_number() -> None:
    """So that no two processes make the same identifier. One that starts before its database does goes by chance."""
    try:
        ids.use_process(await sequences.process_number())
    except (errors.AppError, OperationalError) as exc:
        log.warning("start.no_process_number", error=type(exc).__name__)


async def stop() -> None:
    """Let running commands end, then disconnect."""
    await command.drain()
    await limits.close()
    await sms.close()
    await doorbell.disconnect()
    await database.disconnect()
