# SPDX-License-Identifier: Apache-2.0
"""Clicks through the page in a real, headless Chromium.

    .venv/bin/python Tests/Page/browser_test.py --page http://127.0.0.1:16686 --otlp http://127.0.0.1:4318

The server must be empty at the start. Each check prints its claim; the exit status is 1 when one of them
fails, when the page writes an error to the console, or when it breaks its own Content-Security-Policy.
"""

import argparse
import json
import os
import re
import sys
import time
import traceback

from playwright.sync_api import expect, sync_playwright

import sample_traces
from log_lines import shows_log_lines
from search_hints import proposes_attributes
from visitor import BROWSER, FLAGS, Visitor

SHOP, SLOW, FAILED = ("%032x" % number for number in (0xA1, 0xA2, 0xA3))
LARGE, HOSTILE, BROKEN = ("%032x" % number for number in (0xB1, 0xB2, 0xB3))
LONG = "%032x" % 0xB4
LARGE_SPANS = 2000


class Clicks(Visitor):
    """The claims, in the order of a visit."""

    def waits_for_the_first_span(self):
        """an empty server says where to point a service, and shows the first trace by itself"""
        self.go("/")
        expect(self.page.get_by_text("Waiting for the first span")).to_be_visible()
        onboarding = self.page.locator(".onboarding")
        expect(onboarding).to_contain_text(f"OTEL_EXPORTER_OTLP_ENDPOINT={self.otlp}\n")
        expect(self.page.locator(".onboarding .copy").first).to_be_visible()
        self.send(sample_traces.shop(SHOP, time.time_ns() - 90 * 10**9))
        expect(self.page.locator(".result")).to_have_count(1)
        expect(self.page.locator(".result")).to_contain_text("POST /api/v1/items/")
        now = time.time_ns()
        self.send(
            sample_traces.shop(SLOW, now - 60 * 10**9, slow=900),
            sample_traces.shop(FAILED, now - 50 * 10**9, fail=True),
            sample_traces.large(LARGE, LARGE_SPANS, now - 40 * 10**9),
            sample_traces.hostile(HOSTILE, now - 30 * 10**9), sample_traces.broken(BROKEN, now - 20 * 10**9))

    def lists_newest_first(self):
        """results stand newest first with spans, errors and services"""
        self.go("/")
        expect(self.page.locator(".result")).to_have_count(6)
        ids = self.page.locator(".result").evaluate_all("(links) => links.map((link) => link.dataset.trace)")
        assert ids == [BROKEN, HOSTILE, LARGE, FAILED, SLOW, SHOP], ids
        slow = self.page.locator(f'.result[data-trace="{SLOW}"]')
        expect(slow).to_contain_text("991 ms")
        expect(slow).to_contain_text("9 spans")
        expect(slow.locator(".chip")).to_have_count(3)
        expect(slow.locator(".chip").nth(0)).to_contain_text("gateway2")
        expect(self.page.locator(f'.result[data-trace="{FAILED}"] .error-count')).to_contain_text("4 errors")
        expect(self.page.locator(".scatter .point")).to_have_count(6)

    def keeps_the_search_in_the_address(self):
        """the form searches, and reload, back and forward keep what it says"""
        self.page.get_by_label("Service", exact=True).select_option("pricing")
        expect(self.page).to_have_url(re.compile(r"\?service=pricing$"))
        expect(self.page.locator(".result")).to_have_count(4)
        expect(self.page.get_by_label("Operation")).to_be_enabled()
        self.page.get_by_label("Service", exact=True).select_option("items")
        self.page.get_by_label("Operation").select_option("validate_input")
        expect(self.page.locator(".result")).to_have_count(3)
        self.page.get_by_label("With errors only").check()
        expect(self.page.get_by_text("No trace matches")).to_be_visible()
        self.page.go_back()
        expect(self.page.get_by_label("With errors only")).not_to_be_checked()
        expect(self.page.locator(".result")).to_have_count(3)
        self.page.reload()
        expect(self.page.get_by_label("Operation")).to_have_value("validate_input")
        expect(self.page.locator(".result")).to_have_count(3)
        self.page.get_by_role("link", name="Reset").click()
        expect(self.page).to_have_url(f"{self.base}/")
        self.page.get_by_label("Attributes").fill("http.route=/quote/{sku} http.response.status_code=200")
        self.page.get_by_label("Longer than").fill("600ms")
        self.page.get_by_label("Longer than").press("Enter")
        expect(self.page.locator(".result")).to_have_count(1)
        expect(self.page.locator(".result")).to_have_attribute("data-trace", SLOW)

    def pages_through_results(self):
        """more results come below the first ones, through the cursor"""
        now = time.time_ns()
        for number in range(20):
            self.send(sample_traces.shop("%032x" % (0xC00 + number), now - (1000 + number) * 10**9))
        self.go("/")
        expect(self.page.locator(".result")).to_have_count(20)
        self.page.get_by_role("button", name="More").click()
        expect(self.page.locator(".result")).to_have_count(26)
        expect(self.page.get_by_role("button", name="More")).to_be_hidden()
        addresses = self.page.locator(".result").evaluate_all("(links) => links.map((link) => link.href)")
        assert len(set(addresses)) == 26, addresses

    def says_what_is_wrong_at_the_field(self):
        """a wrong value is refused at its field, by the page or in the API's words"""
        self.expected.append("/api/v1/traces?")
        self.page.get_by_label("Longer than").fill("soon")
        self.page.get_by_role("button", name="Find traces").click()
        expect(self.page.locator("#problem-minDuration")).to_contain_text("A number with a unit")
        self.page.get_by_label("Longer than").fill("9999999d")
        self.page.get_by_role("button", name="Find traces").click()
        expect(self.page.locator("#problem-minDuration")).to_contain_text("584 years")
        expect(self.page.get_by_role("alert")).to_be_visible()

    def opens_a_trace(self):
        """a click on a result opens the waterfall; back returns to the same results"""
        self.go("/?service=gateway&operation=POST+%2Fapi%2Fv1%2Fitems%2F&minDuration=900ms")
        self.page.locator(f'.result[data-trace="{SLOW}"]').click()
        expect(self.page).to_have_url(f"{self.base}/trace/{SLOW}")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("POST /api/v1/items/")
        expect(self.rows()).to_have_count(9)
        expect(self.row("POST")).to_contain_text("gateway → items")
        expect(self.row("INSERT items")).to_contain_text("(sqlite)")
        expect(self.row("GET /quote/{sku}")).to_contain_text("898 ms")
        expect(self.page.locator(".facts")).to_contain_text("991 ms")
        expect(self.page.locator(".facts")).to_contain_text("3 services")
        assert self.page.title().startswith("gateway POST /api/v1/items/"), self.page.title()
        self.page.go_back()
        expect(self.page.locator(f'.result[data-trace="{SLOW}"]')).to_be_visible()
        expect(self.page.get_by_label("Longer than")).to_have_value("900ms")
        self.page.go_forward()
        expect(self.rows()).to_have_count(9)

    def tells_where_the_time_went(self):
        """the breakdown names the slow part first and adds up to the whole; the critical path is marked"""
        first = self.page.locator(".breakdown-legend li").first
        expect(first).to_contain_text("GET /quote/{sku}")
        expect(first).to_contain_text("%")
        shares = self.page.locator(".legend-percent").evaluate_all(
            "(all) => all.map((each) => parseInt(each.textContent) || 0)")
        # What is below one per cent says so, and has no number.
        assert 97 <= sum(shares) <= 103, shares
        expect(self.row("GET /quote/{sku}").locator(".critical").first).to_be_visible()
        self.page.keyboard.press("c")
        expect(self.page.locator(".critical")).to_have_count(0)
        self.page.keyboard.press("c")

    def shows_a_span(self):
        """a click on a span shows attributes, events, links, resource; its link can be shared"""
        self.row("validate_input").click()
        details = self.page.locator(".details")
        expect(details.get_by_role("heading", name="validate_input")).to_be_visible()
        expect(self.page).to_have_url(re.compile(rf"/trace/{SLOW}\?span=[0-9a-f]{{16}}$"))
        expect(details).to_contain_text("item.price")
        expect(details).to_contain_text("12.5")
        raw = details.locator("tr", has_text="item.raw")
        raw.get_by_role("button", name="JSON").click()
        expect(raw.locator(".value")).to_have_text(re.compile(r'\{\n  "name": "Widget",'))
        details.get_by_label("Filter attributes").fill("item.va")
        expect(details.locator("details").first.locator("tr")).to_have_count(1)
        details.get_by_label("Filter attributes").fill("")
        details.locator("summary", has_text="Resource").click()
        expect(details).to_contain_text("deployment.environment.name")
        self.row("GET /quote/{sku}").click()
        expect(details).to_contain_text("price_list_reloaded")
        expect(details.locator(".event-offset").first).to_have_text("+32.6 ms")
        self.row("log_event").click()
        expect(details.get_by_role("link", name=re.compile("^span cdcd"))).to_have_attribute(
            "href", f"/trace/{'ab' * 16}?span={'cd' * 8}")
        self.page.keyboard.press("Escape")
        expect(details).to_be_hidden()
        expect(self.page).to_have_url(f"{self.base}/trace/{SLOW}")

    def folds_the_tree(self):
        """a click on the triangle closes a span, and says how much it hides"""
        server = self.row("POST /api/v1/items/").nth(1)
        server.locator(".twist").click()
        expect(self.rows()).to_have_count(3)
        expect(server).to_have_attribute("aria-expanded", "false")
        expect(server).to_contain_text("+6")
        server.locator(".twist").click()
        expect(self.rows()).to_have_count(9)

    def obeys_the_keyboard(self):
        """arrows, j and k, Home, End, Enter, brackets, find, zoom and help work without a mouse"""
        keyboard = self.page.keyboard
        self.page.get_by_role("treegrid").focus()
        keyboard.press("Home")
        keyboard.press("j")
        keyboard.press("ArrowDown")
        expect(self.current()).to_have_text("POST /api/v1/items/")
        keyboard.press("ArrowLeft")
        expect(self.rows()).to_have_count(3)
        keyboard.press("ArrowRight")
        expect(self.rows()).to_have_count(9)
        keyboard.press("ArrowRight")
        expect(self.current()).to_have_text("validate_input")
        keyboard.press("ArrowLeft")
        expect(self.current()).to_have_text("POST /api/v1/items/")
        keyboard.press("End")
        expect(self.current()).to_have_text("log_event")
        keyboard.press("Enter")
        expect(self.selected()).to_have_text("log_event")
        keyboard.press("k")
        expect(self.selected()).to_have_text("serialize_response")
        keyboard.press("Escape")
        keyboard.press("[")
        expect(self.rows()).to_have_count(1)
        keyboard.press("]")
        expect(self.rows()).to_have_count(9)
        active = self.page.get_by_role("treegrid").get_attribute("aria-activedescendant")
        assert active and self.page.locator(f"#{active}").count() == 1, active

        keyboard.press("/")
        self.page.keyboard.type("sqlite insert")
        keyboard.press("Enter")
        expect(self.page.locator(".row.match")).to_have_count(1)
        expect(self.selected()).to_have_text("INSERT items")
        expect(self.page.locator(".find-count")).to_have_text("1 / 1")
        keyboard.press("Escape")
        expect(self.page.locator(".row.match")).to_have_count(0)
        keyboard.press("Escape")

        before = self.page.locator(".ruler").inner_text()
        keyboard.press("+")
        assert self.page.locator(".ruler").inner_text() != before
        keyboard.press("0")
        assert self.page.locator(".ruler").inner_text() == before
        keyboard.press("?")
        expect(self.page.get_by_role("dialog")).to_be_visible()
        keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_be_hidden()
        keyboard.press("u")
        expect(self.page).to_have_url(re.compile(r"minDuration=900ms"))

    def steps_through_errors(self):
        """errors are marked, counted and reached with e"""
        self.go(f"/trace/{FAILED}")
        expect(self.page.locator(".error-sign")).to_have_count(4)
        self.page.keyboard.press("E")
        expect(self.selected()).to_have_text("INSERT items")
        expect(self.page.locator(".status-message")).to_have_text("database is locked")
        expect(self.page.locator(".details")).to_contain_text("exception.stacktrace")

    def draws_large_traces(self):
        """of 2,000 spans only the rows on the screen exist; a deep link finds its row, a search the rest"""
        self.go(f"/trace/{LARGE}")
        grid = self.page.get_by_role("treegrid")
        expect(grid).to_have_attribute("aria-rowcount", str(LARGE_SPANS))
        assert 10 < self.rows().count() < 120, self.rows().count()
        grid.focus()
        self.page.keyboard.press("End")
        expect(self.current()).to_be_in_viewport()
        last = self.page.locator(".row.current").get_attribute("data-key")
        self.go(f"/trace/{LARGE}?span={last}")
        expect(self.selected()).to_be_in_viewport()
        expect(self.page.locator('.row[aria-selected="true"]')).to_have_attribute("data-key", last)
        expect(self.page.locator(".details")).to_be_visible()
        self.go(f"/trace/{LARGE}?span={'9' * 16}")
        expect(self.page.locator(".warnings")).to_contain_text("is not in this trace")
        self.page.get_by_label("Find in this trace").fill("postgresql users")
        expect(self.page.locator(".find-count")).to_have_text(re.compile(r"^\d[\d,]+$"))

    def takes_nothing_for_html(self):
        """names, keys and values that look like HTML stay text"""
        self.go("/?service=xss")
        expect(self.page.locator(".result")).to_contain_text(sample_traces.HOSTILE)
        self.page.locator(".result").click()
        expect(self.rows()).to_have_count(2)
        self.rows().first.click()
        details = self.page.locator(".details")
        expect(details.locator("td").filter(has_text=sample_traces.HOSTILE).first).to_be_visible()
        expect(details.locator(".status-message")).to_have_text(sample_traces.HOSTILE)
        assert self.page.locator("main img, main script").count() == 0
        assert self.page.locator('[href^="javascript:"]').count() == 0
        assert self.page.evaluate("window.hacked") is None

    def hides_no_damage(self):
        """orphans, cycles, several roots, clocks and shared ids are drawn and said"""
        self.go(f"/trace/{BROKEN}")
        expect(self.rows()).to_have_count(8)
        warnings = self.page.locator(".warnings")
        for word in ("parent", "roots", "clock", "span id"):
            expect(warnings).to_contain_text(re.compile(word, re.IGNORECASE))
        assert self.page.locator(".warnings li").count() >= 4
        warnings.get_by_role("button").first.click()
        expect(self.page.locator(".details")).to_be_visible()

    def downloads_otlp(self):
        """the trace leaves as OTLP/JSON"""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Download OTLP JSON").click()
        with open(download.value.path(), encoding="utf-8") as file:
            assert "resourceSpans" in json.load(file)
        assert download.value.suggested_filename == f"trace-{BROKEN}.json"

    def remembers_the_theme(self):
        """the theme follows the system, can be switched, and is remembered"""
        color = "getComputedStyle(document.body).backgroundColor"
        light = self.page.evaluate(color)
        self.page.emulate_media(color_scheme="dark")
        dark = self.page.evaluate(color)
        assert light != dark
        self.page.emulate_media(color_scheme="light")
        self.page.locator("#theme-switch").click()
        self.page.locator("#theme-switch").click()
        expect(self.page.locator("html")).to_have_attribute("data-theme", "dark")
        assert self.page.evaluate(color) == dark
        self.page.reload()
        assert self.page.evaluate(color) == dark
        self.page.locator("#theme-switch").click()
        assert self.page.evaluate(color) == light

    def says_what_is_not_there(self):
        """an unknown trace and a server that is gone are said plainly"""
        self.expected += ["/api/v1/traces/" + "1" * 32, "/api/v1/services", "/api/v1/traces?"]
        self.page.locator("#lookup-id").fill(f"00-{'1' * 32}-{'2' * 16}-01")
        self.page.locator("#lookup-id").press("Enter")
        expect(self.page.get_by_role("heading", name="This trace is not here")).to_be_visible()
        self.page.route("**/api/**", lambda route: route.abort())
        self.page.get_by_role("link", name="To the search").click()
        expect(self.page.get_by_role("alert")).to_contain_text("does not answer")
        self.page.unroute("**/api/**")
        self.page.get_by_role("button", name="Try again").click()
        expect(self.page.locator(".result").first).to_be_visible()

    def fits_a_narrow_screen(self):
        """400 pixels are enough: nothing sticks out"""
        self.page.set_viewport_size({"width": 400, "height": 800})
        overflow = "document.documentElement.scrollWidth - innerWidth"
        for path in ("/", f"/trace/{SLOW}", f"/trace/{HOSTILE}"):
            self.go(path)
            expect(self.page.locator(".result, .row").first).to_be_visible()
            assert self.page.evaluate(overflow) <= 0, path
            main = self.page.locator("main").evaluate("(main) => main.scrollWidth - main.clientWidth")
            assert main <= 0, (path, main)
        self.rows().first.click()
        expect(self.page.locator(".details")).to_be_in_viewport()

    def keeps_long_names_in_bounds(self):
        """a name of 3,000 letters leaves the waterfall in view; a failed span says its exception"""
        self.page.set_viewport_size({"width": 1280, "height": 800})
        trace = sample_traces.TraceBuilder(LONG)
        name = "SELECT " + "very_long_column, " * 170
        root = trace.span("web", name, "server", 0, 20, error="", events=[
            ("exception", 5, {"exception.type": "ValueError", "exception.message": "no price"})])
        trace.span("web", name, "internal", 1, 2, root)
        self.send(trace)
        self.go(f"/trace/{LONG}")
        expect(self.rows().nth(1)).to_be_in_viewport()
        assert self.page.locator("h1").bounding_box()["height"] < 120
        assert len(self.page.title()) < 400
        expect(self.rows().first.get_by_role("img", name="error: ValueError: no price")).to_be_visible()
        self.rows().first.click()
        expect(self.page.locator(".details .status-message")).to_have_text("ValueError: no price")
        expect(self.page.locator(".details-figures")).to_be_in_viewport()
        self.go(f"/trace/{LONG}/")
        expect(self.rows()).to_have_count(2)

    claims = [
        waits_for_the_first_span, lists_newest_first, keeps_the_search_in_the_address,
        proposes_attributes, says_what_is_wrong_at_the_field, opens_a_trace, tells_where_the_time_went, shows_a_span,
        folds_the_tree, obeys_the_keyboard, steps_through_errors, draws_large_traces, takes_nothing_for_html,
        hides_no_damage, downloads_otlp, remembers_the_theme, says_what_is_not_there, pages_through_results,
        fits_a_narrow_screen, keeps_long_names_in_bounds, shows_log_lines,
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", required=True)
    parser.add_argument("--otlp", required=True)
    parser.add_argument("--pictures", help="folder for a screenshot of what failed")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        clicks = Clicks(browser, arguments.page, arguments.otlp)
        for claim in Clicks.claims:
            try:
                claim(clicks)
                clicks.finish()
                print(f"ok    {claim.__doc__}", flush=True)
            except Exception:
                print(f"wrong {claim.__doc__} ({clicks.page.url})", flush=True)
                print(traceback.format_exc(limit=-2), flush=True)
                if arguments.pictures:
                    clicks.page.screenshot(path=os.path.join(arguments.pictures, f"{claim.__name__}.png"))
                browser.close()
                return 1
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
