"""The report as people and programs read it: terminal, HTML, CSV, JSON."""
