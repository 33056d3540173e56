"""How fast scripts fetch, verify and report, beside what archives hand out and what users have."""
