// SPDX-License-Identifier: Apache-2.0
// The waterfall: a tree grid of which only the rows on the screen exist.

import { h } from "./dom.js";
import { Minimap } from "./minimap.js";
import { makeColumnResizer } from "./column-resizer.js";
import { visibleRows } from "./span-rows.js";
import { rulerMarks } from "./time-ruler.js";
import { TimeWindow } from "./time-window.js";
import { spanRow } from "./waterfall-row.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {Trace["critical"][number]} CriticalSegment */

/** Height of a row in CSS pixels; waterfall.css has the same number. */
const rowHeight = 28;
/** Rows made above and below the visible ones. */
const overscan = 12;

export class Waterfall {
    /**
     * @param {object} actions
     * @param {(key: string|null) => void} actions.select
     * @param {(zoomed: boolean) => void} actions.zoomed
     */
    constructor(actions) {
        this.actions = actions;
        /** @type {Trace|null} */
        this.trace = null;
        /** @type {Span[]} */
        this.rows = [];
        /** @type {Map<string, number>} row numbers by span key */
        this.places = new Map();
        /** @type {Set<string>} */
        this.collapsed = new Set();
        /** @type {Span|null} */
        this.current = null;
        /** @type {Span|null} */
        this.selected = null;
        /** @type {Map<string, import("./types.js").LogLine[]>} by span id */
        this.logs = new Map();
        /** @type {Set<string>} */
        this.matches = new Set();
        /** @type {Map<string, CriticalSegment[]>} */
        this.critical = new Map();
        this.showCritical = true;
        /** @type {Map<string, HTMLElement>} rows that exist, by span key */
        this.made = new Map();
        this.window = new TimeWindow(() => this.redraw());

        this.minimap = new Minimap(this.window);
        this.ruler = h("div", { class: "ruler", "aria-hidden": "true" });
        this.lines = h("div", { class: "lines" });
        this.grid = h("div", { class: "gridlines", "aria-hidden": "true" }, this.lines);
        this.canvas = h("div", { class: "rows" });
        this.scroller = h("div", {
            class: "waterfall-rows", role: "treegrid", tabindex: "0", "aria-label": "Spans",
            "aria-colcount": "2",
        }, this.canvas);
        this.element = h("section", { class: "waterfall", "aria-label": "Waterfall" });
        this.head = h(
            "div", { class: "waterfall-head" }, h("div", { class: "name-head" }, "Span"),
            makeColumnResizer(this.element, () => this.redraw()), this.ruler,
        );
        const body = h("div", { class: "waterfall-body" }, this.grid, this.scroller);
        this.element.append(this.minimap.element, this.head, body);

        this.scroller.addEventListener("scroll", () => this.drawRows(), { passive: true });
        this.scroller.addEventListener("click", (event) => this.click(event));
        this.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
        new ResizeObserver(() => this.redraw()).observe(this.scroller);
    }

    /** @param {Trace} trace */
    set(trace) {
        this.trace = trace;
        this.collapsed.clear();
        this.matches.clear();
        this.critical.clear();
        for (const segment of trace.critical) {
            const known = this.critical.get(segment.key);
            if (known) known.push(segment);
            else this.critical.set(segment.key, [segment]);
        }
        this.current = trace.spans[0] ?? null;
        this.selected = null;
        this.scroller.scrollTop = 0;
        this.window.set(trace.duration);
        this.minimap.set(trace);
        this.layOut();
    }

    /** @param {Map<string, import("./types.js").LogLine[]>} logs by span id */
    setLogs(logs) {
        this.logs = logs;
        if (this.trace) this.redraw();
    }

    focus() {
        this.scroller.focus({ preventScroll: true });
    }

    /** Which spans are rows has changed. */
    layOut() {
        if (!this.trace) return;
        this.rows = visibleRows(this.trace, this.collapsed);
        this.places = new Map(this.rows.map((span, place) => [span.key, place]));
        this.canvas.style.height = `${this.rows.length * rowHeight}px`;
        this.scroller.setAttribute("aria-rowcount", String(this.rows.length));
        this.redraw();
    }

    /** What rows look like has changed. */
    redraw() {
        this.made.clear();
        this.canvas.replaceChildren();
        // Head and grid lines leave out the scroll bar, so that they stand over the rows' columns.
        const scrollbar = this.scroller.offsetWidth - this.scroller.clientWidth;
        this.element.style.setProperty("--scrollbar", `${scrollbar}px`);
        const { ruler, lines } = rulerMarks(this.window, this.ruler.clientWidth);
        this.ruler.replaceChildren(...ruler);
        this.lines.replaceChildren(...lines);
        this.minimap.drawWindow();
        this.actions.zoomed(this.window.zoomed);
        this.drawRows();
    }

    drawRows() {
        if (!this.trace) return;
        const first = Math.max(0, Math.floor(this.scroller.scrollTop / rowHeight) - overscan);
        const count = Math.ceil(this.scroller.clientHeight / rowHeight) + 2 * overscan;
        const wanted = this.rows.slice(first, first + count);
        const keys = new Set(wanted.map((span) => span.key));
        for (const [key, element] of this.made) {
            if (keys.has(key)) continue;
            element.remove();
            this.made.delete(key);
        }
        wanted.forEach((span, at) => {
            if (this.made.has(span.key)) return;
            const row = spanRow(span, {
                place: first + at,
                window: this.window,
                open: !this.collapsed.has(span.key),
                match: this.matches.has(span.key),
                dim: this.matches.size > 0 && !this.matches.has(span.key),
                critical: this.showCritical ? this.critical.get(span.key) ?? [] : [],
                logs: this.logs.get(span.id) ?? [],
            });
            row.style.transform = `translateY(${(first + at) * rowHeight}px)`;
            this.made.set(span.key, row);
            this.canvas.append(row);
        });
        this.markCurrent();
        this.minimap.drawScroll(first + overscan, this.scroller.clientHeight / rowHeight, this.rows);
    }

    markCurrent() {
        for (const [key, row] of this.made) {
            row.classList.toggle("current", key === this.current?.key);
            row.setAttribute("aria-selected", String(key === this.selected?.key));
        }
        const row = this.current ? this.made.get(this.current.key) : undefined;
        if (row) this.scroller.setAttribute("aria-activedescendant", row.id);
        else this.scroller.removeAttribute("aria-activedescendant");
    }

    /**
     * @param {Span|null} span
     * @param {boolean} centered
     */
    select(span, centered) {
        this.selected = span;
        if (span) {
            this.reveal(span);
            this.moveTo(span, centered);
        } else {
            this.markCurrent();
        }
    }

    /**
     * Opens the ancestors.
     * @param {Span} span
     */
    reveal(span) {
        let changed = false;
        for (let parent = span.parent; parent; parent = parent.parent) {
            changed = this.collapsed.delete(parent.key) || changed;
        }
        if (changed) this.layOut();
    }

    /**
     * @param {Span} span
     * @param {boolean} [centered]
     */
    moveTo(span, centered = false) {
        const place = this.places.get(span.key);
        if (place === undefined) return;
        this.current = span;
        const top = place * rowHeight;
        const height = this.scroller.clientHeight;
        const { scrollTop } = this.scroller;
        if (top < scrollTop || top + rowHeight > scrollTop + height) {
            const middle = centered || Math.abs(top - scrollTop) > 2 * height;
            this.scroller.scrollTop = middle ? top - height / 2
                : top < scrollTop ? top : top + rowHeight - height;
        }
        this.drawRows();
    }

    /** @param {Span[]} spans */
    setMatches(spans) {
        this.matches = new Set(spans.map((span) => span.key));
        this.redraw();
    }

    /** @returns {boolean} whether it is shown now */
    toggleCritical() {
        this.showCritical = !this.showCritical;
        this.redraw();
        return this.showCritical;
    }

    /** @param {boolean} open */
    setAllOpen(open) {
        this.collapsed.clear();
        if (!open) {
            for (const { key, children } of this.trace?.spans ?? []) {
                if (children.length > 0) this.collapsed.add(key);
            }
        }
        let shown = this.current;
        while (!open && shown?.parent) shown = shown.parent;
        this.layOut();
        if (shown) this.moveTo(shown);
    }

    /**
     * @param {Span} span
     * @param {boolean} open
     */
    setOpen(span, open) {
        if (open) this.collapsed.delete(span.key);
        else this.collapsed.add(span.key);
        this.layOut();
    }

    zoomOut() {
        this.window.reset();
    }

    /** @param {MouseEvent} event */
    click(event) {
        if (!(event.target instanceof Element)) return;
        const row = event.target.closest("[data-key]");
        const span = row instanceof HTMLElement ? this.trace?.byKey.get(row.dataset.key ?? "") : undefined;
        if (!span) return;
        if (event.target.closest(".twist") && span.children.length > 0) {
            this.current = span;
            this.setOpen(span, this.collapsed.has(span.key));
        } else {
            this.actions.select(span.key);
        }
    }

    /**
     * Zooms at the pointer with Ctrl, pans with Shift or a sideways wheel.
     * @param {WheelEvent} event
     */
    wheel(event) {
        const box = this.ruler.getBoundingClientRect();
        if (event.ctrlKey) {
            event.preventDefault();
            this.window.zoom(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - box.left) / box.width);
        } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && this.window.zoomed) {
            event.preventDefault();
            this.window.pan(event.deltaX / box.width);
        }
    }

    /**
     * @param {KeyboardEvent} event
     * @returns {boolean} whether the key was for the waterfall
     */
    keyDown(event) {
        const span = this.current;
        if (!span) return false;
        const place = this.places.get(span.key) ?? 0;
        const page = Math.max(1, Math.floor(this.scroller.clientHeight / rowHeight) - 1);
        const controls = "button, a, summary, [role=separator]";
        const inControl = event.target instanceof Element && event.target.closest(controls);
        if (inControl && /^(Enter| |Arrow.*|Home|End|Page.*)$/.test(event.key)) return false;
        switch (event.key) {
        case "ArrowDown": case "j": return this.step(place + 1);
        case "ArrowUp": case "k": return this.step(place - 1);
        case "PageDown": return this.step(place + page);
        case "PageUp": return this.step(place - page);
        case "Home": return this.step(0);
        case "End": return this.step(this.rows.length - 1);
        case "ArrowRight": return event.shiftKey ? this.window.pan(0.1) : this.goIn(span, place);
        case "ArrowLeft": return event.shiftKey ? this.window.pan(-0.1) : this.goOut(span);
        case "Enter": case " ": this.actions.select(span.key); return true;
        case "[": this.setAllOpen(false); return true;
        case "]": this.setAllOpen(true); return true;
        case "+": case "=": return this.window.zoom(0.5, this.middleOf(span));
        case "-": return this.window.zoom(2, this.middleOf(span));
        case "0": this.zoomOut(); return true;
        default: return false;
        }
    }

    /** @param {number} place */
    step(place) {
        const span = this.rows[Math.max(0, Math.min(this.rows.length - 1, place))];
        this.moveTo(span);
        // With the details open they follow, as in a list with a preview.
        if (this.selected && this.selected !== span) this.actions.select(span.key);
        return true;
    }

    /** @param {Span} span @param {number} place */
    goIn(span, place) {
        if (this.collapsed.has(span.key)) this.setOpen(span, true);
        else if (span.children.length > 0) return this.step(place + 1);
        return true;
    }

    /** @param {Span} span */
    goOut(span) {
        if (span.children.length > 0 && !this.collapsed.has(span.key)) this.setOpen(span, false);
        else if (span.parent) return this.step(this.places.get(span.parent.key) ?? 0);
        return true;
    }

    /**
     * Where a zoom by key holds still: the current span, as a share of the window.
     * @param {Span} span
     */
    middleOf(span) {
        return Math.max(0, Math.min(1, this.window.share(span.offset + span.duration / 2)));
    }
}
