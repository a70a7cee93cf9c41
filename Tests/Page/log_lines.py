# SPDX-License-Identifier: Apache-2.0
"""What the page says of the log lines of a trace."""

from playwright.sync_api import expect

import sample_traces

LOGS = "%032x" % 0xB5


def shows_log_lines(self):
    """a span's log lines are counted in its row, ticked on its bar, and read in its details"""
    trace = sample_traces.TraceBuilder(LOGS)
    root = trace.span("web", "GET /", "server", 0, 20)
    quiet = trace.span("web", "render", "internal", 1, 2, root)
    for at, severity, text in [(4, 9, "started"), (9, 13, "slow <b>lock</b>"), (10, 5, "done")]:
        trace.log("web", root, at, severity, text)
    trace.log("web", "", 5, 9, "written beside")
    trace.log("web", "00000000000000ee", 6, 9, "of a span that was lost")
    self.send(trace)
    self.go(f"/trace/{LOGS}")
    row = self.row("GET /")
    expect(row.get_by_role("img", name="3 log lines, worst: warn")).to_have_text("≡ 3")
    expect(row.locator(".log-tick")).to_have_count(3)
    expect(row.locator(".log-tick").nth(1)).to_have_attribute("title", "+9 ms warn slow <b>lock</b>")
    expect(self.row("render").locator(".log-tick, .log-count")).to_have_count(0)
    loose = self.page.locator(".loose-logs")
    expect(loose.locator("summary")).to_have_text("2 log lines of no span in this trace")
    loose.locator("summary").click()
    expect(loose.locator("li")).to_have_count(2)
    expect(loose.locator("li").nth(1)).to_contain_text("of a span that was lost")
    row.click()
    lines = self.page.locator(".details .log-lines li")
    expect(lines).to_have_count(3)
    expect(lines.nth(1)).to_contain_text("slow <b>lock</b>")
    self.go(f"/trace/{LOGS}?span={quiet}")
    expect(self.page.locator(".details")).to_be_visible()
    expect(lines).to_have_count(0)
