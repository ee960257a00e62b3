"""tocsin names the professional accounts that somebody else is using to read people's records in bulk."""

__version__ = "0.1.0"
