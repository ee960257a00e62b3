"""Keeps people's identities out of whatever is stored or shown."""
