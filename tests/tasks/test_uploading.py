"""Bringing media to X: what the end of the process meets in the middle goes on at once in the next."""

from datetime import timedelta

import pytest
from huey.consumer import Consumer

from engine import posts
from engine.media import MediaKind
from engine.x.client import XSession
from models.database import rest
from models.publishing import media, placing
from models.publishing.media import Upload, UploadStatus
from models.settings import Settings, settings
from tasks import accounts
from tasks import media as bringing
from tasks.clock import now
from tasks.queues import publishing
from tests.tasks.nearby_x import nearby_x, sign_in


def test_an_upload_that_the_end_of_the_process_meets_is_given_back(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nearby_x(monkeypatch) as sandbox:
        channel = sign_in(sandbox, "TraficoValle", scopes="media.write")
        kept = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", now())
        thread = (posts.Post("la plaza", (posts.Attachment(kept, MediaKind.PHOTO, ""),)),)
        placing.say_now(channel.id, 7, thread, now(), fresh=timedelta(hours=1))
        (upload_id,) = media.due(now())
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        with monkeypatch.context() as ending:
            ending.setattr(publishing, "consumer", Consumer(publishing, workers=1, periodic=False))
            assert publishing.consumer is not None
            publishing.consumer.stop_flag.set()
            bringing.upload(upload_id)
        given_back = Upload.get_by_id(upload_id)
        assert (given_back.status, given_back.attempts, media.due(now())) == (UploadStatus.WANTED, 0, [upload_id])
        bringing.upload(upload_id)
        assert Upload.get_by_id(upload_id).status == UploadStatus.READY
