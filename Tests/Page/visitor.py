# SPDX-License-Identifier: Apache-2.0
"""A browser at the page, with the words that the claims of browser_test.py are written in."""

import os
import re

BROWSER = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WATCH = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
"""


class Visitor:
    """Opens pages, sends traces, and keeps what the browser complains about."""

    def __init__(self, browser, page_url, otlp_url):
        self.browser = browser
        self.base = page_url.rstrip("/")
        self.otlp = otlp_url.rstrip("/")
        self.errors = []
        self.expected = []
        self.page = self.open_page()

    def open_page(self, **options):
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.add_init_script(WATCH)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        return page

    def on_console(self, message):
        if message.type not in ("error", "warning"):
            return
        where = message.location.get("url", "")
        if any(part in where for part in self.expected):
            return
        self.errors.append(f"{message.type}: {message.text} ({where})")

    def send(self, *builders):
        for builder in builders:
            builder.send(self.otlp)

    def go(self, path):
        self.page.goto(self.base + path)

    def rows(self):
        return self.page.locator(".row")

    def row(self, name):
        label = self.page.locator(".span-name", has_text=re.compile(f"^{re.escape(name)}$"))
        return self.page.locator(".row", has=label)

    def selected(self):
        return self.page.locator('.row[aria-selected="true"] .span-name')

    def current(self):
        return self.page.locator(".row.current .span-name")

    def finish(self):
        violations = self.page.evaluate("window.violations")
        assert violations == [], violations
        assert self.errors == [], self.errors
