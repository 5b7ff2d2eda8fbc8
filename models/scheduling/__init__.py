"""Schedules, planning, the queue."""
