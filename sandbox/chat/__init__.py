"""X Chat in the sandbox: people with real keys, and conversations that are truly encrypted by X's own library."""
