"""Where events wait between reading and measuring."""
