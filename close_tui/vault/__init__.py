"""The vault: one SQLite file of metadata and sealed secrets, and the key that opens them.

Metadata is readable at once; secrets only after the vault was unlocked with its age identity.
Imports nothing, so that a front end pays only for the part that it uses.
"""
