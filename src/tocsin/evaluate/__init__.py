"""How good a report is: what it found of attacks whose truth is known, how soon, and whom it named wrongly."""

from tocsin.evaluate.alerts import Alerts, read_report
from tocsin.evaluate.exposed import ListScore, listed
from tocsin.evaluate.score import Score, score
from tocsin.evaluate.truth import Truth, read_truth

__all__ = ["Alerts", "ListScore", "Score", "Truth", "listed", "read_report", "read_truth", "score"]
