"""What was spent before there was a ledger: of tweets, and of days that were summed up, as the days of it."""

from typing import Any

EARLIER = """
INSERT INTO charge_day (channel, slot, kind, count, cost)
SELECT channel_id, day * 96, kind, SUM(n), SUM(cost) FROM (
    SELECT channel_id, sent_at / 86400000000 AS day, CASE form WHEN 'repost' THEN 'repost' ELSE 'post' END AS kind,
        1 AS n, cost
    FROM tweet WHERE sent_at IS NOT NULL AND cost > 0
    UNION ALL SELECT channel_id, day, 'post', said, cost FROM channel_day WHERE cost > 0
) AS spent GROUP BY channel_id, day, kind
"""


def up(migrator: Any, db: Any) -> None:
    db.execute_sql(EARLIER)
    migrator.migrate(migrator.drop_column("channel_day", "cost"))
