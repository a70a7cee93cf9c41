// SPDX-License-Identifier: Apache-2.0
// Marks of the time ruler and the lines below them.

import { h } from "./dom.js";
import { formatDuration, ticks } from "./format.js";

/** Pixels a mark needs. */
const markWidth = 90;

/**
 * @param {import("./time-window.js").TimeWindow} window
 * @param {number} width pixels
 * @returns {{ruler: HTMLElement[], lines: HTMLElement[]}}
 */
export function rulerMarks(window, width) {
    /** @type {HTMLElement[]} */
    const ruler = [];
    /** @type {HTMLElement[]} */
    const lines = [];
    for (const offset of ticks(window.from, window.to, Math.max(1, Math.floor(width / markWidth)))) {
        const left = `${window.share(offset) * 100}%`;
        const near = window.share(offset) * width > width - markWidth / 2;
        const text = offset === 0 ? "0" : formatDuration(offset);
        const mark = h("span", { class: near ? "mark at-end" : "mark" }, text);
        const line = h("span");
        mark.style.left = left;
        line.style.left = left;
        ruler.push(mark);
        lines.push(line);
    }
    return { ruler, lines };
}
