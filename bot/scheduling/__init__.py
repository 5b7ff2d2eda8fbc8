"""What the channel will say: schedules, queue, calendar, files."""
