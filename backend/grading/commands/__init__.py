from backend.grading.commands.enrolling import enrol, open_period, self_score
from backend.grading.commands.managing import mark_absent, set_panel, set_time_in_post, set_town_assessor, set_veto
from backend.grading.commands.objections import appeal, reply
from backend.grading.commands.publishing import publish
from backend.grading.commands.sheets import recuse, score
from backend.grading.commands.subsidies import issue_certificates, record_subsidies

__all__ = [
    "appeal",
    "enrol",
    "issue_certificates",
    "mark_absent",
    "open_period",
    "publish",
    "record_subsidies",
    "recuse",
    "reply",
    "score",
    "self_score",
    "set_panel",
    "set_time_in_post",
    "set_town_assessor",
    "set_veto",
]
