// SPDX-License-Identifier: Apache-2.0
// The head of a trace's page: what it is, how long, how large, and what is wrong with it.

import { traceDownloadPath } from "./api.js";
import { colorSlot } from "./colors.js";
import { copyButton, h } from "./dom.js";
import { formatAgo, formatCount, formatDuration, formatInstant, formatTime, shortened } from "./format.js";

/** @typedef {import("./types.js").Trace} Trace */

/** Service chips in the head; the rest is counted. */
const chipsMax = 12;

/**
 * @param {Trace} trace
 * @param {object} actions
 * @param {string} actions.searchAddress
 * @param {(key: string) => void} actions.show
 * @param {() => void} actions.reload
 */
export function traceHeader(trace, actions) {
    const root = trace.roots[0];
    return h(
        "header", { class: "trace-head" },
        h(
            "div", { class: "trace-title" },
            h("a", { class: "icon-button back", href: actions.searchAddress, "data-nav": true,
                "aria-label": "Back to the results (u)", title: "Back to the results (u)" }, "←"),
            h("h1", {},
                h("span", { class: "trace-service", data: { color: colorSlot(root.service) } },
                    shortened(root.service)),
                h("span", { class: "trace-operation", title: root.name }, shortened(root.name) || "(no name)")),
            h(
                "div", { class: "trace-actions" },
                h("button", { type: "button", class: "button quiet", onclick: actions.reload }, "Reload"),
                h("a", { class: "button quiet", href: traceDownloadPath(trace.traceId),
                    download: `trace-${trace.traceId}.json` }, "Download OTLP JSON"),
            ),
        ),
        facts(trace),
        trace.warnings.length > 0 && h(
            "ul", { class: "warnings", "aria-label": "Warnings" },
            trace.warnings.map((warning) => h(
                "li", {},
                h("span", { "aria-hidden": "true", class: "warning-sign" }, "⚠"),
                warning.spanKey === "" ? warning.text : h(
                    "button", { type: "button", class: "link", onclick: () => actions.show(warning.spanKey) },
                    warning.text,
                ),
            )),
        ),
    );
}

/** @param {Trace} trace */
function facts(trace) {
    return h(
        "dl", { class: "facts" },
        fact("Duration", h("strong", {}, formatDuration(trace.duration))),
        fact("Started", h("span", { title: formatInstant(trace.start) }, formatTime(trace.start)),
            h("span", { class: "dim" }, formatAgo(trace.start))),
        fact("Spans", formatCount(trace.spans.length)),
        fact("Errors", trace.errorCount > 0
            ? h("span", { class: "error-count" }, formatCount(trace.errorCount)) : "none"),
        fact("Depth", formatCount(trace.depth)),
        fact(trace.services.length === 1 ? "Service" : `${formatCount(trace.services.length)} services`, h(
            "span", { class: "chips" },
            trace.services.slice(0, chipsMax).map((service) => h(
                "span", { class: "chip", data: { color: colorSlot(service.name) } },
                h("span", { class: "chip-name" }, service.name),
                h("span", { class: "chip-count" }, formatCount(service.spanCount)),
                service.errorCount > 0
                    && h("span", { class: "chip-errors" }, `!${formatCount(service.errorCount)}`),
            )),
            trace.services.length > chipsMax
                && h("span", { class: "chip more-chips" }, `+${trace.services.length - chipsMax}`),
        )),
        fact("Trace id", h("code", { class: "mono" }, trace.traceId),
            copyButton(() => trace.traceId, "Copy the trace id")),
    );
}

/**
 * @param {string} name
 * @param {...(import("./dom.js").Child)} value
 */
function fact(name, ...value) {
    return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}
