"""Tells a list of users that says who is licensed, under the many spellings the flag has."""

from groundswell.sources._csv import Columns, Table

LICENCES: Columns = {
    "user": ("userPrincipalName", "User Principal Name", "UPN"),
    "flag": (
        "Has Copilot license",
        "Has Copilot licence",
        "HasCopilot",
        "Copilot license",
        "Copilot licence",
        "Copilot licensed",
        "Is Copilot licensed",
        "M365 Copilot license",
        "Microsoft 365 Copilot license",
        "Copilot enabled",
        "Has license",
        "Has licence",
        "Is licensed",
    ),
    "licences": ("assignedLicenses", "Assigned licenses", "Licenses", "Licences", "SkuPartNumbers"),
}


def has_licences(table: Table) -> bool:
    """True for a table of users by principal name with a licence flag or a list of licences, and nothing about activity."""
    if not table.has(LICENCES, "user") or not (table.has(LICENCES, "flag") or table.has(LICENCES, "licences")):
        return False
    return not any("lastactivity" in name.casefold().replace(" ", "") for name in table.header)
