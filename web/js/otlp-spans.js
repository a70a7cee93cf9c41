// SPDX-License-Identifier: Apache-2.0
// The spans of one trace out of OTLP/JSON, not yet linked to each other. Pure.

import { attributeText, attributes, kindName, statusName, unixNano } from "./otlp.js";

/** @typedef {import("./types.js").Span} Span */

/**
 * @param {any} otlp `{"resourceSpans": […]}`
 * @param {string} traceId
 * @returns {{spans: Span[], foreign: number}} `foreign` spans are of other traces and left out
 */
export function decodeSpans(otlp, traceId) {
    /** @type {Span[]} */
    const spans = [];
    let foreign = 0;
    for (const group of otlp?.resourceSpans ?? []) {
        const resource = attributes(group?.resource?.attributes);
        const service = attributeText(resource, "service.name") || "unknown_service";
        const resourceSchema = String(group?.schemaUrl ?? "");
        for (const scopeGroup of group?.scopeSpans ?? []) {
            const scope = {
                name: String(scopeGroup?.scope?.name ?? ""),
                version: String(scopeGroup?.scope?.version ?? ""),
                schema: String(scopeGroup?.schemaUrl ?? ""),
                attributes: attributes(scopeGroup?.scope?.attributes),
            };
            const origin = { resource, service, resourceSchema, scope };
            for (const span of scopeGroup?.spans ?? []) {
                const isOurs = String(span?.traceId ?? "").toLowerCase() === traceId;
                if (isOurs) spans.push(decode(span, origin, spans.length));
                else foreign += 1;
            }
        }
    }
    return { spans, foreign };
}

/**
 * One literal with all members: objects of one shape are what engines are fast with.
 * @param {any} span
 * @param {Pick<Span, "resource"|"service"|"resourceSchema"|"scope">} origin
 * @param {number} position
 * @returns {Span}
 */
function decode(span, { resource, service, resourceSchema, scope }, position) {
    const start = unixNano(span.startTimeUnixNano);
    const end = unixNano(span.endTimeUnixNano);
    return {
        key: "", id: String(span.spanId ?? "").toLowerCase(), position, parentId: parentId(span.parentSpanId),
        traceState: String(span.traceState ?? ""), flags: Number(span.flags ?? 0),
        name: String(span.name ?? ""), kind: kindName(span.kind), service, start, end, clockOffset: 0n,
        selfTime: null, criticalTime: 0, offset: 0, duration: end > start ? Number(end - start) : 0,
        status: statusName(span.status?.code),
        statusMessage: String(span.status?.message ?? ""), attributes: attributes(span.attributes), resource,
        resourceSchema, scope, events: (span.events ?? []).map(decodeEvent),
        links: (span.links ?? []).map(decodeLink),
        droppedAttributes: Number(span.droppedAttributesCount ?? 0),
        droppedEvents: Number(span.droppedEventsCount ?? 0),
        droppedLinks: Number(span.droppedLinksCount ?? 0),
        parent: null, children: [], depth: 0, index: 0, last: 0, errorBelow: false, warnings: [],
    };
}

/** @param {any} event */
function decodeEvent(event) {
    return {
        name: String(event.name ?? ""), time: unixNano(event.timeUnixNano), offset: 0,
        attributes: attributes(event.attributes),
        droppedAttributes: Number(event.droppedAttributesCount ?? 0),
    };
}

/** @param {any} link */
function decodeLink(link) {
    return {
        traceId: String(link.traceId ?? "").toLowerCase(), spanId: String(link.spanId ?? "").toLowerCase(),
        traceState: String(link.traceState ?? ""), attributes: attributes(link.attributes),
        droppedAttributes: Number(link.droppedAttributesCount ?? 0),
    };
}

/**
 * OTLP allows an empty and an all-zero parent for a root.
 * @param {unknown} id
 */
function parentId(id) {
    const text = String(id ?? "").toLowerCase();
    return /^0*$/.test(text) ? "" : text;
}
