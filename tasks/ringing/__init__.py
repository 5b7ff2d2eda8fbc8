"""How bells are carried, and what is done where Redis carries none."""
