"""The one table that ties names in flow files to functions of the domains. An unbound name stops the start.

`facts`, `outcomes`, `prefills` and `exports` beside it hold the functions; a fact whose domain is not built yet is
`unknown`.
"""

from collections.abc import Mapping
from typing import Any

from backend.aid.intake_enums import Exclusion
from backend.bindings import (
    aid,
    aid_fees,
    benefits,
    condolences,
    exports,
    facts,
    finders,
    grants,
    hardship,
    intakes,
    outcomes,
    prefills,
    renewals,
    visits,
    workers,
)
from backend.casework import catalogue, judging
from backend.casework.protocols import (
    Bindings,
    Check,
    ExportKind,
    Fact,
    Figures,
    Finder,
    Outcome,
    Prefill,
    Question,
    Quote,
    unknown,
)
from backend.casework.queries import export_cases, export_figures, export_papers, export_records, export_rows
from backend.core.settings import Settings
from backend.membership import queries as roll

TRANSFER = "member-transfer"


def load(settings: Settings) -> None:
    """Open the catalogue over these functions."""
    catalogue.load(settings.config_dir, BINDINGS)
    judging.configure(EXPLANATIONS)


OUTCOMES: Mapping[str, Outcome] = {
    "create_member": outcomes.create_member,
    "create_members": outcomes.create_members,
    "change_member": outcomes.change_member,
    "create_union": outcomes.create_union,
    "change_union": outcomes.change_union,
    "open_record": outcomes.open_record,
    "change_record": outcomes.change_record,
    "record_due": outcomes.record_due,
    "open_campaign": outcomes.open_campaign,
    "open_shop": outcomes.open_shop,
    "stop_shop": outcomes.stop_shop,
    "note_fee": aid.note_fee,
    "open_policies": aid.open_policies,
    "open_hardship": hardship.open_hardship,
    "change_hardship": hardship.change_hardship,
    "check_promise": grants.check_promise,
    "check_relief": grants.check_relief,
    "check_award": grants.check_award,
    "check_visits": grants.check_visits,
    "enrol_chair": outcomes.enrol_chair,
    "write_worker": workers.write_worker,
    "train_worker": workers.train_worker,
    "pay_worker_bonus": workers.pay_worker_bonus,
    "grant_benefit": benefits.grant_benefit,
    "raise_benefit": benefits.raise_benefit,
    "grant_condolence": condolences.grant_condolence,
    "note_visit": visits.note_visit,
    "list_in_batch": intakes.list_in_batch,
    "grant_in_batch": intakes.grant_in_batch,
}

FACTS: Mapping[str, Fact] = {
    "worker.age": facts.worker_age,
    "worker.active_membership": facts.worker_active_membership,
    "worker.phone_free": facts.worker_phone_free,
    "worker.in_post": workers.in_post,
    "worker.may_ask": workers.may_ask,
    "worker.grade_fits": workers.grade_fits,
    "worker.promotion": workers.promotion,
    "worker.post_change": workers.post_change,
    "worker.bonus": workers.bonus,
    "applicant.is_subject": facts.applicant_is_subject,
    "applicant.running_alike": facts.running_alike,
    "person.status": facts.person_status,
    "person.honour_verified": unknown,
    "member.status": facts.member_status,
    "member.age": facts.member_age,
    "member.gender": facts.member_gender,
    "member.open_transfer": facts.open_transfer,
    "member.open_hardship_file": facts.open_hardship_file,
    "member.is_delegate": unknown,
    "member.matches_target": unknown,
    "candidate.active_membership": facts.members_of_form,
    "player.active_membership": facts.members_of_form,
    "player.unique_in_event": unknown,
    "realname.verified": unknown,
    "user.role": unknown,
    "org.has_union": facts.org_has_union,
    "org.active_union": facts.org_active_union,
    "org.status": facts.union_status,
    "unit.status": facts.union_status,
    "union.status": facts.union_status,
    "union.has_name": facts.union_has_name,
    "union.nature": facts.union_nature,
    "union.funds_guaranteed": unknown,
    "chair.in_post": unknown,
    "enterprise.verified": unknown,
    "merchant.blacklist": unknown,
    "not_enrolled.plan_period": facts.plan_period_free,
    "policy.status": facts.policy_status,
    "policy.wait_end": facts.policy_wait_end,
    "policy.end_date": facts.policy_end_date,
    "policy.plan": facts.policy_plan,
    "plan.claim_days": benefits.claim_days,
    "claim.force_majeure": benefits.force_majeure,
    "plan.event_fits": benefits.event_fits,
    "plan.in_force": aid_fees.plan_in_force,
    "plan.audience": aid_fees.plan_audience,
    "plan.max_shares": aid_fees.plan_max_shares,
    "plan.window": aid_fees.plan_window,
    "file.status": facts.file_status,
    "invoice.duplicate": facts.invoice_duplicate,
    "aid.temporary": facts.temporary_aid,
    "batch.open": unknown,
    "intake.open": intakes.is_open,
    "batch.quota_left": unknown,
    **{f"exclude.{code.value}": intakes.excludes(code) for code in Exclusion},
    "quota.left": unknown,
    "conflict_check.lawyer_opponent": unknown,
    "service.audience": unknown,
    "booking.no_show": unknown,
    "text.no_discrimination": unknown,
    "salary.min": unknown,
    "region.min_wage": unknown,
    "course.seats_left": unknown,
    "training.free": unknown,
    "event.enrol_open": unknown,
    "event.team_size_max": unknown,
    "leader.honour_verified": unknown,
    "activity.open": unknown,
    "activity.quota_left": unknown,
    "activity.need_unit_confirm": unknown,
    "campaign.open": unknown,
    "campaign.per_limit": unknown,
    "claim.campaign": unknown,
    "voucher.left": unknown,
    "sku.stock": unknown,
}

CHECKS: Mapping[str, Check] = {
    "hardship.suggestion": hardship.suggested_grade,
    "condolence.limit": grants.comforted_before,
}

PREFILLS: Mapping[str, Prefill] = {
    "invite.code": prefills.invite_code,
    "invite.channel": prefills.invite_channel,
    "invite.union": prefills.invite_union,
    "invite.division": prefills.invite_division,
    "account.mobile": prefills.account_mobile,
    "consent.privacy_version": prefills.consent_privacy_version,
    "member.name": prefills.member_name,
    "member.id_no": prefills.member_id_no,
    "member.mobile": prefills.member_mobile,
    "member.union": prefills.member_union,
    "member.division": prefills.member_division,
    "member.employer": prefills.member_employer,
    "policy.number": prefills.policy_number,
    "intake.open": intakes.open_batch,
    **renewals.PREFILLS,
}

QUOTES: Mapping[str, Quote] = {"aid_benefit": benefits.quote_benefit, "aid_fee": aid_fees.quote_fee}
FIGURES: Mapping[str, Figures] = {
    "aid_benefit": benefits.benefit_figures,
    "condolence": condolences.condolence_figures,
    "aid_fee_to_pay": aid_fees.fee_to_pay,
    "aid_fee_to_reconcile": aid_fees.fee_to_reconcile,
}

EXPORT_KINDS: Mapping[str, ExportKind] = {
    "cases": export_cases.KIND,
    "members": exports.MEMBERS,
    "workers": exports.WORKERS,
    "records": export_records.KIND,
    "statistics": export_figures.KIND,
    "rows": export_rows.KIND,
    "attachments": export_papers.KIND,
}
FINDERS: Mapping[str, Finder] = {
    "members.born_this_month": finders.members_born_this_month,
    "members.in_groups": finders.members_in_groups,
}


async def explain_already_member(question: Question) -> dict[str, Any]:
    """Where the membership is, masked, and the way to move it: at a window while the service is not open."""
    transfer = catalogue.current().item(TRANSFER)
    online = transfer is not None and transfer.enabled
    hint = await roll.already_member_hint(question.values.get("id_no", ""), transfer_online=online)
    if hint is None:
        return {}
    return {
        "union": {"name": hint.union.name},
        "status_text": hint.status_text,
        "hint": hint.hint,
        "transfer": f"/services/{TRANSFER}",
        "transfer_online": online,
    }


BINDINGS = Bindings(
    outcomes=OUTCOMES,
    facts=FACTS,
    checks=CHECKS,
    quotes=QUOTES,
    figures=FIGURES,
    prefills=PREFILLS,
    export_kinds=EXPORT_KINDS,
    finders=FINDERS,
)
EXPLANATIONS: Mapping[str, judging.Explain] = {"already_member": explain_already_member}
