"""What is true: settings, tables, migrations and state changes. Nothing else writes tables."""
