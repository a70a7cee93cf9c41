// SPDX-License-Identifier: Apache-2.0
// Which spans are rows, how they are called, which of them a search finds. Pure.

import { attributeText, valueText } from "./otlp.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */

/**
 * Spans whose ancestors are all open, in order.
 * @param {Trace} trace
 * @param {ReadonlySet<string>} collapsed keys of closed spans
 * @returns {Span[]}
 */
export function visibleRows(trace, collapsed) {
    if (collapsed.size === 0) return trace.spans;
    /** @type {Span[]} */
    const rows = [];
    for (let index = 0; index < trace.spans.length; index += 1) {
        const span = trace.spans[index];
        rows.push(span);
        if (collapsed.has(span.key)) index = span.last;
    }
    return rows;
}

/**
 * What a row says beside the name, as `contrail show` does: `gateway → items` for a call that arrived in
 * another service, `(sqlite)` for a database call, the service where it differs from the parent's.
 * @param {Span} span
 * @returns {{from: string, to: string, system: string}}
 */
export function rowLabel(span) {
    const none = { from: "", to: "", system: "" };
    const outgoing = span.kind === "client" || span.kind === "producer";
    if (outgoing) {
        const remote = span.children.find((child) => child.service !== span.service);
        if (remote) return { ...none, from: span.service, to: remote.service };
        const system = attributeText(span.attributes, "db.system.name", "db.system", "messaging.system");
        if (system) return { ...none, system };
        const peer = attributeText(span.attributes, "service.peer.name", "peer.service", "server.address");
        if (peer) return { ...none, from: span.service, to: peer };
    }
    if (span.parent === null || span.parent.service !== span.service || span.kind === "server") {
        return { ...none, from: span.service };
    }
    return none;
}

/**
 * Why a span failed, as `contrail show` says it: its message, else its last exception, else what the
 * conventions offer. Empty for a span that did not fail and for one that says nothing.
 * @param {Span} span
 */
export function failureText(span) {
    if (span.status !== "error") return "";
    if (span.statusMessage !== "") return span.statusMessage;
    const exception = span.events.filter((event) => event.name === "exception").at(-1);
    const parts = ["exception.type", "exception.message"]
        .map((key) => attributeText(exception?.attributes ?? [], key)).filter((text) => text !== "");
    if (parts.length > 0) return parts.join(": ");
    const status = span.attributes.find(({ key }) => key === "http.response.status_code");
    return status?.type === "int" ? valueText(status) : attributeText(span.attributes, "error.type");
}

/**
 * Words of a search inside a trace: split at spaces, "quoted phrases" kept whole. All must be found.
 * @param {string} text
 * @returns {string[]}
 */
export function searchWords(text) {
    return [...text.toLowerCase().matchAll(/"([^"]*)"?|(\S+)/g)]
        .map((match) => match[1] ?? match[2])
        .filter((word) => word !== "");
}

/** @type {WeakMap<Span, string>} */
const texts = new WeakMap();

/**
 * Everything of a span that can be searched, in lower case: made once per span.
 * @param {Span} span
 */
function searchableText(span) {
    const known = texts.get(span);
    if (known !== undefined) return known;
    const parts = [span.name, span.service, span.kind, span.id, span.scope.name, span.statusMessage];
    if (span.status === "error") parts.push("error");
    const lists = [span.attributes, span.resource, ...span.events.map((event) => event.attributes)];
    for (const list of lists) for (const each of list) parts.push(`${each.key}=${valueText(each)}`);
    for (const event of span.events) parts.push(event.name);
    for (const link of span.links) parts.push(link.traceId, link.spanId);
    const text = parts.join("\n").toLowerCase();
    texts.set(span, text);
    return text;
}

/**
 * @param {Trace} trace
 * @param {string} query
 * @returns {Span[]} in tree order
 */
export function findSpans(trace, query) {
    const words = searchWords(query);
    if (words.length === 0) return [];
    return trace.spans.filter((span) => {
        const text = searchableText(span);
        return words.every((word) => text.includes(word));
    });
}
