"""Tuning a region by replay: what every value of a threshold would have meant on the nights that are known."""
