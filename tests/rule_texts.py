"""The smallest rule files, and how tests load texts."""

from tocsin.rules.load import load_rules

LOOKUP = """\
title: Record lookup
name: lookup
logsource: {category: record_access}
detection:
  selection: {kind: lookup}
  condition: selection
"""


def load(tmp_path, *texts):
    """Load texts as rule files of their own."""
    paths = []
    for number, text in enumerate(texts):
        path = tmp_path / f"r{number}.yml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return load_rules(paths)
