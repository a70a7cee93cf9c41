// SPDX-License-Identifier: Apache-2.0
// Log lines one below the other, with their attributes.

import { attributeTable } from "./attribute-table.js";
import { h } from "./dom.js";
import { formatInstant, formatOffset, plural } from "./format.js";

/** @typedef {import("./types.js").LogLine} LogLine */
/** @typedef {import("./types.js").Trace} Trace */

/** Lines of one list that are drawn. */
export const logLinesMax = 200;

/**
 * @param {LogLine[]} lines
 * @param {bigint} start what offsets count from
 * @param {string} filter shows only attributes that contain it
 */
export function logList(lines, start, filter) {
    return h("ol", { class: "log-lines" }, lines.slice(0, logLinesMax).map((line) => h(
        "li", {},
        h("p", { class: "event-head" },
            h("span", { class: "event-offset", title: formatInstant(line.time) },
                formatOffset(Number(line.time - start))),
            line.severity !== "" && h("span", {
                class: `tag severity-${line.severity.replace(/\d$/, "")}`,
            }, line.severity),
            h("span", { class: "log-text" }, line.text || "(no text)")),
        line.attributes.length > 0 && attributeTable(line.attributes, filter, null),
    )));
}

/**
 * Lines of the trace that belong to none of its spans: written outside of one, or in one that is not stored.
 * @param {Map<string, LogLine[]>} logs by span id
 * @param {Trace} trace
 * @returns {HTMLElement|null} null when there are none
 */
export function looseLogs(logs, trace) {
    const ids = new Set(trace.spans.map((span) => span.id));
    const lines = [...logs].filter(([id]) => !ids.has(id)).flatMap(([, some]) => some)
        .sort((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0));
    if (lines.length === 0) return null;
    const rest = lines.length > logLinesMax ? ` (the first ${logLinesMax} are shown)` : "";
    return h("details", { class: "loose-logs" },
        h("summary", {}, `${plural(lines.length, "log line")} of no span in this trace${rest}`),
        logList(lines, trace.start, ""));
}
