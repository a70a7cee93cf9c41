// SPDX-License-Identifier: Apache-2.0
// What the API's analysis of a trace says, as the page needs it. Pure; a missing analysis gives empty parts.
// Spans are meant by their position in the trace's OTLP/JSON, because ids may be shared.

import { unixNano } from "./otlp.js";

/**
 * @typedef {object} Group
 * @property {string} service
 * @property {string} label
 * @property {number} duration nanoseconds
 * @property {number} spanCount
 * @property {number} share of the root's duration, 0 to 1
 * @property {string} query what finds its spans in the trace
 */

/**
 * @typedef {object} Analysis
 * @property {Group[]} groups
 * @property {{position: number, start: bigint, duration: number}[]} critical the critical path
 * @property {Map<number, {clockOffset: bigint, selfTime: number, criticalTime: number}>} spans
 * @property {{code: string, text: string, positions: number[]}[]|null} warnings null when not told
 */

/**
 * @param {any} answer
 * @returns {Analysis}
 */
export function readAnalysis(answer) {
    const groups = list(answer?.breakdown).map((group) => ({
        service: String(group.service ?? ""), label: String(group.label ?? ""),
        duration: Number(group.durationNano ?? 0), spanCount: Number(group.spanCount ?? 0),
        share: Number(group.share ?? 0), query: queryOf(group),
    }));
    const critical = list(answer?.criticalPath).map((segment) => ({
        position: Number(segment.span), start: unixNano(segment.startTimeUnixNano),
        duration: Number(segment.durationNano ?? 0),
    }));
    /** @type {Analysis["spans"]} */
    const spans = new Map();
    for (const span of list(answer?.spans)) {
        spans.set(Number(span.span), {
            clockOffset: signed(span.clockOffsetNano), selfTime: Number(span.selfTimeNano ?? 0),
            criticalTime: Number(span.criticalTimeNano ?? 0),
        });
    }
    const warnings = list(answer?.warnings).map((warning) => ({
        code: String(warning.code ?? ""), text: String(warning.message ?? ""),
        positions: Array.isArray(warning.spans) ? warning.spans.map(Number) : [],
    }));
    return { groups, critical, spans, warnings: Array.isArray(answer?.warnings) ? warnings : null };
}

/**
 * @param {unknown} value
 * @returns {any[]}
 */
function list(value) {
    return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}

/** @param {unknown} value */
function signed(value) {
    const text = String(value ?? "0");
    return /^-?\d+$/.test(text) ? BigInt(text) : 0n;
}

/**
 * A label is the span's name, then two spaces and more.
 * @param {any} group
 */
function queryOf(group) {
    const name = String(group.label ?? "").split("  ")[0].replaceAll("\"", " ").trim();
    const words = [name, String(group.service ?? "")];
    return words.map((text) => (/\s/.test(text) ? `"${text}"` : text)).join(" ").trim();
}
