"""What is added to an event from outside the log: the calendar, networks, the parts of an identifier."""
