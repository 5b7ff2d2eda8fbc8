"""X's side of watching: its searches and rules, the filtered stream, lists and timelines."""
