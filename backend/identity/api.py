"""JSON doors of sign-in, one's own sessions and consents."""

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from backend.identity import api_relatives, commands, queries
from backend.identity.schemas import (
    CodeAnswer,
    CodeRequest,
    ConsentInput,
    ConsentsView,
    PhoneSignIn,
    SessionAnswer,
    SessionLine,
    StaffSignIn,
)
from backend.web.access import PUBLIC, SIGNED_IN, CurrentActor
from backend.web.client import CurrentClient
from backend.web.cookies import CLEAR_SITE_DATA, ended_session_cookie, session_cookie

# Also for staff who still have to set a password or enrol a second factor.
_ANY_SESSION = SIGNED_IN | {"pending": True}


@post("/auth/sms-codes", opt=PUBLIC, status_code=202)
async def request_code(data: JSONBody[CodeRequest], client: CurrentClient) -> CodeAnswer:
    """Send a sign-in code. The answer is the same whether or not the phone is known."""
    return await commands.request_code(data.phone, client)


@post("/auth/sessions", opt=PUBLIC, status_code=201)
async def open_session(
    data: JSONBody[PhoneSignIn], client: CurrentClient, actor: CurrentActor
) -> Response[SessionAnswer]:
    """Exchange a code for a session; the account is made on first use."""
    return _signed_in(await commands.open_session(data.phone, data.code, client, replaces=actor.session_id))


@post("/auth/staff/sessions", opt=PUBLIC, status_code=201)
async def open_staff_session(
    data: JSONBody[StaffSignIn], client: CurrentClient, actor: CurrentActor
) -> Response[SessionAnswer]:
    """Sign in by user name and password, with the one-time code of the second factor where one is enrolled."""
    answer = await commands.open_staff_session(
        data.username, data.password, data.otp, client, replaces=actor.session_id
    )
    return _signed_in(answer)


def _signed_in(answer: SessionAnswer) -> Response[SessionAnswer]:
    cookie = session_cookie(answer.access_token, max_age=answer.expires_in)
    return Response(answer, status_code=201, cookies=[cookie])


@delete("/auth/sessions/current", opt=_ANY_SESSION, status_code=204)
async def sign_out(actor: CurrentActor) -> Response[None]:
    """End this session; its token is dead at once."""
    await commands.end_current_session(actor)
    return Response(None, status_code=204, cookies=[ended_session_cookie()], headers=CLEAR_SITE_DATA)


@get("/me/sessions", opt=SIGNED_IN)
async def list_sessions(actor: CurrentActor) -> list[SessionLine]:
    """The devices on which this account is signed in."""
    return await queries.sessions_of(actor)


@delete("/me/sessions/{session:str}", opt=SIGNED_IN, status_code=204)
async def end_session(session: FromPath[str], actor: CurrentActor) -> None:
    await commands.end_session(session, actor)


@delete("/me/sessions", opt=SIGNED_IN, status_code=204)
async def end_other_sessions(actor: CurrentActor) -> None:
    """Sign out everywhere else."""
    await commands.end_other_sessions(actor)


@get("/me/consents", opt=SIGNED_IN)
async def list_consents(actor: CurrentActor) -> ConsentsView:
    """The texts in force, and what this account agreed to."""
    return await queries.consents_of(actor)


@post("/me/consents", opt=SIGNED_IN, status_code=201)
async def give_consent(data: JSONBody[ConsentInput], actor: CurrentActor) -> ConsentsView:
    await commands.give_consent(data.kind, data.text_version, channel="api", actor=actor)
    return await queries.consents_of(actor)


@delete("/me/consents/{kind:str}", opt=SIGNED_IN, status_code=204)
async def withdraw_consent(kind: FromPath[str], actor: CurrentActor) -> None:
    await commands.withdraw_consent(queries.consent_kind(kind), actor)


routes = [
    request_code,
    open_session,
    open_staff_session,
    sign_out,
    list_sessions,
    end_session,
    end_other_sessions,
    list_consents,
    give_consent,
    withdraw_consent,
    *api_relatives.routes,
]
