"""X Chat, X's encrypted direct messages: an account's keys, and what is written with them, by X's own library."""
