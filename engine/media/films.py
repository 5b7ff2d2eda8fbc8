"""What a video is made of, read by MediaInfo without playing it. Only who is sent a video pays for the library."""

from io import BytesIO
from typing import Any

from engine.media.limits import BadMedia, Film, Wrong


def read(content: bytes) -> Film | None:
    """What stands in it; None where it can't be read, or the library is not there. Raises BadMedia for sound alone."""
    try:
        from pymediainfo import MediaInfo

        tracks = MediaInfo.parse(BytesIO(content)).tracks
    except (ImportError, OSError, RuntimeError, ValueError, SyntaxError):
        return None
    video = next((t for t in tracks if t.track_type == "Video"), None)
    audio = next((t for t in tracks if t.track_type == "Audio"), None)
    if video is None:
        if audio is not None:
            raise BadMedia(Wrong.SOUND, what=str(audio.format or ""))
        return None
    milliseconds = _number(video.duration)
    return Film(
        width=_whole(video.width),
        height=_whole(video.height),
        seconds=milliseconds / 1000 if milliseconds is not None else None,
        rate=_number(video.frame_rate),
        codec=str(video.format or ""),
        colours=str(video.chroma_subsampling or "").partition(" ")[0],
        scan=str(video.scan_type or ""),
        pixel_ratio=_number(video.pixel_aspect_ratio),
        audio=_audio(audio),
        channels=_whole(audio.channel_s) if audio is not None else None,
        is_cut=any(t.track_type == "General" and t.istruncated == "Yes" for t in tracks),
    )


def _audio(track: Any) -> str:
    """The sound's format with its profile; AAC whose profile nobody names is taken for the usual one."""
    if track is None:
        return ""
    return f"{track.format} {track.format_additionalfeatures or ('LC' if track.format == 'AAC' else '')}".strip()


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 2**31 else None
