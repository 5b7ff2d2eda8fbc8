"""Files that a person brings: one flow for whatever they hold. It knows no wing; the wings declare their formats."""
