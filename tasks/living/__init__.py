"""Nothing dies in silence: whoever lives long is watched, and each process says in a row that it lives."""
