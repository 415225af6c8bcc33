"""What can be sent to paint, and what cannot: the same doors as the page's."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageCms

from workers.artifacts import FolderStore
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings

Make = Callable[..., Any]
GPS = {1: "N", 2: (48.0, 51.0, 30.0)}


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def bomb(width: int, height: int) -> bytes:
    """A PNG of one colour: half a megabyte that wants half a gigabyte."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + 3 * width)) for _ in range(height)) + packer.flush()
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def with_place(image: Image.Image) -> bytes:
    """A photograph that lies on its side and says where it was taken, in three ways."""
    exif = image.getexif()
    exif[0x0112] = 6  # turn to the right to see it upright
    exif[0x010E] = "my garden"
    exif.get_ifd(0x8825).update(GPS)
    return encoded(image, "JPEG", exif=exif, comment=b"my garden", xmp=b"<x>my garden</x>")


def send(client: FlaskClient, data: dict[str, Any], **how: Any) -> Any:
    return client.post("/api/v1/art", data=data, **how)


@pytest.fixture
def kept(client: FlaskClient, ledger: Ledger, fields: Make, tmp_path: Any) -> Callable[..., Any]:
    """Sends a file as the photograph and gives back what was stored of it."""

    def keep(data: bytes, name: str = "photo.jpg") -> Image.Image:
        answer = send(client, fields(content=(BytesIO(data), name)))
        assert answer.status_code == 202, answer.text
        job = ledger.get(answer.json["id"])
        stored = Image.open(FolderStore(tmp_path / "artifacts").open(job.inputs["content"]))
        stored.load()
        assert (stored.format, stored.mode) == ("JPEG", "RGB")
        return stored

    return keep


def test_a_job_is_made_and_told(
    client: FlaskClient, fields: Make, ledger: Ledger, tmp_path: Any
) -> None:
    answer = send(client, fields(size="256", strength="0.75", seed=7))
    assert answer.status_code == 202
    job = ledger.get(answer.json["id"])
    assert answer.headers["Location"] == f"/api/v1/jobs/{job.id}"
    assert answer.headers["Retry-After"] == "1"
    assert job.options["size"] == 256
    assert job.options["strength"] == 0.75
    assert job.options["seed"] == 7
    assert job.options["painter"] == "merian"
    assert sorted(job.inputs) == ["content", "style-0"]
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jpg")}
    assert files == {f"artifacts/{key}" for key in job.inputs.values()}


def test_a_job_is_exactly_this(painted: dict[str, Any]) -> None:
    links = painted.pop("links")
    base = f"/api/v1/jobs/{painted['id']}"
    assert links == {
        "self": base,
        "events": f"{base}/events",
        "result": None,
        "preview": None,
        "cancel": f"{base}/cancel",
        "page": f"/jobs/{painted['id']}",
        "inputs": {name: f"{base}/inputs/{name}" for name in ("content", "style-0")},
    }
    assert painted.pop("created_at").endswith("Z")
    assert len(painted.pop("id")) == 32
    forecast = painted.pop("forecast")
    assert 5e8 < forecast.pop("memory_bytes") < 2e9
    assert forecast == {"width": 512, "height": 341}
    assert painted == {
        "kind": "art",
        "state": "queued",
        "position": 0,
        "progress": {"step": 0, "steps": 0, "fraction": 0.0, "message": "", "losses": {}},
        "eta_seconds": None,
        "attempt": 0,
        "started_at": None,
        "finished_at": None,
        "error": None,
        "result": None,
        "shared": False,
    }


def test_the_message_is_sent(painted: dict[str, Any], redis: Any) -> None:
    assert redis.llen("merian:broker:slow") == 1


def test_several_styles(client: FlaskClient, fields: Make, jpeg: Make, ledger: Ledger) -> None:
    styles = [(BytesIO(jpeg(64, 32 + 8 * n)), "s.jpg") for n in range(4)]
    answer = send(client, fields(style=styles))
    assert sorted(answer.json["links"]["inputs"]) == ["content", *(f"style-{n}" for n in range(4))]


def test_samples_by_name(client: FlaskClient, app: Flask) -> None:
    samples = app.extensions["merian"].samples.values()
    names = {role: next(s.name for s in samples if s.role == role) for role in ("content", "style")}
    answer = send(
        client, {"content_sample": names["content"], "style_sample": names["style"]},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 202
    sample = app.extensions["merian"].samples[names["content"]]
    stored = Image.open(BytesIO(client.get(answer.json["links"]["inputs"]["content"]).data))
    assert stored.size == (sample.width, sample.height)


# Inputs that must work.


@pytest.mark.parametrize("size", [(16, 16), (17, 400), (400, 17), (301, 200), (1000, 30)])
def test_any_shape(kept: Make, jpeg: Make, size: tuple[int, int]) -> None:
    assert kept(jpeg(*size)).size == size


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF"])
def test_any_usual_format(kept: Make, picture: Make, kind: str) -> None:
    pillow_heif.register_heif_opener()
    stored = kept(encoded(picture(96, 64), kind), "whatever.bin")
    difference = np.abs(np.asarray(stored, int) - np.asarray(picture(96, 64), int))
    assert difference.mean() < (8 if kind == "GIF" else 4)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "LAB"])
def test_any_kind_of_colour(kept: Make, picture: Make, mode: str) -> None:
    image = picture(96, 64)
    if mode == "I;16":
        grey = np.asarray(image.convert("L"), np.uint16) * 257
        image = Image.fromarray(grey)
    elif mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(image, *profiles, outputMode="LAB")
    else:
        image = image.quantize(256) if mode == "P" else image.convert(mode)
    stored = kept(encoded(image, "TIFF" if mode in ("CMYK", "LAB") else "PNG"))
    wanted = np.asarray(picture(96, 64).convert("L"), int)
    found = np.asarray(stored.convert("L"), int)
    if mode == "1":  # dots: the same only from afar
        assert abs(found.mean() - wanted.mean()) < 12
    else:
        assert np.abs(found - wanted).mean() < 6


def test_sixteen_bits_are_scaled_not_clipped(kept: Make) -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (32, 1))
    stored = np.asarray(kept(encoded(Image.fromarray(ramp), "PNG")).convert("L"), int)
    assert np.abs(stored[16] - np.arange(256)).max() <= 3


def test_upright_and_without_a_word_about_place_or_camera(kept: Make, picture: Make) -> None:
    lying = picture(96, 64)
    stored = kept(with_place(lying))
    assert stored.size == (64, 96)
    upright = np.asarray(lying.transpose(Image.Transpose.ROTATE_270), int)
    assert np.abs(np.asarray(stored, int) - upright).mean() < 4
    assert not stored.getexif()
    assert set(stored.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "icc_profile"}
    assert stored.applist is not None
    assert all(b"garden" not in data for _, data in stored.applist)


def test_another_profile_is_converted(kept: Make, picture: Make) -> None:
    """A profile whose red is our blue: the stored picture must look like the original does."""
    image = picture(96, 64)
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    swapped = srgb.replace(b"rXYZ", b"temp").replace(b"bXYZ", b"rXYZ").replace(b"temp", b"bXYZ")
    stored = np.asarray(kept(encoded(image, "PNG", icc_profile=bytes(swapped))), int)
    wanted = np.asarray(image, int)[..., ::-1]
    assert np.abs(stored - wanted).mean() < 6


def test_of_an_animation_the_first_frame(kept: Make) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    stored = kept(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    red, _, blue = np.asarray(stored).mean((0, 1))
    assert red > 200 > 50 > blue


def test_forty_megapixels(kept: Make) -> None:
    assert kept(encoded(Image.new("RGB", (8000, 5000), "teal"), "JPEG")).size == (8000, 5000)


# Inputs that must not: each is refused in a way a person understands, and nothing stays.


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'


def bad_files() -> dict[str, tuple[Callable[[Make], bytes], int, str]]:
    """By name: the file, made from a maker of photographs, the status and the code."""
    return {
        "an empty file": (lambda jpeg: b"", 422, "empty_file"),
        "text named .jpg": (lambda jpeg: b"Once upon a time\n" * 99, 415, "not_a_picture"),
        "a truncated photograph": (lambda jpeg: jpeg(400, 300)[:-2000], 422, "truncated"),
        "only the head of one": (lambda jpeg: jpeg(400, 300)[:100], 422, "truncated"),
        "SVG": (lambda jpeg: SVG, 415, "unsupported_format"),
        "SVG without a prologue": (lambda jpeg: SVG[21:], 415, "unsupported_format"),
        "a PDF": (lambda jpeg: b"%PDF-1.7\n" + bytes(200), 415, "unsupported_format"),
        "a decompression bomb": (lambda jpeg: bomb(13377, 13377), 413, "too_many_pixels"),
        "just too many pixels": (
            lambda jpeg: encoded(Image.new("L", (8001, 5000)), "PNG"), 413, "too_many_pixels",
        ),
        "one pixel": (lambda jpeg: jpeg(1, 1), 422, "too_small"),
        "a thread": (lambda jpeg: jpeg(500, 3), 422, "too_small"),
        "too many bytes": (lambda jpeg: jpeg(64, 64) + bytes(32_000_000), 413, "too_large"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field"), [("SVG", "style"), *((name, "content") for name in bad_files())]
)
def test_a_bad_file_is_refused(
    client: FlaskClient, fields: Make, jpeg: Make, nothing_kept: Make, name: str, field: str
) -> None:
    make, status, code = bad_files()[name]
    answer = send(client, fields(**{field: (BytesIO(make(jpeg)), "photo.jpg")}))
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"] == field
    assert answer.json["status"] == status
    assert answer.json["detail"].endswith((".", "!"))
    nothing_kept()


def test_a_request_over_the_limit(client: FlaskClient, fields: Make, nothing_kept: Make) -> None:
    answer = send(client, fields(content=(BytesIO(bytes(66_000_000)), "photo.jpg")))
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    nothing_kept()


@pytest.mark.parametrize(
    ("entries", "code", "field"),
    [
        ({"size": "63"}, "invalid_option", "size"),
        ({"size": "4160"}, "invalid_option", "size"),
        ({"size": "large"}, "invalid_option", "size"),
        ({"size": "512.5"}, "invalid_option", "size"),
        ({"strength": "1.01"}, "invalid_option", "strength"),
        ({"strength": "nan"}, "invalid_option", "strength"),
        ({"smoothness": "-0.1"}, "invalid_option", "smoothness"),
        ({"painter": "rembrandt"}, "invalid_option", "painter"),
        ({"seed": "-1"}, "invalid_option", "seed"),
        ({"seed": "9" * 5000}, "invalid_option", "seed"),
        ({"colour": "red"}, "invalid_option", "colour"),
        ({"shape": (BytesIO(b"x"), "x.png")}, "invalid_option", "shape"),
        ({"content": "a photo"}, "missing_picture", "content"),
        ({"content": (BytesIO(b""), "")}, "missing_picture", "content"),
        ({"content": (BytesIO(b""), ""), "content_sample": "mona"}, "unknown_sample", "content"),
        ({"style": (BytesIO(b""), ""), "style_sample": "chelsea"}, "unknown_sample", "style"),
        ({"style": [(BytesIO(b"x"), "x.jpg")] * 5}, "too_many_pictures", "style"),
        ({"content": [(BytesIO(b"x"), "x.jpg")] * 2}, "too_many_pictures", "content"),
    ],
)
def test_a_bad_field_is_named(
    client: FlaskClient, fields: Make, nothing_kept: Make, entries: Any, code: str, field: str
) -> None:
    copies = {name: renewed(value) for name, value in entries.items()}
    answer = send(client, fields(**copies))
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.json["field"].removesuffix("_sample") == field
    nothing_kept()


def renewed(value: Any) -> Any:
    """A file that was sent is closed: each test sends its own."""
    if isinstance(value, tuple):
        return (BytesIO(value[0].getvalue()), value[1])
    return [renewed(each) for each in value] if isinstance(value, list) else value


def test_no_pictures_at_all(client: FlaskClient, nothing_kept: Make) -> None:
    answer = send(client, {"size": "512"}, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (422, "missing_picture")
    assert answer.json["field"] == "content"
    nothing_kept()


def test_a_good_photograph_is_not_kept_for_a_bad_painting(
    client: FlaskClient, fields: Make, nothing_kept: Make
) -> None:
    answer = send(client, fields(style=(BytesIO(b"no picture"), "style.jpg")))
    assert answer.status_code == 415
    nothing_kept()


@pytest.mark.parametrize(
    "how",
    [
        {"data": b"", "content_type": "application/json"},
        {"json": {"content": "x"}},
        {"data": {"content": "x"}, "content_type": "application/x-www-form-urlencoded"},
        {},
    ],
)
def test_only_multipart_forms(client: FlaskClient, how: dict[str, Any]) -> None:
    answer = client.post("/api/v1/art", **how)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


def test_a_broken_form_is_no_crash(client: FlaskClient, nothing_kept: Make) -> None:
    answer = client.post(
        "/api/v1/art", data=b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x"
    )
    assert 400 <= answer.status_code < 500
    nothing_kept()


# Limits of the house.


def test_the_same_key_answers_the_same_job(
    client: FlaskClient, fields: Make, ledger: Ledger, tmp_path: Any
) -> None:
    key = {"Idempotency-Key": "tuesday"}
    first, again = (send(client, fields(), headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["id"] == again.json["id"]
    assert ledger.counts()["slow"] == 1
    assert len(list((tmp_path / "artifacts" / "jobs").iterdir())) == 1


def test_the_same_key_for_something_else(client: FlaskClient, fields: Make, tmp_path: Any) -> None:
    key = {"Idempotency-Key": "tuesday"}
    send(client, fields(), headers=key)
    answer = send(client, fields(size=256), headers=key)
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    assert len(list((tmp_path / "artifacts" / "jobs").iterdir())) == 1


def test_the_same_key_of_another_owner(app: Flask, client: FlaskClient, fields: Make) -> None:
    key = {"Idempotency-Key": "tuesday"}
    first = send(client, fields(), headers=key)
    other = send(app.test_client(), fields(), headers=key)
    assert first.json["id"] != other.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
def test_a_key_that_cannot_be_used(
    client: FlaskClient, fields: Make, nothing_kept: Make, key: str
) -> None:
    answer = send(client, fields(), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_parameter")
    assert answer.json["field"] == "Idempotency-Key"
    nothing_kept()


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "tuesday"}])
def test_a_full_queue(
    client: FlaskClient, fields: Make, ledger: Ledger, workers: WorkerSettings,
    tmp_path: Any, key: dict[str, str],
) -> None:  # fmt: skip
    for _ in range(workers.queue_limit):
        ledger.create(Job("someone", {}, {}), workers.queue_limit)
    answer = send(client, fields(), headers=key)
    assert (answer.status_code, answer.json["code"]) == (429, "queue_full")
    assert int(answer.headers["Retry-After"]) > 0
    assert list(tmp_path.rglob("*.jpg")) == []


def test_what_would_take_too_much_memory_is_refused(
    client: FlaskClient, fields: Make, app: Flask, tmp_path: Any
) -> None:
    here = app.extensions["merian"]
    app.extensions["merian"] = replace(here, workers=replace(here.workers, memory_mb=1100))
    assert send(client, fields(size=128)).status_code == 202
    answer = send(client, fields(size=4096))
    assert (answer.status_code, answer.json["code"]) == (422, "not_enough_memory")
    assert answer.json["field"] == "size"
    assert (
        "4096 x 2731 px" in answer.json["detail"] and "1.1 GB are allowed" in answer.json["detail"]
    )
    assert len(list(tmp_path.rglob("content.jpg"))) == 1


@pytest.mark.parametrize(("styles", "masks", "code"), [(2, 2, 202), (2, 0, 202), (2, 1, 422)])
def test_masks_are_one_a_style_or_none(
    client: FlaskClient, fields: Make, ledger: Ledger, styles: int, masks: int, code: int
) -> None:
    def pictures(count: int) -> list[Any]:
        return [fields()["content"] for _ in range(count)]

    answer = send(client, fields(style=pictures(styles), mask=pictures(masks)))
    assert answer.status_code == code
    if code == 202:
        names = {f"{kind}-{n}" for kind, most in (("style", styles), ("mask", masks))
                 for n in range(most)}  # fmt: skip
        assert set(ledger.get(answer.json["id"]).inputs) == {"content"} | names
    else:
        assert (answer.json["code"], answer.json["field"]) == ("mask_count", "mask")


def test_weights_are_one_a_style(client: FlaskClient, fields: Make, nothing_kept: Make) -> None:
    answer = send(client, fields(style_weights="2,1"))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_option")
    assert answer.json["field"] == "style_weights"
    nothing_kept()
