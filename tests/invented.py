"""An error that nobody has thought of: the database itself refuses one row of one table, until it is healed."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.database import db, is_sqlite


@contextmanager
def breaks(table: str, event: str, when: str) -> Iterator[None]:
    """As long as this lasts an INSERT or UPDATE of rows like these (by OLD and NEW) raises what no code of ours names."""
    if is_sqlite():
        db.execute_sql(
            f"CREATE TRIGGER invented BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'invented'); END"
        )
    else:
        db.execute_sql(
            "CREATE FUNCTION invented() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'invented'; END $$ LANGUAGE plpgsql"
        )
        db.execute_sql(
            f"CREATE TRIGGER invented BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION invented()"
        )
    try:
        yield
    finally:
        if is_sqlite():
            db.execute_sql("DROP TRIGGER invented")
        else:
            db.execute_sql("DROP FUNCTION invented() CASCADE")
