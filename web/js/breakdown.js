// SPDX-License-Identifier: Apache-2.0
// "Where the time went": one bar, one legend.

import { colorSlot } from "./colors.js";
import { h } from "./dom.js";
import { formatDuration, formatShare, plural } from "./format.js";

/** @typedef {import("./analysis.js").Group} Group */

/** Groups with a legend of their own; the rest, and what is below one per cent, is one. */
const shownMax = 7;

/**
 * @param {{groups: Group[]}} analysis
 * @param {(group: Group) => void} find
 * @returns {HTMLElement|null}
 */
export function breakdown({ groups }, find) {
    if (groups.length === 0) return null;
    const worth = groups.findIndex((group, at) => at > 0 && group.share < 0.01);
    const shown = groups.slice(0, worth < 0 ? shownMax : Math.min(worth, shownMax));
    const rest = groups.slice(shown.length);
    const bar = h("div", { class: "breakdown-bar", "aria-hidden": "true" });
    const legend = h("ol", { class: "breakdown-legend" });
    /** @type {Map<string, number>} */
    const seen = new Map();
    for (const group of shown) {
        // Parts of one service have one hue and grow paler.
        const earlier = seen.get(group.service) ?? 0;
        seen.set(group.service, earlier + 1);
        const strength = `${Math.max(30, 100 * 0.78 ** earlier)}%`;
        bar.append(piece(group, strength));
        const [name, ...place] = group.label.split("  ");
        const entry = h(
            "button", {
                type: "button", class: "legend", data: { color: colorSlot(group.service) },
                title: `${plural(group.spanCount, "span")}: find ${group.spanCount === 1 ? "it" : "them"}`,
                onclick: () => find(group),
            },
            h("span", { class: "legend-percent" }, formatShare(group.share)),
            h("span", { class: "legend-label" }, name,
                place.length > 0 && h("span", { class: "dim" }, place.join(" "))),
            h("span", { class: "legend-duration" }, formatDuration(group.duration)),
        );
        entry.style.setProperty("--strength", strength);
        legend.append(h("li", {}, entry));
    }
    if (rest.length > 0) {
        const duration = rest.reduce((sum, group) => sum + group.duration, 0);
        const share = rest.reduce((sum, group) => sum + group.share, 0);
        bar.append(piece({ duration, service: null, label: `${rest.length} more` }, "100%"));
        legend.append(h("li", {}, h(
            "span", { class: "legend" },
            h("span", { class: "legend-percent" }, formatShare(share)),
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
 * @param {{duration: number, service: string|null, label: string}} group
 * @param {string} strength of the colour
 */
function piece({ duration, service, label }, strength) {
    const element = h("span", {
        title: `${label}: ${formatDuration(duration)}`,
        data: service === null ? {} : { color: colorSlot(service) },
    });
    element.style.flexGrow = String(Math.max(duration, 1));
    element.style.setProperty("--strength", strength);
    return element;
}
