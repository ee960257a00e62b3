"""From surprises and rule hits to a short list of names, each with its reasons."""
