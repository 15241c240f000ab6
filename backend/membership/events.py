import msgspec


class MemberAdmitted(msgspec.Struct, frozen=True):
    """Somebody became a member, or a member again. Not sent for rows of an imported roll."""

    member_id: int


class MemberStatusChanged(msgspec.Struct, frozen=True):
    member_id: int
    from_status: str
    to_status: str


class RollImportRequested(msgspec.Struct, frozen=True):
    import_id: int


class RollImportFinished(msgspec.Struct, frozen=True):
    """The report is complete, or the sheet turned out to be unusable."""

    import_id: int
