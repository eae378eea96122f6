"""Attacks on the console: by who writes into the database, by who sends links and forms, by who uploads.

Scripts from elsewhere are looked for in a real browser: nothing that a page shows runs, or becomes markup.
"""

from __future__ import annotations

import base64
import itertools
import re
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from conformance import pictures
from conformance.bad_pictures import transparent_bomb
from console.answers import ANSWERS
from console.conftest import signed_in
from console.every_page import pages
from console.filled import ARCHIVE, DOORS, Filled, Photographs, fill
from console.visitor import Visitor
from countenance.archive.values import PictureRecord, RecordKind
from countenance.settings import read_settings
from countenance.wiring import open_office
from new_faces import new_face
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

SUM = "{{7331*7}}${7331*7}"
PAYLOADS = (
    '"><script>__pwned=1</script><a href="',
    "<img src=pwned onerror=__pwned=2>",
    "'><svg onload=__pwned=3></svg>",
    "</title></textarea><script>__pwned=4</script>",
    "<iframe srcdoc='<script>parent.__pwned=5</script>'>",
    "javascript:__pwned=6",
    f"{SUM}<b>\u202egnp\u2066",
    "data:text/html,<script>__pwned=7</script>",
    "</script><script>__pwned=8</script>",
    "<details open ontoggle=__pwned=9>",
)
SHOWS_WHAT_PEOPLE_WROTE = {
    "/collections/{collection_id}/faces",
    "/collections/{collection_id}/users",
    "/collections/{collection_id}/settings",
    "/consents/{consent_id}",
    "/govern/holds",
    "/govern/moratoria",
    "/jobs/{job_id}/items",
    "/keys",
}
# What a page must not have, whoever wrote it; our own pages have none of these.
_INJECTED = """() => [
  ...document.querySelectorAll("script:not([src]), iframe, object, embed, base, style, details[ontoggle], \
[onerror], [onload], [src=pwned], form[action*='pwned'], a[href^='javascript:' i], a[href^='data:' i], \
a[href*='evil.example']")].map((one) => one.outerHTML.slice(0, 200))
  .concat(window.__pwned === undefined ? [] : [`a script ran: ${window.__pwned}`])"""
_FILL_FORM = """([place, text]) => {
  const form = [...document.querySelectorAll("main form[method=post]")]
    .filter((each) => !each.querySelector(".danger"))[place];
  if (!form) return false;
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
    if (["checkbox", "radio", "file"].includes(field.type)) continue;
    field.type = field.tagName === "INPUT" ? "text" : field.type;
    field.value = text;
  }
  form.noValidate = true;
  form.requestSubmit();
  return true;
}"""


@pytest.fixture(scope="module")
def attacked(
    tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path
) -> Iterator[Filled]:
    """A server in which everything that people may write freely is an attack, and more than they may."""
    data_dir = tmp_path_factory.mktemp("attacked")
    (data_dir / "pictures").mkdir()
    turns = itertools.cycle(PAYLOADS)
    with running_server(data_dir, buckets={"pictures": data_dir / "pictures"}) as server:
        made = fill(server, Photographs(astronaut, grace_hopper), lambda _: next(turns))
        write_past_the_doors(made)
        yield made


def write_past_the_doors(made: Filled) -> None:
    """Put into the database what no door takes, as if an older version or another program had."""
    with open_office(read_settings(data_dir=made.server.data_dir)) as office:
        with office.gallery.changing() as change:
            for collection_id in (DOORS, ARCHIVE):
                collection = change.writer.collection(collection_id)
                faces = [new_face(number, payload) for number, payload in enumerate(PAYLOADS, 900)]
                faces = faces if collection_id == DOORS else []
                enrolled = change.enrol(collection, faces)
                for payload, face in zip(PAYLOADS, enrolled, strict=False):
                    user = change.writer.create_user(collection, payload)
                    change.associate(collection, user, [face.key])
        with office.store.writing() as writer:
            archive = writer.collection(ARCHIVE)
            for face in writer.faces(archive, after_key=0, most=9):
                for address in (
                    "javascript:__pwned=10",
                    "data:text/html,<script>__pwned=11</script>",
                    " JaVaScript:x",
                ):
                    record = PictureRecord(
                        RecordKind.ARTICLE,
                        PAYLOADS[0],
                        title=PAYLOADS[1],
                        web_url=address,
                        related_url=address,
                    )
                    writer.add_picture_records(archive, [(face.image_id, record)])


@pytest.fixture
def watched(browser: Browser, attacked: Filled) -> Iterator[Page]:
    """A tab of an administrator; whatever of an attack a browser notices fails the test."""
    window = browser.new_context(base_url=attacked.server.endpoint_url, locale="en")
    window.set_default_timeout(15_000)
    page = signed_in(window, attacked.api)
    noticed: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        noticed.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note_refusal(told: ConsoleMessage) -> None:
        if "Content Security Policy" in told.text:
            noticed.append(told.text)

    page.on("dialog", note_dialog)
    page.on("console", note_refusal)
    yield page
    window.close()
    assert noticed == []


@pytest.fixture
def visit(attacked: Filled) -> Visitor:
    return Visitor(attacked.server.endpoint_url).sign_in(attacked.api)


def assert_untouched(page: Page) -> None:
    assert page.evaluate(_INJECTED) == [], page.url
    text = page.locator("body").inner_text()
    assert str(7331 * 7) not in text, page.url
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text), page.url


@pytest.mark.slow
def test_nothing_that_is_stored_runs_or_becomes_markup(watched: Page, attacked: Filled) -> None:
    attacks_shown: set[str] = set()
    for where in pages(attacked.ids):
        answer = watched.request.head(where.path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            watched.goto(where.path)
            assert_untouched(watched)
            if "__pwned" in watched.locator("main").inner_text():
                attacks_shown.add(where.route)
    for step in ANSWERS.values():
        step(watched, attacked)
        watched.wait_for_load_state()
        assert_untouched(watched)
    # What is never shown could not have been found.
    assert attacks_shown >= SHOWS_WHAT_PEOPLE_WROTE, SHOWS_WHAT_PEOPLE_WROTE - attacks_shown


@pytest.mark.slow
def test_nothing_of_an_address_runs_or_becomes_markup(watched: Page, attacked: Filled) -> None:
    names = (
        "subject",
        "name",
        "user",
        "face",
        "state",
        "kind",
        "done",
        "count",
        "then",
        "purpose",
        "external_id",
    )
    turns = itertools.cycle(PAYLOADS)
    for route, where in {where.route: where for where in pages(attacked.ids)}.items():
        query = {name: next(turns) for name in names}
        address = str(httpx.URL(where.path, params=query))
        answer = watched.request.head(address)
        if answer.headers.get("content-type", "").startswith("text/html"):
            watched.goto(address)
            assert_untouched(watched)
            assert watched.url.startswith(f"{attacked.server.endpoint_url}/console"), route


@pytest.mark.slow
def test_nothing_that_a_form_sends_back_runs_or_becomes_markup(watched: Page, attacked: Filled) -> None:
    turns = itertools.cycle(PAYLOADS)
    sent = 0
    for where in {where.route: where for where in pages(attacked.ids)}.values():
        for place in range(4):
            answer = watched.request.head(where.path)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                break
            watched.goto(where.path)
            if not watched.locator("main form[method=post]").count():
                break
            with watched.expect_navigation():
                if not watched.evaluate(_FILL_FORM, [place, next(turns)]):
                    watched.reload()
                    break
            sent += 1
            assert_untouched(watched)
    assert sent > 5


def test_no_page_is_shown_within_another_sites(browser: Browser, attacked: Filled) -> None:
    window = browser.new_context()
    page = window.new_page()
    page.set_content(f'<iframe src="{attacked.server.endpoint_url}/console/sign-in"></iframe>')
    frame = page.frames[1]
    frame.wait_for_load_state()
    assert frame.locator("input").count() == 0
    window.close()


def test_the_text_of_a_picture_goes_no_further(visit: Visitor, attacked: Filled) -> None:
    exif = Image.Exif()
    for tag in (0x010E, 0x013B, 0x8298, 0x9C9B):  # description, artist, copyright, title
        exif[tag] = PAYLOADS[0].encode("utf-16-le") if tag > 0x9000 else PAYLOADS[0]
    image = pictures.opened(attacked.photographs.collins)
    hostile = pictures.jpeg(image, exif=exif.tobytes(), comment=PAYLOADS[1].encode())
    assert PAYLOADS[0].encode() in hostile
    page = visit.post("/console/try", files={"picture": ('"><script>.jpg', hostile)}, shown_on="/console/try")
    assert page.status == 200
    shown = [str(each.get("src") or each.get("href")) for each in page.all("main img, main image")]
    assert shown
    for payload in (b"__pwned", b"onerror", b"Exif"):
        assert payload not in page.content
        for address in shown:
            content = httpx.get(address).content if address.startswith("http") else data_of(address)
            assert payload not in content


def data_of(address: str) -> bytes:
    """Return the picture in a data address."""
    kind, _, content = address.partition(",")
    assert kind == "data:image/jpeg;base64"
    return base64.b64decode(content)


LIES = {
    "a page": b"<!doctype html><script>__pwned=12</script>",
    "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg" onload="__pwned=13"/>',
    "an archive": b"PK\x03\x04" + b"\0" * 100,
    "a program": b"\x7fELF" + b"\0" * 100,
    "a beginning of a JPEG and a page": b"\xff\xd8\xff\xe0<script>__pwned=14</script>",
    "nothing but a name": b"",
    "a picture that is a bomb": transparent_bomb(),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("path", ["/console/try", f"/console/collections/{DOORS}/enrol"])
def test_a_file_that_lies_about_its_kind_is_no_picture(visit: Visitor, path: str, lie: str) -> None:
    form = visit.get(path)
    files = {"picture": ("me.jpg", LIES[lie], "image/jpeg")}
    data = {"form_token": form.form_token, "external_id": "eileen-collins"}
    response = visit.client.post(path, data=data, files=files)
    assert response.status_code in {200, 303, 400, 413, 422}
    assert "__pwned" not in response.text
    assert response.headers["content-type"].startswith("text/html") or response.is_redirect
    assert visit.get("/console/").status == 200


def test_of_a_picture_that_is_also_a_page_only_the_picture_comes_back(
    visit: Visitor, attacked: Filled
) -> None:
    both = attacked.photographs.collins + b"<script>__pwned=15</script>"
    page = visit.post("/console/try", files={"picture": ("me.html", both)}, shown_on="/console/try")
    assert page.status == 200
    assert b"__pwned" not in page.content
    for each in page.all("main img, main image"):
        assert b"__pwned" not in data_of(str(each.get("src") or each.get("href")))


def test_evidence_is_handed_out_as_a_file_whatever_it_is(visit: Visitor) -> None:
    path = "/console/people/new-consent"
    form = visit.get(path)
    fields = {
        "form_token": form.form_token,
        "subject": "mallory",
        "purpose": "access-control",
        "notice_version": "1",
        "notice": "We look at your face.",
        "method": "written-release",
    }
    files = {"evidence": ('x"\r\nSet-Cookie: a=b.html', b"<script>__pwned=16</script>", "text/html")}
    response = visit.client.post(path, data=fields, files=files)
    assert response.status_code == 303, response.text
    consent = response.headers["location"].partition("?")[0]
    handed_out = visit.client.get(f"{consent}/evidence")
    assert handed_out.status_code == 200
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+"', handed_out.headers["content-disposition"])
    assert not handed_out.headers["content-type"].startswith(("text/html", "image/svg"))
    assert handed_out.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in handed_out.headers


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/console//evil.example",
    "/console/../../evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[",
    "http://[::1",
    "/x\r\nSet-Cookie: pwned=1",
    "/x\r\n\r\n<script>",
    "\t//evil.example",
    "//evil.example\\@",
    "////evil.example",
    "/%2f%2fevil.example",
    "日本",
)


@pytest.mark.parametrize("then", ELSEWHERE)
def test_nobody_is_sent_elsewhere_and_no_header_is_slipped_in(
    visit: Visitor, attacked: Filled, then: str
) -> None:
    stranger = Visitor(attacked.server.endpoint_url)
    fields = {"key_id": attacked.api.key_id, "secret": attacked.api.secret, "then": then}
    appearance = {"language": "en", "then": then}
    for answer in (
        stranger.post("/console/sign-in", fields, follow=False),
        visit.post("/console/appearance", appearance, shown_on="/console/", follow=False),
    ):
        assert answer.status == 303
        assert answer.headers["location"].startswith("/console/")
        assert "pwned" not in "".join(answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example/x", "[", "a:b:c", "evil.example:99999", "x<script>"]
)
def test_the_host_that_a_request_names_is_believed_nowhere(
    attacked: Filled, visit: Visitor, host: str
) -> None:
    for path in ("/console/", "/console/collections", "/console", "/console/sign-in?then=/people"):
        for client in (visit.client, Visitor(attacked.server.endpoint_url).client):
            response = client.get(path, headers={"host": host})
            assert response.status_code < 500, (path, host)
            assert "evil.example" not in response.headers.get("location", "")
            assert "evil.example" not in response.text


@pytest.mark.parametrize(
    "referer",
    ["http://[", "//[::1", "javascript:alert(1)", "https://evil.example/console/", "x" * 9000, "\xff"],
)
def test_the_way_back_from_an_error_leads_into_the_console(
    attacked: Filled, visit: Visitor, referer: str
) -> None:
    own = f"javascript://{attacked.server.endpoint_url.partition('//')[2]}/console/%0aalert(1)"
    for told in (referer, own):
        response = visit.client.get("/console/nothing", headers=[(b"referer", told.encode("latin-1"))])
        assert response.status_code == 404
        assert "evil.example" not in response.text
        assert "javascript:" not in response.text


def test_a_session_cannot_be_begun_for_somebody_else(attacked: Filled) -> None:
    """Who makes a victim's browser sign in with the attacker's key would read what the victim uploads."""
    victim = Visitor(attacked.server.endpoint_url)
    shown = victim.get("/console/sign-in").form_token
    key = {"key_id": attacked.api.key_id, "secret": attacked.api.secret}
    attempts = (
        victim.client.post("/console/sign-in", data=key),
        victim.client.post("/console/sign-in", data={**key, "form_token": "x" * 64}),
        victim.client.post(
            "/console/sign-in", data={**key, "form_token": shown}, headers={"sec-fetch-site": "cross-site"}
        ),
        victim.client.post(
            "/console/sign-in", data={**key, "form_token": shown}, headers={"sec-fetch-site": "same-site"}
        ),
    )
    for response in attempts:
        assert response.status_code == 403
        assert "countenance-session" not in response.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/x/../application.py",
        "/console/assets/x/..%2fapplication.py",
        "/console/assets/x/%2e%2e%2f%2e%2e%2fdoor.py",
        "/console/assets/x/..%5capplication.py",
        "/console/assets/../../../etc/passwd",
        "/console/assets/x/console.css%00.png",
        "/console/assets/x//etc/passwd",
        "/console/people/receipts/..%2f..%2fmaster.key",
        "/console/reports/..%2freports",
    ],
)
def test_no_path_leads_out_of_what_is_served(visit: Visitor, attacked: Filled, path: str) -> None:
    reply = attacked.api.send("GET", path, headers={"cookie": f"countenance-session={session(visit)}"})
    assert reply.status in {303, 400, 404}
    assert b"import " not in reply.body
    assert b"root:" not in reply.body


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "..\\x", "a\0b", "lobby.mp4/../../x", "%2e%2e/x"]
)
def test_no_object_lies_outside_of_its_bucket(visit: Visitor, name: str) -> None:
    for bucket in ("pictures", "..", "/", "nothing"):
        for path, fields in (
            ("/console/videos/new", {"what": "faces", "bucket": bucket, "name": name}),
            ("/console/imports/new", {"collection": ARCHIVE, "bucket": bucket, "prefix": name}),
        ):
            page = visit.post(path, fields, shown_on=path)
            assert page.status < 500, (path, bucket)
            assert "root:" not in page.text


def session(visit: Visitor) -> str:
    return str(visit.client.cookies["countenance-session"])


def test_cookies_of_nonsense_are_nobodys(attacked: Filled) -> None:
    for value in ("", "x", "A" * 43, "A" * 5000, "../../x", "%00", '"', "a=b", "\u00ff" * 43, "' OR 1=1 --"):
        cookies = "; ".join(
            f"countenance-{name}={value}" for name in ("session", "visitor", "language", "theme")
        )
        response = httpx.get(
            f"{attacked.server.endpoint_url}/console/people", headers=[(b"cookie", cookies.encode("latin-1"))]
        )
        assert response.status_code == 303
        assert response.headers["location"].startswith("/console/sign-in")
        page = httpx.get(
            f"{attacked.server.endpoint_url}/console/sign-in",
            headers=[(b"cookie", cookies.encode("latin-1"))],
        )
        assert page.status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=x" % number for number in range(10_000))),
        (
            "multipart/form-data; boundary=x",
            b"".join(b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n' for _ in range(10_000))
            + b"--x--",
        ),
        (
            "multipart/form-data; boundary=x",
            b"".join(
                b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n1\r\n'
                for _ in range(100)
            )
            + b"--x--",
        ),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=", b"--x\r\n"),
        ("multipart/form-data; boundary=x; charset=none-such", b"--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f'),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=\xff&%zz=%"),
        ("application/json", b'{"form_token": "x"}'),
        ("text/plain", b"form_token=x"),
        ("", b"form_token=x"),
    ],
)
def test_forms_that_no_browser_sends_are_refused(visit: Visitor, kind: str, body: bytes) -> None:
    before = session(visit)
    response = visit.client.post("/console/people/new-consent", content=body, headers={"content-type": kind})
    assert response.status_code in {400, 403, 413, 422}
    assert response.headers["x-frame-options"] == "DENY"
    assert session(visit) == before


def test_neither_sessions_nor_secrets_nor_faces_are_in_the_log_or_in_an_address(
    visit: Visitor, attacked: Filled
) -> None:
    key = {"name": "reception", "use": "gate", "collections": "*", "purposes": "*"}
    page = visit.post("/console/new-key", key, shown_on="/console/new-key")
    made = page.all("dl.facts code")[1].get_text()
    assert page.path == "/console/new-key"
    log = attacked.server.log()
    for secret in (made, session(visit), attacked.api.secret, visit.get("/console/").form_token):
        assert secret not in log
    assert "__pwned" not in log
    assert "eileen-collins" not in log
    assert not re.search(r"/9j/[A-Za-z0-9+/]{20}", log)
