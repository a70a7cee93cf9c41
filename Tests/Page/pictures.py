# SPDX-License-Identifier: Apache-2.0
r"""Takes the pictures of docs/images from a running, empty contrail.

    .venv/bin/python Tests/Page/pictures.py --to docs/images \
        --page http://127.0.0.1:16686 --otlp http://127.0.0.1:4318
"""

import argparse
import os
import random
import time

from playwright.sync_api import sync_playwright

import sample_traces
from visitor import BROWSER, FLAGS

SIZE = {"width": 1280, "height": 760}
SLOWEST = "4bf92f3577b34da6a3ce929d0e0e4736"


def fill(otlp):
    chance = random.Random(4)
    now = time.time_ns()
    for number in range(36):
        slow = chance.lognormvariate(3.6, 0.45) + (chance.random() < 0.12) * chance.uniform(150, 420)
        trace_id = f"{chance.getrandbits(128):032x}"
        start = now - round((number + chance.random()) * 21e9)
        sample_traces.shop(trace_id, start, slow, fail=number % 17 == 4).send(otlp)
    sample_traces.shop(SLOWEST, now - 27 * 10**9, 421).send(otlp)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", required=True)
    parser.add_argument("--otlp", required=True)
    parser.add_argument("--to", required=True)
    arguments = parser.parse_args()
    fill(arguments.otlp.rstrip("/"))
    base = arguments.page.rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
            page.goto(f"{base}/?limit=50")
            page.wait_for_selector(".result")
            page.screenshot(path=os.path.join(arguments.to, f"search-{scheme}.png"))
            page.goto(f"{base}/trace/{SLOWEST}")
            page.wait_for_selector(".breakdown")
            page.locator(".row", has_text="GET /quote/{sku}").click()
            page.mouse.move(0, 0)
            page.screenshot(path=os.path.join(arguments.to, f"trace-{scheme}.png"))
        browser.close()


if __name__ == "__main__":
    main()
