"""What can be watched on the sandbox's X: the filtered stream with its rules, lists, searches, accounts by name."""
