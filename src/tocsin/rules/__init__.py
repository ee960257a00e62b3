"""Sigma rules: read with places, checked, compiled to columns, and proved by the tests they carry."""
