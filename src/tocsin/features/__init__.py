"""What is counted for an account and a night, one file a family of evidence."""
