"""Pages of staff are compressed; streams, files and answers to a POST are not."""

import gzip

from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from amparo.foundation.core.pages import CompressedPageMiddleware

PAGE = "<p>" + "Amparo " * 100


def answer(method: str, response: HttpResponse | StreamingHttpResponse) -> HttpResponse | StreamingHttpResponse:
    request = RequestFactory(headers={"Accept-Encoding": "gzip"}).generic(method, "/home")
    return CompressedPageMiddleware(lambda _: response)(request)


def test_a_page_is_compressed():
    page = answer("GET", HttpResponse(PAGE))
    assert gzip.decompress(page.content).decode() == PAGE
    assert "Accept-Encoding" in page.headers["Vary"]


def test_what_is_no_page_is_left_as_it_is():
    others = (
        answer("POST", HttpResponse(PAGE)),
        answer("GET", HttpResponse(PAGE, content_type="text/csv")),
        answer("GET", StreamingHttpResponse([PAGE], content_type="text/event-stream")),
        answer("GET", StreamingHttpResponse([PAGE])),
    )
    assert [other.has_header("Content-Encoding") for other in others] == [False] * 4
