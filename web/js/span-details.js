// SPDX-License-Identifier: Apache-2.0
// Everything about one span, in the panel beside the waterfall.

import { attributeTable } from "./attribute-table.js";
import { colorSlot } from "./colors.js";
import { copyButton, h } from "./dom.js";
import { formatDuration, formatInstant, formatOffset } from "./format.js";
import { logLinesMax, logList } from "./log-list.js";
import { failureText, rowLabel } from "./span-rows.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./types.js").Attribute} Attribute */

export class SpanDetails {
    /**
     * @param {object} actions
     * @param {() => void} actions.close
     * @param {(key: string) => void} actions.show
     */
    constructor(actions) {
        this.actions = actions;
        /** @type {Trace|null} */
        this.trace = null;
        /** @type {Span|null} */
        this.span = null;
        /** @type {Map<string, import("./types.js").LogLine[]>} */
        this.logs = new Map();
        /** Kept from span to span, so that one attribute can be followed through a trace. */
        this.filter = "";
        this.body = h("div", { class: "details-body" });
        this.element = h(
            "aside", { class: "details", "aria-label": "Span details", hidden: true }, this.body,
        );
    }

    /** @param {Trace} trace */
    setTrace(trace) {
        this.trace = trace;
    }

    /** @param {Map<string, import("./types.js").LogLine[]>} logs by span id */
    setLogs(logs) {
        this.logs = logs;
        if (this.span) this.set(this.span);
    }

    /** @param {Span|null} span */
    set(span) {
        this.span = span;
        this.element.hidden = span === null;
        if (!span) return;
        const scroll = this.element.scrollTop;
        this.body.replaceChildren(this.head(span), this.filterBox(), this.sections(span));
        this.element.scrollTop = scroll;
    }

    /** @param {Span} span */
    head(span) {
        const { from, to } = rowLabel(span);
        const why = failureText(span) || span.statusMessage;
        return h(
            "header", { class: "details-head" },
            h("div", { class: "details-title" },
                h("h2", {}, span.name || "(no name)"),
                h("button", {
                    type: "button", class: "icon-button", "aria-label": "Close (Esc)", title: "Close (Esc)",
                    onclick: this.actions.close,
                }, "✕")),
            h("p", { class: "details-line" },
                h("span", { class: "trace-service", data: { color: colorSlot(span.service) } }, span.service),
                h("span", { class: "tag" }, span.kind),
                to !== "" && h("span", { class: "dim" }, `${from} → ${to}`),
                h("span", { class: `tag status-${span.status}` }, `status ${span.status}`)),
            why !== "" && h("p", { class: "status-message" }, why),
            span.warnings.map((warning) => h(
                "p", { class: "span-warning" }, h("span", { class: "warning-sign" }, "⚠"), warning,
            )),
            h("dl", { class: "details-figures" },
                figure("Duration", formatDuration(span.duration)),
                span.selfTime !== null && figure("Itself", formatDuration(span.selfTime),
                    "Time in which none of its children ran"),
                figure("Starts at", formatOffset(span.offset), formatInstant(span.start)),
                span.clockOffset !== 0n && figure("Clock", `${formatOffset(Number(span.clockOffset))}`,
                    "Its clock differs from its caller's: drawn moved by this much")),
        );
    }

    filterBox() {
        const input = h("input", {
            type: "search", placeholder: "Filter attributes", "aria-label": "Filter attributes",
            autocomplete: "off", spellcheck: "false", class: "attribute-filter",
        });
        input.value = this.filter;
        input.addEventListener("input", () => {
            this.filter = input.value;
            const old = this.body.querySelector(".details-sections");
            if (this.span && old) old.replaceWith(this.sections(this.span));
        });
        input.addEventListener("keydown", (event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            if (input.value === "") this.actions.close();
            input.value = "";
            input.dispatchEvent(new Event("input"));
        });
        return input;
    }

    /** @param {Span} span */
    sections(span) {
        /** @param {Attribute[]} list @param {string|null} [service] */
        const table = (list, service = span.service) => attributeTable(list, this.filter, service);
        const scopeName = [span.scope.name, span.scope.version].filter((text) => text !== "").join(" ");
        /** @param {number} count */
        const droppedText = (count) => (count > 0 ? `${count} dropped by the sender` : "");
        return h(
            "div", { class: "details-sections" },
            section("Attributes", span.attributes.length, true, droppedText(span.droppedAttributes),
                table(span.attributes)),
            (span.events.length > 0 || span.droppedEvents > 0) && section(
                "Events", span.events.length, true, droppedText(span.droppedEvents),
                h("ol", { class: "events" }, span.events.map((event) => h(
                    "li", {},
                    h("p", { class: "event-head" },
                        h("span", { class: "event-offset", title: formatInstant(event.time) },
                            formatOffset(event.offset - span.offset)),
                        h("strong", {}, event.name || "(no name)")),
                    event.attributes.length > 0 && attributeTable(event.attributes, this.filter, null),
                ))),
            ),
            this.logSection(span),
            (span.links.length > 0 || span.droppedLinks > 0) && section(
                "Links", span.links.length, true, droppedText(span.droppedLinks),
                h("ol", { class: "links" }, span.links.map((link) => h(
                    "li", {}, this.link(link),
                    link.attributes.length > 0 && attributeTable(link.attributes, this.filter, null),
                ))),
            ),
            section("Resource", span.resource.length, false, "", table(span.resource)),
            section("Scope and ids", 0, false, "", h(
                "dl", { class: "ids" },
                id("Span id", span.id), id("Parent id", span.parentId, this.parentAction(span)),
                id("Trace id", this.trace?.traceId ?? ""), id("Trace state", span.traceState),
                id("Flags", `0x${span.flags.toString(16).padStart(2, "0")}`), id("Scope", scopeName),
                id("Scope schema", span.scope.schema), id("Resource schema", span.resourceSchema),
                id("Start", formatInstant(span.start)), id("End", formatInstant(span.end)),
            ), span.scope.attributes.length > 0 && table(span.scope.attributes, null)),
            h("p", { class: "button-row" },
                copyButton(
                    () => `${location.origin}/trace/${this.trace?.traceId}?span=${encodeURIComponent(span.key)}`,
                    "Copy the link to this span", "Copy link to this span",
                )),
        );
    }

    /** @param {Span} span */
    logSection(span) {
        const lines = this.logs.get(span.id) ?? [];
        if (lines.length === 0) return null;
        return section(
            "Log lines", lines.length, true,
            lines.length > logLinesMax ? `the first ${logLinesMax}` : "",
            logList(lines, span.start, this.filter),
        );
    }

    /** @param {Span} span */
    parentAction(span) {
        const { parent } = span;
        return parent ? () => this.actions.show(parent.key) : undefined;
    }

    /** @param {import("./types.js").SpanLink} link */
    link(link) {
        const here = link.traceId === this.trace?.traceId;
        const where = here ? "this trace" : `trace ${link.traceId.slice(0, 8)}…`;
        return h("a", {
            href: `/trace/${link.traceId}?span=${link.spanId}`, "data-nav": true, title: link.traceId,
        }, `span ${link.spanId} of ${where}`);
    }
}

/**
 * @param {string} title
 * @param {number} count 0 for a section that is no list
 * @param {boolean} open
 * @param {string} note
 * @param {...(import("./dom.js").Child)} content
 */
function section(title, count, open, note, ...content) {
    return h(
        "details", { open },
        h("summary", {}, title, count > 0 && h("span", { class: "count" }, count),
            note !== "" && h("span", { class: "note" }, note)),
        content,
    );
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [title]
 */
function figure(name, value, title) {
    return h("div", { title }, h("dt", {}, name), h("dd", {}, value));
}

/**
 * @param {string} name
 * @param {string} value nothing is shown for an empty one
 * @param {() => void} [action]
 */
function id(name, value, action) {
    if (value === "") return null;
    return h("div", {}, h("dt", {}, name), h(
        "dd", {},
        action ? h("button", { type: "button", class: "link mono", onclick: action }, value)
            : h("span", { class: "mono" }, value),
        copyButton(() => value, `Copy ${name.toLowerCase()}`),
    ));
}
