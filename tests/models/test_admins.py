"""Who runs the service: whom ADMIN_IDS names and who became it; the first one by a link, once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from models import database
from models.accounts import admins
from models.accounts.admins import Admin, AdminLink
from models.settings import Settings, settings
from tests.conftest import NOW

ANA, BEN, EVA = 7, 8, 9


@pytest.fixture(autouse=True)
def nobody_named(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "admin_ids", ())


def test_the_first_who_brings_the_link_of_the_first_start_is_it_and_nobody_after() -> None:
    code = admins.first_code(NOW)
    assert code is not None
    assert AdminLink.get().code_hash != code  # only its hash is kept
    assert not admins.become_first("somebody's guess", EVA, NOW)
    assert admins.become_first(code, ANA, NOW)
    assert not admins.become_first(code, BEN, NOW)
    assert admins.ids() == [ANA]
    assert admins.is_admin(ANA)
    assert not admins.is_admin(BEN)
    assert admins.first_code(NOW) is None
    assert not AdminLink.select().exists()


def test_each_start_prints_its_own_link_and_one_of_all_counts() -> None:
    codes = [admins.first_code(NOW) or "" for _ in range(admins.MOST_LINKS + 3)]
    assert AdminLink.select().count() == admins.MOST_LINKS

    def brings(given: tuple[int, str]) -> bool:
        try:
            return admins.become_first(given[1], given[0], NOW)
        finally:
            database.forget_connection()

    with ThreadPoolExecutor(4) as at_once:
        won = list(at_once.map(brings, enumerate(codes[-4:], start=ANA)))
    assert won.count(True) == 1
    assert Admin.select().count() == 1


def test_where_admin_ids_names_somebody_no_link_makes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    code = admins.first_code(NOW) or ""
    monkeypatch.setattr(settings(), "admin_ids", (BEN,))
    assert not admins.become_first(code, EVA, NOW)
    assert admins.first_code(NOW) is None
    assert admins.make(ANA, BEN, NOW)
    assert not admins.make(BEN, ANA, NOW)
    assert admins.ids() == [BEN, ANA]


def test_the_last_one_stays() -> None:
    assert admins.make(ANA, ANA, NOW)
    assert not admins.unmake(ANA)
    assert admins.make(BEN, ANA, NOW)
    assert admins.unmake(ANA)
    assert not admins.unmake(BEN)
    assert admins.ids() == [BEN]
