"""What a schedule calls: rows that nobody can use any more."""

from datetime import timedelta

from backend.core import clock, database
from backend.core.command import command


@command
async def forget_expired() -> int:
    """Delete sessions that ended by themselves and codes of yesterday; how many rows went."""
    now = clock.now()
    sessions = await database.execute("DELETE FROM session_row WHERE expires_at < %s OR idle_until < %s", now, now)
    codes = await database.execute("DELETE FROM sign_in_code WHERE expires_at < %s", now - timedelta(days=1))
    return sessions + codes
