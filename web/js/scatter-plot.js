// SPDX-License-Identifier: Apache-2.0
// Durations over time: a point opens its trace, a drag narrows the search to the rectangle.

import { h, s } from "./dom.js";
import { dateOf, formatClock, formatDuration, plural } from "./format.js";

/** @typedef {import("./types.js").TraceSummary} TraceSummary */
/** @typedef {import("./types.js").SearchState} SearchState */

const height = 132;
const margin = { left: 58, right: 12, top: 10, bottom: 20 };
/** Beyond this ratio of longest to shortest the duration axis is logarithmic. */
const logarithmicRatio = 12;
/** Pixels before a press becomes a drag. */
const dragMin = 6;

export class ScatterPlot {
    /**
     * @param {object} actions
     * @param {(changes: Partial<SearchState>) => void} actions.narrow
     * @param {(traceId: string|null) => void} actions.point
     */
    constructor(actions) {
        this.actions = actions;
        /** @type {TraceSummary[]} */
        this.traces = [];
        this.svg = s("svg", { class: "scatter", height, role: "img", "aria-label": "Durations over time" });
        this.element = h("figure", { class: "scatter-box" }, this.svg);
        new ResizeObserver(() => this.draw()).observe(this.element);
        this.svg.addEventListener("pointerdown", (event) => this.startDrag(event));
    }

    /** @param {TraceSummary[]} traces */
    set(traces) {
        this.traces = traces;
        this.element.hidden = traces.length < 2;
        this.draw();
    }

    scales() {
        const width = Math.max(200, this.element.clientWidth);
        const times = this.traces.map((trace) => dateOf(BigInt(trace.startTimeUnixNano)).getTime());
        const durations = this.traces.map((trace) => Math.max(1, Number(trace.durationNano)));
        const firstTime = Math.min(...times);
        const lastTime = Math.max(...times, firstTime + 1);
        const shortest = Math.min(...durations);
        const longest = Math.max(...durations);
        const logarithmic = longest / shortest > logarithmicRatio;
        const low = logarithmic ? Math.log10(shortest) : 0;
        const high = logarithmic ? Math.log10(longest) : longest;
        const plotWidth = width - margin.left - margin.right;
        const plotHeight = height - margin.top - margin.bottom;
        return {
            width, firstTime, lastTime, logarithmic, low, high,
            /** @param {number} time */
            x: (time) => margin.left + ((time - firstTime) / (lastTime - firstTime)) * plotWidth,
            /** @param {number} duration */
            y: (duration) => {
                const value = logarithmic ? Math.log10(Math.max(1, duration)) : duration;
                return margin.top + plotHeight - ((value - low) / (high - low || 1)) * plotHeight;
            },
            /** @param {number} x */
            timeAt: (x) => firstTime + ((x - margin.left) / plotWidth) * (lastTime - firstTime),
            /** @param {number} y */
            durationAt: (y) => {
                const value = low + ((margin.top + plotHeight - y) / plotHeight) * (high - low);
                return logarithmic ? 10 ** value : value;
            },
        };
    }

    draw() {
        if (this.traces.length < 2 || this.element.clientWidth === 0) return;
        const scale = this.scales();
        this.svg.setAttribute("width", String(scale.width));
        const marks = scale.logarithmic ? decades(scale.low, scale.high) : [0, scale.high / 2, scale.high];
        const bottom = height - margin.bottom;
        const right = scale.width - margin.right;
        const points = this.traces.map((trace) => {
            const x = scale.x(dateOf(BigInt(trace.startTimeUnixNano)).getTime());
            const y = scale.y(Number(trace.durationNano));
            const radius = Math.min(9, 3.2 + Math.log2(trace.spanCount + 1) * 0.5);
            const failed = trace.errorCount > 0;
            // Errors differ in shape too, not only in colour.
            const side = radius + 1;
            const diamond = `M${x} ${y - side}l${side} ${side}-${side} ${side}-${side}-${side}z`;
            const mark = failed ? s("path", { d: diamond }) : s("circle", { cx: x, cy: y, r: radius });
            return s(
                "a", {
                    href: `/trace/${trace.traceId}`, "data-nav": true, tabindex: -1, draggable: "false",
                    class: failed ? "point failed" : "point",
                    onpointerenter: () => this.actions.point(trace.traceId),
                    onpointerleave: () => this.actions.point(null),
                },
                s("title", {}, `${trace.rootService}  ${trace.rootOperation}\n`
                    + [
                        formatDuration(Number(trace.durationNano)), plural(trace.spanCount, "span"),
                        ...(failed ? [plural(trace.errorCount, "error")] : []),
                    ].join(", ")),
                mark,
            );
        });
        this.svg.replaceChildren(
            ...marks.map((value) => s(
                "g", { class: "axis" },
                s("line", { x1: margin.left, x2: right, y1: scale.y(value), y2: scale.y(value) }),
                s("text", { x: margin.left - 8, y: scale.y(value) + 4, "text-anchor": "end" },
                    value === 0 ? "0" : formatDuration(value)),
            )),
            s("text", { class: "axis-time", x: margin.left, y: bottom + 15 }, formatClock(scale.firstTime)),
            s("text", { class: "axis-time", x: right, y: bottom + 15, "text-anchor": "end" },
                formatClock(scale.lastTime)),
            ...points,
        );
    }

    /** @param {PointerEvent} event */
    startDrag(event) {
        if (event.button !== 0) return;
        const box = this.svg.getBoundingClientRect();
        const from = { x: event.clientX - box.left, y: event.clientY - box.top };
        const area = s("rect", { class: "brush" });
        let to = from;
        /** @param {PointerEvent} moved */
        const move = (moved) => {
            to = { x: moved.clientX - box.left, y: moved.clientY - box.top };
            if (Math.hypot(to.x - from.x, to.y - from.y) < dragMin) return;
            if (!area.isConnected) {
                this.svg.append(area);
                this.svg.setPointerCapture(event.pointerId);
            }
            area.setAttribute("x", String(Math.min(from.x, to.x)));
            area.setAttribute("y", String(Math.min(from.y, to.y)));
            area.setAttribute("width", String(Math.abs(to.x - from.x)));
            area.setAttribute("height", String(Math.abs(to.y - from.y)));
        };
        const up = () => {
            this.svg.removeEventListener("pointermove", move);
            if (!area.isConnected) return;
            area.remove();
            // The release of a drag is no click on the point below it.
            const swallow = { once: true, capture: true };
            this.svg.addEventListener("click", (click) => click.preventDefault(), swallow);
            this.narrow(from, to);
        };
        this.svg.addEventListener("pointermove", move);
        addEventListener("pointerup", up, { once: true });
    }

    /**
     * @param {{x: number, y: number}} a
     * @param {{x: number, y: number}} b
     */
    narrow(a, b) {
        const scale = this.scales();
        const times = [scale.timeAt(a.x), scale.timeAt(b.x)].sort((left, right) => left - right);
        const durations = [scale.durationAt(a.y), scale.durationAt(b.y)].sort((left, right) => left - right);
        this.actions.narrow({
            range: "custom",
            start: localMoment(Math.floor(times[0])),
            end: localMoment(Math.ceil(times[1]) + 1),
            minDuration: durations[0] > 0 ? `${Math.floor(durations[0] / 1000)}us` : "",
            maxDuration: `${Math.ceil(durations[1] / 1000)}us`,
        });
    }
}

/**
 * @param {number} low
 * @param {number} high logarithms
 */
function decades(low, high) {
    const values = [];
    const step = high - low > 4 ? 2 : 1;
    for (let power = Math.ceil(low); power <= high; power += step) values.push(10 ** power);
    return values.length > 1 ? values : [10 ** low, 10 ** high];
}

/**
 * What an input of type datetime-local holds.
 * @param {number} milliseconds
 */
function localMoment(milliseconds) {
    const local = new Date(milliseconds - new Date(milliseconds).getTimezoneOffset() * 60_000);
    return local.toISOString().slice(0, 23);
}
