"""What one Telegram message tells is found by its index, however much a person was told before."""


def up(migrator, db):  # type: ignore[no-untyped-def]
    there = "WHERE telegram_message_id IS NOT NULL"
    db.execute_sql(f"CREATE INDEX notice_telegram_message ON notice (person_id, telegram_message_id) {there}")
