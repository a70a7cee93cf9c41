// SPDX-License-Identifier: Apache-2.0
// Found traces: figures on top, one row each.

import { colorSlot } from "./colors.js";
import { h } from "./dom.js";
import { formatAgo, formatCount, formatDuration, formatInstant, formatTime, plural } from "./format.js";
import { ScatterPlot } from "./scatter-plot.js";

/** @typedef {import("./types.js").TraceSummary} TraceSummary */
/** @typedef {import("./types.js").SearchState} SearchState */

/** Service chips in a row; the rest is counted. */
const chipsMax = 8;

/** @type {Record<string, {label: string, compare: (a: TraceSummary, b: TraceSummary) => number}>} */
const orders = {
    newest: { label: "Newest first", compare: () => 0 },
    longest: { label: "Longest first", compare: (a, b) => compareBig(b.durationNano, a.durationNano) },
    shortest: { label: "Shortest first", compare: (a, b) => compareBig(a.durationNano, b.durationNano) },
    spans: { label: "Most spans first", compare: (a, b) => b.spanCount - a.spanCount },
    errors: { label: "Most errors first", compare: (a, b) => b.errorCount - a.errorCount },
};

/** @param {string} a @param {string} b */
function compareBig(a, b) {
    const left = BigInt(a);
    const right = BigInt(b);
    return left < right ? -1 : left > right ? 1 : 0;
}

export class ResultList {
    /**
     * @param {object} actions
     * @param {() => void} actions.more
     * @param {(on: boolean) => void} actions.live
     * @param {(changes: Partial<SearchState>) => void} actions.narrow
     */
    constructor(actions) {
        /** @type {TraceSummary[]} */
        this.traces = [];
        this.order = "newest";
        this.plot = new ScatterPlot({
            narrow: actions.narrow,
            point: (traceId) => this.mark(traceId),
        });
        this.count = h("h2", { class: "result-count" });
        const sort = h(
            "select", { "aria-label": "Order" },
            Object.entries(orders).map(([value, { label }]) => h("option", { value }, label)),
        );
        sort.addEventListener("change", () => {
            this.order = sort.value;
            this.draw();
        });
        this.liveButton = h("button", {
            type: "button", class: "button quiet live", "aria-pressed": "false",
            title: "Ask again every two seconds",
            onclick: () => actions.live(this.liveButton.getAttribute("aria-pressed") !== "true"),
        }, h("span", { class: "pulse", "aria-hidden": "true" }), "Live");
        this.rows = h("ol", { class: "results" });
        this.moreButton = h(
            "button", { type: "button", class: "button more", onclick: actions.more }, "More",
        );
        this.element = h(
            "div", { class: "result-list" },
            this.plot.element,
            h(
                "div", { class: "result-bar" }, this.count,
                this.liveButton,
                sort,
            ),
            this.rows, this.moreButton,
        );
    }

    /**
     * @param {TraceSummary[]} traces
     * @param {boolean} more there is a next page
     */
    set(traces, more) {
        this.traces = traces;
        this.moreButton.hidden = !more;
        const noun = traces.length === 1 ? "trace" : "traces";
        this.count.textContent = `${formatCount(traces.length)}${more ? "+" : ""} ${noun}`;
        this.plot.set(traces);
        this.draw();
    }

    /** @param {boolean} busy */
    setBusy(busy) {
        this.element.setAttribute("aria-busy", String(busy));
        this.moreButton.disabled = busy;
    }

    /** @param {boolean} on */
    setLive(on) {
        this.liveButton.setAttribute("aria-pressed", String(on));
    }

    draw() {
        const active = document.activeElement;
        const focused = active instanceof HTMLElement ? active.dataset.trace : undefined;
        const longest = this.traces.reduce((most, trace) => Math.max(most, Number(trace.durationNano)), 1);
        const sorted = [...this.traces].sort(orders[this.order].compare);
        const now = new Date();
        this.rows.replaceChildren(...sorted.map((trace) => h("li", {}, resultRow(trace, longest, now))));
        if (focused) this.link(focused)?.focus({ preventScroll: true });
    }

    /** @param {string} traceId */
    link(traceId) {
        return [...this.rows.querySelectorAll("a")].find((link) => link.dataset.trace === traceId);
    }

    /**
     * Shows which row a point of the plot is.
     * @param {string|null} traceId
     */
    mark(traceId) {
        for (const link of this.rows.querySelectorAll("a.marked")) link.classList.remove("marked");
        if (traceId) this.link(traceId)?.classList.add("marked");
    }

    /** @param {number} step */
    moveFocus(step) {
        const links = [...this.rows.querySelectorAll("a")];
        const at = links.findIndex((link) => link === document.activeElement);
        const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
        links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
    }
}

/**
 * @param {TraceSummary} trace
 * @param {number} longest nanoseconds
 * @param {Date} now
 */
function resultRow(trace, longest, now) {
    const start = BigInt(trace.startTimeUnixNano);
    const duration = Number(trace.durationNano);
    const fill = h("span", { class: "duration-fill" });
    fill.style.setProperty("--share", `${Math.max(0.5, (duration / longest) * 100)}%`);
    const chips = trace.services.slice(0, chipsMax).map((service) => h(
        "span", { class: "chip", data: { color: colorSlot(service.name) } },
        h("span", { class: "chip-name" }, service.name),
        h("span", { class: "chip-count" }, formatCount(service.spanCount)),
        service.errorCount > 0 && h(
            "span", { class: "chip-errors", title: plural(service.errorCount, "error") },
            `!${formatCount(service.errorCount)}`),
    ));
    const rest = trace.services.length - chipsMax;
    return h(
        "a", {
            class: trace.errorCount > 0 ? "result has-errors" : "result", href: `/trace/${trace.traceId}`,
            "data-nav": true, data: { trace: trace.traceId },
        },
        h(
            "span", { class: "result-title" },
            h("span", { class: "result-operation" }, trace.rootOperation || "(no name)"),
            h("span", { class: "result-service" }, trace.rootService),
            h("span", { class: "result-id" }, trace.traceId.slice(0, 8)),
        ),
        h("span", { class: "result-chips" }, chips,
            rest > 0 && h("span", { class: "chip more-chips" }, `+${rest}`)),
        h(
            "span", { class: "result-duration" },
            h("span", { class: "duration-text" }, formatDuration(duration)),
            h("span", { class: "duration-track" }, fill),
        ),
        h(
            "span", { class: "result-counts" },
            h("span", {}, plural(trace.spanCount, "span")),
            trace.errorCount > 0 && h("span", { class: "error-count" }, plural(trace.errorCount, "error")),
        ),
        h(
            "span", { class: "result-time", title: formatInstant(start) },
            h("span", {}, formatAgo(start, now)), h("span", { class: "dim" }, formatTime(start, now)),
        ),
    );
}
