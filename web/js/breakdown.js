// SPDX-License-Identifier: Apache-2.0
// "Where the time went": one bar, one legend.

import { colorSlot } from "./colors.js";
import { h } from "./dom.js";
import { formatDuration, plural } from "./format.js";

/** @typedef {import("./analysis.js").Group} Group */

/** Groups with a legend of their own; the rest is one. */
const shownMax = 7;

/**
 * @param {{groups: Group[]}} analysis
 * @param {(group: Group) => void} find
 * @returns {HTMLElement|null}
 */
export function breakdown({ groups }, find) {
    if (groups.length === 0) return null;
    const shown = groups.slice(0, shownMax);
    const rest = groups.slice(shownMax);
    const bar = h("div", { class: "breakdown-bar", "aria-hidden": "true" });
    const legend = h("ol", { class: "breakdown-legend" });
    for (const group of shown) {
        bar.append(piece(group.duration, group.service, `${group.label}: ${formatDuration(group.duration)}`));
        legend.append(h("li", {}, h(
            "button", {
                type: "button", class: "legend", data: { color: colorSlot(group.service) },
                title: `${plural(group.spanCount, "span")}: find ${group.spanCount === 1 ? "it" : "them"}`,
                onclick: () => find(group),
            },
            h("span", { class: "legend-percent" }, `${group.percent} %`),
            h("span", { class: "legend-label" }, group.label),
            h("span", { class: "legend-duration" }, formatDuration(group.duration)),
        )));
    }
    if (rest.length > 0) {
        const duration = rest.reduce((sum, group) => sum + group.duration, 0);
        const percent = rest.reduce((sum, group) => sum + group.percent, 0);
        bar.append(piece(duration, null, `${rest.length} more: ${formatDuration(duration)}`));
        legend.append(h("li", {}, h(
            "span", { class: "legend" }, h("span", { class: "legend-percent" }, `${percent} %`),
            h("span", { class: "legend-label" }, `${rest.length} more`),
            h("span", { class: "legend-duration" }, formatDuration(duration)),
        )));
    }
    return h(
        "section", { class: "breakdown", "aria-labelledby": "breakdown-title" },
        h("h2", { id: "breakdown-title" }, "Where the time went"), bar, legend,
    );
}

/**
 * @param {number} duration
 * @param {string|null} service
 * @param {string} title
 */
function piece(duration, service, title) {
    const element = h("span", { title, data: service === null ? {} : { color: colorSlot(service) } });
    element.style.flexGrow = String(Math.max(duration, 1));
    return element;
}
