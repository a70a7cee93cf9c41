// SPDX-License-Identifier: Apache-2.0
// Attributes as a table: filter, copy, JSON, and the way to other traces with the same value.

import { copyButton, h } from "./dom.js";
import { prettyText, valueText } from "./otlp.js";
import { quotePair } from "./search-state.js";

/** @typedef {import("./types.js").Attribute} Attribute */

/**
 * @param {Attribute[]} list
 * @param {string} filter part of a key or a value
 * @param {string|null} service of the span, to search for others alike; null for no such link
 */
export function attributeTable(list, filter, service) {
    const wanted = filter.trim().toLowerCase();
    const shown = list
        .filter((each) => wanted === "" || `${each.key}=${valueText(each)}`.toLowerCase().includes(wanted))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    if (list.length === 0) return h("p", { class: "none" }, "none");
    if (shown.length === 0) return h("p", { class: "none" }, `none of ${list.length} matches the filter`);
    const rows = shown.map((each) => attributeRow(each, service));
    return h("table", { class: "attributes" }, h("tbody", {}, rows));
}

/**
 * @param {Attribute} attribute
 * @param {string|null} service
 */
function attributeRow(attribute, service) {
    const text = valueText(attribute);
    const pretty = prettyText(attribute);
    const value = h("span", { class: `value type-${attribute.type}` }, text);
    const cell = h("td", {}, value);
    if (pretty !== null) {
        const toggle = h("button", { type: "button", class: "link json", "aria-expanded": "false" }, "JSON");
        toggle.addEventListener("click", () => {
            const open = toggle.getAttribute("aria-expanded") !== "true";
            toggle.setAttribute("aria-expanded", String(open));
            value.classList.toggle("pretty", open);
            value.textContent = open ? pretty : text;
        });
        cell.append(toggle);
    }
    const actions = h("span", { class: "row-actions" }, copyButton(() => text, `Copy ${attribute.key}`));
    const searchable = ["string", "int", "double", "bool"].includes(attribute.type) && text.length < 200;
    if (service !== null && searchable) {
        const pair = `${attribute.key}=${text}`;
        const parameters = new URLSearchParams({ service, attribute: pair });
        actions.append(h("a", {
            href: `/?${parameters}`, "data-nav": true, class: "more-like-this",
            "aria-label": `Find traces with ${quotePair(pair)}`, title: "Find traces with this value",
        }, "⌕"));
    }
    cell.append(actions);
    return h("tr", {}, h("th", { scope: "row", title: `${attribute.key} (${attribute.type})` },
        breakable(attribute.key)), cell);
}

/**
 * A dotted key may break after a dot or an underscore.
 * @param {string} key
 */
function breakable(key) {
    return key.split(/(?<=[._])/).flatMap((part) => [part, h("wbr")]).slice(0, -1);
}
