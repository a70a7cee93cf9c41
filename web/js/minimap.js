// SPDX-License-Identifier: Apache-2.0
// The whole trace, small, above the waterfall. A drag on it chooses the time that the waterfall shows.

import { colorCount, colorSlot } from "./colors.js";
import { h } from "./dom.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */

const height = 48;
/** Pixels below which a press is a click and no drag. */
const dragMin = 4;

export class Minimap {
    /** @param {import("./time-window.js").TimeWindow} window */
    constructor(window) {
        this.window = window;
        /** @type {Trace|null} */
        this.trace = null;
        this.canvas = h("canvas", { height });
        this.before = h("div", { class: "minimap-out" });
        this.after = h("div", { class: "minimap-out" });
        this.probe = h("span", { class: "minimap-probe" });
        this.scrollMark = h("div", { class: "minimap-scroll" });
        this.element = h(
            "div", {
                class: "minimap", "aria-hidden": "true",
                title: "Drag to zoom, double click for the whole trace",
            },
            this.probe, this.canvas, this.before, this.after, this.scrollMark,
        );
        new ResizeObserver(() => this.draw()).observe(this.element);
        document.addEventListener("contrail-theme", () => this.draw());
        this.element.addEventListener("pointerdown", (event) => this.startDrag(event));
        this.element.addEventListener("dblclick", () => this.window.reset());
    }

    /** @param {Trace} trace */
    set(trace) {
        this.trace = trace;
        this.element.hidden = trace.spans.length < 3;
        this.draw();
    }

    draw() {
        const width = this.element.clientWidth;
        if (!this.trace || width === 0) return;
        const ratio = devicePixelRatio || 1;
        this.canvas.width = Math.round(width * ratio);
        this.canvas.height = Math.round(height * ratio);
        const context = this.canvas.getContext("2d");
        if (!context) return;
        context.scale(ratio, ratio);
        const colors = this.colors();
        const { spans, duration } = this.trace;
        const rowHeight = (height - 8) / spans.length;
        const thickness = Math.max(1, Math.min(3, rowHeight * 0.7));
        for (const span of spans) {
            const slot = colorSlot(span.service);
            context.fillStyle = colors[slot];
            const left = (span.offset / (duration || 1)) * width;
            const length = Math.max(1, (span.duration / (duration || 1)) * width);
            context.fillRect(left, 4 + span.index * rowHeight, length, thickness);
        }
        this.drawWindow();
    }

    /**
     * Canvas takes no CSS variables: an element computes them, in the theme of now.
     * @returns {string[]}
     */
    colors() {
        return Array.from({ length: colorCount }, (_, slot) => {
            this.probe.dataset.color = String(slot);
            return getComputedStyle(this.probe).color;
        });
    }

    drawWindow() {
        const total = this.window.total;
        this.before.style.width = `${(this.window.from / total) * 100}%`;
        this.after.style.left = `${(this.window.to / total) * 100}%`;
        this.after.style.width = `${(1 - this.window.to / total) * 100}%`;
    }

    /**
     * Where the rows on the screen are among all.
     * @param {number} first
     * @param {number} count
     * @param {Span[]} rows
     */
    drawScroll(first, count, rows) {
        const all = this.trace?.spans.length ?? 0;
        if (all === 0 || count >= rows.length) {
            this.scrollMark.hidden = true;
            return;
        }
        this.scrollMark.hidden = false;
        const from = rows[Math.min(rows.length - 1, Math.max(0, first))]?.index ?? 0;
        const to = rows[Math.min(rows.length - 1, first + Math.floor(count))]?.index ?? all;
        this.scrollMark.style.top = `${(from / all) * 100}%`;
        this.scrollMark.style.height = `${Math.max(6, ((to - from) / all) * 100)}%`;
    }

    /** @param {PointerEvent} event */
    startDrag(event) {
        if (event.button !== 0) return;
        event.preventDefault();
        const box = this.element.getBoundingClientRect();
        /** @param {PointerEvent} at */
        const share = (at) => Math.max(0, Math.min(1, (at.clientX - box.left) / box.width));
        const from = share(event);
        const area = h("div", { class: "minimap-drag" });
        this.element.append(area);
        this.element.setPointerCapture(event.pointerId);
        let to = from;
        /** @param {PointerEvent} moved */
        const move = (moved) => {
            to = share(moved);
            area.style.left = `${Math.min(from, to) * 100}%`;
            area.style.width = `${Math.abs(to - from) * 100}%`;
        };
        this.element.addEventListener("pointermove", move);
        this.element.addEventListener("pointerup", () => {
            this.element.removeEventListener("pointermove", move);
            area.remove();
            if (Math.abs(to - from) * box.width < dragMin) return;
            this.window.show(Math.min(from, to) * this.window.total, Math.max(from, to) * this.window.total);
        }, { once: true });
    }
}
