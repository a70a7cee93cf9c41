# SPDX-License-Identifier: Apache-2.0
"""What the page's search field proposes."""

import re

from playwright.sync_api import expect


def proposes_attributes(self):
    """the search field proposes keys and values of attributes, with the keyboard and with the mouse"""
    self.go("/")
    field = self.page.get_by_label("Attributes")
    field.press_sequentially("event:na")
    options = self.page.locator(".suggestions li")
    expect(options).to_have_count(1)
    expect(options.first).to_contain_text("event:name")
    self.page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "attribute-suggestion-0")
    self.page.keyboard.press("Enter")
    expect(field).to_have_value("event:name=")
    field.press_sequentially("price_l")
    expect(options).to_have_count(1)
    options.first.click()
    expect(field).to_have_value("event:name=price_list_reloaded ")
    self.page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    self.page.keyboard.press("Enter")
    expect(self.page).to_have_url(re.compile(r"\?attribute=event%3Aname%3Dprice_list_reloaded$"))
    expect(self.page.locator('.result[data-trace$="a1"]')).to_be_visible()
    expect(self.page.locator('.result[data-trace$="b1"]')).to_have_count(0)
