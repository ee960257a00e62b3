"""Cases: what the nights put before a person, and what persons decided."""
