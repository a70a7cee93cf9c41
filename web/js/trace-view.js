// SPDX-License-Identifier: Apache-2.0
// The page of one trace: figures, where the time went, waterfall, details of a span.

import { readAnalysis } from "./analysis.js";
import { APIError, fetchAnalysis, fetchTrace, fetchTraceLogs } from "./api.js";
import { breakdown } from "./breakdown.js";
import { h } from "./dom.js";
import { formatCount, shortened } from "./format.js";
import { FindBar } from "./find-bar.js";
import { looseLogs } from "./log-list.js";
import { SpanDetails } from "./span-details.js";
import { traceHeader } from "./trace-header.js";
import { decodeLogs } from "./trace-logs.js";
import { buildTrace } from "./trace-tree.js";
import { Waterfall } from "./waterfall.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */

/** The waterfall waits this long for the analysis, milliseconds; a later one is drawn when it comes. */
const analysisPatience = 1000;

export class TraceView {
    /** @param {() => string} searchAddress where the results are that the reader came from */
    constructor(searchAddress) {
        this.searchAddress = searchAddress;
        this.element = h("div", { class: "trace-page" });
        /** @type {Trace|null} */
        this.trace = null;
        this.traceId = "";
        /** @type {AbortController|null} */
        this.request = null;
        /** @type {Map<string, import("./types.js").LogLine[]>} by span id */
        this.logs = new Map();
        this.looseLogs = h("div");
        this.hasAllLogs = true;
        /** Of the whole trace, which can be more than are loaded. */
        this.spanCount = 0;
        this.details = new SpanDetails({
            close: () => this.select(null),
            show: (key) => this.select(key),
        });
        this.waterfall = new Waterfall({
            select: (key) => this.select(key),
            zoomed: (zoomed) => this.find?.setZoomed(zoomed),
        });
        this.find = new FindBar({
            found: (spans) => this.waterfall.setMatches(spans),
            show: (span) => this.select(span.key),
            focusRows: () => this.waterfall.focus(),
            expand: (open) => this.waterfall.setAllOpen(open),
            critical: () => this.waterfall.toggleCritical(),
            zoomOut: () => this.waterfall.zoomOut(),
        });
    }

    /**
     * @param {string} traceId
     * @param {URLSearchParams} parameters
     */
    show(traceId, parameters) {
        const span = parameters.get("span");
        if (this.trace && this.traceId === traceId) this.select(span, true);
        else void this.load(traceId, span);
    }

    hide() {
        this.request?.abort();
    }

    /**
     * @param {string} traceId
     * @param {string|null} span
     */
    async load(traceId, span) {
        this.request?.abort();
        const request = new AbortController();
        this.request = request;
        this.traceId = traceId;
        this.trace = null;
        this.details.setLogs(new Map());
        this.logs = new Map();
        this.hasAllLogs = true;
        document.title = `${traceId.slice(0, 8)} · Contrail`;
        this.element.setAttribute("aria-busy", "true");
        const slow = setTimeout(() => {
            this.element.replaceChildren(h("p", { class: "message" }, "Loading the trace…"));
        }, 200);
        try {
            const analysis = fetchAnalysis(traceId, request.signal);
            analysis.catch(() => null);
            void fetchTraceLogs(traceId, request.signal).then((logs) => {
                if (request.signal.aborted) return;
                const bySpan = decodeLogs(logs.otlp);
                this.hasAllLogs = logs.isComplete;
                this.details.setLogs(bySpan);
                this.waterfall.setLogs(bySpan);
                this.logs = bySpan;
                this.drawLooseLogs();
            }, () => null);
            const { otlp, spanCount } = await fetchTrace(traceId, request.signal);
            this.spanCount = spanCount;
            const early = await Promise.race([analysis, after(analysisPatience, undefined)]);
            clearTimeout(slow);
            this.draw(otlp, readAnalysis(early), span);
            if (early !== undefined) return;
            const late = await analysis;
            if (late) this.draw(otlp, readAnalysis(late), this.selected);
        } catch (error) {
            if (!request.signal.aborted) this.fail(error);
        } finally {
            clearTimeout(slow);
            this.element.removeAttribute("aria-busy");
        }
    }

    /**
     * @param {any} otlp
     * @param {import("./analysis.js").Analysis} analysis
     * @param {string|null} span
     */
    draw(otlp, analysis, span) {
        const trace = buildTrace(otlp, this.traceId, analysis);
        if (trace.spans.length === 0) throw new APIError("The answer holds no span of this trace.", 404);
        this.trace = trace;
        if (this.spanCount > trace.spans.length) {
            const first = `The first ${formatCount(trace.spans.length)} of ${formatCount(this.spanCount)} spans`;
            trace.warnings.unshift({ kind: "excerpt", spanKey: "", text: `${first}, by when they came, are shown` });
        }
        if (span && !trace.byKey.has(span)) {
            trace.warnings.push({ kind: "missing", spanKey: "", text: `Span ${span} is not in this trace` });
        }
        const root = trace.roots[0];
        document.title = `${shortened(`${root.service} ${root.name}`)} · Contrail`;
        this.body = h("div", { class: "trace-body" }, this.waterfall.element, this.details.element);
        this.element.replaceChildren(
            traceHeader(trace, {
                searchAddress: this.searchAddress(),
                show: (key) => this.select(key),
                reload: () => this.reload(),
            }),
            h("div", { class: "breakdown-box" },
                breakdown(analysis, (group) => this.find.search(group.query))),
            this.looseLogs, this.find.element, this.body,
        );
        this.find.set(trace);
        this.details.setTrace(trace);
        this.waterfall.set(trace);
        this.drawLooseLogs();
        this.select(span, true);
    }

    drawLooseLogs() {
        const list = this.trace && looseLogs(this.logs, this.trace);
        const note = "The trace has more log lines than are loaded: these are the latest.";
        this.looseLogs.replaceChildren(
            ...(this.hasAllLogs ? [] : [h("p", { class: "hint" }, note)]), ...(list ? [list] : []));
    }

    reload() {
        void this.load(this.traceId, this.selected);
    }

    /** The span that the address bar names. */
    get selected() {
        return new URLSearchParams(location.search).get("span");
    }

    /**
     * @param {string|null} key span id, or null for none
     * @param {boolean} [fromAddress] the address bar says so already
     */
    select(key, fromAddress = false) {
        if (!this.trace) return;
        const span = key === null ? null : this.trace.byKey.get(key) ?? null;
        this.waterfall.select(span, fromAddress);
        this.details.set(span);
        this.body?.classList.toggle("with-details", span !== null);
        if (fromAddress) return;
        const query = span ? `?span=${encodeURIComponent(span.key)}` : "";
        history.replaceState(history.state, "", `/trace/${this.traceId}${query}`);
        if (!span) this.waterfall.focus();
    }

    /** @param {unknown} error */
    fail(error) {
        const known = error instanceof APIError ? error : null;
        const message = error instanceof Error ? error.message : String(error);
        const title = known?.status === 404 ? "This trace is not here"
            : known?.status === 0 ? "No connection" : "The trace cannot be shown";
        this.element.replaceChildren(h(
            "div", { class: "message error", role: "alert" },
            h("h1", {}, title),
            h("p", {}, message),
            known?.status === 404 && h("p", { class: "hint" },
                "It may not have arrived yet, may not have been sampled, or may have been removed."),
            h("p", { class: "mono" }, this.traceId),
            h(
                "p", { class: "button-row" },
                h("button", { type: "button", class: "button", onclick: () => this.reload() }, "Try again"),
                h("a", { class: "button quiet", href: this.searchAddress(), "data-nav": true },
                    "To the search"),
            ),
        ));
    }

    /** @param {KeyboardEvent} event */
    keyDown(event) {
        if (event.key === "u") {
            document.dispatchEvent(new CustomEvent("contrail-go", { detail: this.searchAddress() }));
        } else if (this.trace && (this.find.keyDown(event) || this.waterfall.keyDown(event))) {
            event.preventDefault();
        } else if (event.key === "Escape") {
            this.select(null);
        }
    }
}

/**
 * @template Value
 * @param {number} milliseconds
 * @param {Value} value
 * @returns {Promise<Value>}
 */
function after(milliseconds, value) {
    return new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));
}
