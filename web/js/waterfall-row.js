// SPDX-License-Identifier: Apache-2.0
// One row of the waterfall.

import { colorSlot } from "./colors.js";
import { h } from "./dom.js";
import { formatDuration, formatOffset, plural, shortened } from "./format.js";
import { failureText, rowLabel } from "./span-rows.js";
import { worstSeverity } from "./trace-logs.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").LogLine} LogLine */
/** @typedef {import("./time-window.js").TimeWindow} TimeWindow */

/** Levels that indent; deeper ones stay at the last. */
const indentMax = 24;
/** Ticks of events on one bar, and as many of log lines. More would hide it. */
const ticksMax = 60;
/** Shares of the time column within which the duration stands beside the bar. */
const besideRight = 0.86;
const besideLeft = 0.14;

/**
 * @param {Span} span
 * @param {object} look
 * @param {number} look.place row number
 * @param {TimeWindow} look.window
 * @param {boolean} look.open
 * @param {boolean} look.match
 * @param {boolean} look.dim
 * @param {{offset: number, duration: number}[]} look.critical
 * @param {LogLine[]} look.logs written within it
 * @returns {HTMLElement}
 */
export function spanRow(span, look) {
    const parent = span.children.length > 0;
    const siblings = span.parent ? span.parent.children : null;
    const classes = ["row"];
    if (look.match) classes.push("match");
    if (look.dim) classes.push("dim-row");
    if (span.status === "error") classes.push("has-error");
    return h(
        "div", {
            class: classes.join(" "), role: "row", id: `row-${span.index}`,
            data: { key: span.key, color: colorSlot(span.service) },
            "aria-level": span.depth + 1, "aria-rowindex": look.place + 1, "aria-selected": "false",
            "aria-expanded": parent ? String(look.open) : null,
            "aria-setsize": siblings?.length, "aria-posinset": siblings ? siblings.indexOf(span) + 1 : null,
        },
        nameCell(span, look, parent), timeCell(span, look),
    );
}

/**
 * @param {Span} span
 * @param {{open: boolean, logs: LogLine[]}} look
 * @param {boolean} parent
 */
function nameCell(span, look, parent) {
    const { from, to, system } = rowLabel(span);
    const cell = h("div", { class: "name-cell", role: "gridcell" });
    cell.style.setProperty("--level", String(Math.min(span.depth, indentMax)));
    const hidden = look.open ? 0 : span.last - span.index;
    const triangle = look.open ? "▾" : "▸";
    cell.append(
        h("span", { class: parent ? "twist" : "twist leaf", "aria-hidden": "true" }, parent ? triangle : ""),
        h("span", { class: "service-mark", "aria-hidden": "true" }),
    );
    if (span.status === "error") {
        const why = shortened(failureText(span));
        cell.append(sign("error-sign", "!", why === "" ? "error" : `error: ${why}`));
    }
    if (span.status !== "error" && span.errorBelow && !look.open) cell.append(sign("error-sign below", "!", "error below"));
    if (span.warnings.length > 0) cell.append(sign("warning-sign", "⚠", span.warnings.join("; ")));
    cell.append(h("span", { class: "span-name", title: shortened(span.name) }, shortened(span.name) || "(no name)"));
    if (hidden > 0) {
        const title = `${plural(hidden, "span")} inside`;
        cell.append(h("span", { class: "hidden-count", title }, `+${hidden}`));
    }
    if (to !== "") {
        cell.append(h("span", { class: "span-service" }, from, h("span", { class: "arrow" }, " → "), to));
    } else if (system !== "") {
        cell.append(h("span", { class: "span-service" }, `(${system})`));
    } else if (from !== "") {
        cell.append(h("span", { class: "span-service" }, from));
    }
    if (look.logs.length > 0) {
        const worst = worstSeverity(look.logs);
        const text = plural(look.logs.length, "log line") + (worst === "" ? "" : `, worst: ${worst}`);
        cell.append(sign(`log-count severity-${worst}`, `≡ ${look.logs.length}`, text));
    }
    return cell;
}

/**
 * @param {string} name
 * @param {string} face
 * @param {string} text
 */
function sign(name, face, text) {
    return h("span", { class: name, role: "img", "aria-label": text, title: text }, face);
}

/**
 * @param {Span} span
 * @param {{window: TimeWindow, critical: {offset: number, duration: number}[], logs: LogLine[]}} look
 */
function timeCell(span, look) {
    const { window } = look;
    const cell = h("div", { class: "time-cell", role: "gridcell" });
    const left = window.share(span.offset);
    const right = window.share(span.offset + span.duration);
    const visibleLeft = Math.max(0, Math.min(1, left));
    const visibleRight = Math.max(0, Math.min(1, right));
    const text = formatDuration(span.duration);
    if (right < 0 || left > 1) {
        // Out of the window: an arrow says where it is.
        const [name, face] = left > 1 ? ["outside later", "›"] : ["outside earlier", "‹"];
        cell.append(h("span", { class: name, title: text }, face));
        return cell;
    }
    const bar = h("span", { class: "bar", title: `${text}, starts at ${formatOffset(span.offset)}` });
    place(bar, visibleLeft, visibleRight);
    cell.append(bar);
    for (const segment of look.critical) {
        const from = Math.max(0, window.share(segment.offset));
        const to = Math.min(1, window.share(segment.offset + segment.duration));
        // A stretch that nobody could see is left out: dots would look like something.
        if (to - from < 0.0015) continue;
        const line = h("span", { class: "critical" });
        place(line, from, to);
        cell.append(line);
    }
    for (const event of span.events.slice(0, ticksMax)) {
        const at = window.share(event.offset);
        if (at < 0 || at > 1) continue;
        const tick = h("span", {
            class: event.name === "exception" ? "tick exception" : "tick",
            title: `${event.name} ${formatOffset(event.offset)}`,
        });
        tick.style.left = `${at * 100}%`;
        cell.append(tick);
    }
    for (const line of look.logs.slice(0, ticksMax)) {
        const offset = span.offset + Number(line.time - span.start);
        const at = window.share(offset);
        if (at < 0 || at > 1) continue;
        const severity = worstSeverity([line]);
        const tick = h("span", {
            class: `log-tick severity-${severity}`,
            title: shortened(`${formatOffset(offset)} ${severity} ${line.text}`),
        });
        tick.style.left = `${at * 100}%`;
        cell.append(tick);
    }
    cell.append(label(text, visibleLeft, visibleRight));
    return cell;
}

/**
 * @param {HTMLElement} element
 * @param {number} from share of the column
 * @param {number} to
 */
function place(element, from, to) {
    element.style.left = `${from * 100}%`;
    element.style.width = `${(to - from) * 100}%`;
}

/**
 * The duration: right of the bar, else left of it, else inside.
 * @param {string} text
 * @param {number} from
 * @param {number} to
 */
function label(text, from, to) {
    const element = h("span", { class: "duration" }, text);
    if (to < besideRight) {
        element.style.left = `${to * 100}%`;
    } else if (from > besideLeft) {
        element.classList.add("before");
        element.style.right = `${(1 - from) * 100}%`;
    } else {
        element.classList.add("inside");
        element.style.right = `${(1 - to) * 100}%`;
    }
    return element;
}
