"""Appraisals and grades: of the chairs of unions in non-public enterprises, once a year, and of union social workers,
by their service. It owns schemes, rounds, score sheets, results and the register of social workers. It pays nobody,
never renormalises a weight because an assessor is missing, and shows nobody the single sheet of another assessor.
"""
