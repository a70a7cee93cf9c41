// SPDX-License-Identifier: Apache-2.0
// From the spans of a trace, in any order and however broken, to a tree that can be drawn. Pure.

import { readAnalysis } from "./analysis.js";
import { formatDuration, plural } from "./format.js";
import { decodeSpans } from "./otlp-spans.js";

/** @typedef {import("./analysis.js").Analysis} Analysis */
/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./types.js").TraceWarning} TraceWarning */

/**
 * Each span appears exactly once. Spans whose parent is missing become roots, a cycle is cut at its
 * earliest span, and both are said in `warnings`.
 * @param {any} otlp `{"resourceSpans": […]}`
 * @param {string} traceId
 * @param {Analysis} [analysis] corrects clocks that differ, and knows more to warn of
 * @returns {Trace}
 */
export function buildTrace(otlp, traceId, analysis = readAnalysis(null)) {
    const { spans, foreign } = decodeSpans(otlp, traceId);
    /** @type {TraceWarning[]} */
    const warnings = [];
    const byKey = keySpans(spans, warnings);
    for (const span of spans) Object.assign(span, analysis.spans.get(span.position));
    const starts = spans.map((span) => span.start + span.clockOffset);
    const earliest = starts.reduce((least, start) => (start < least ? start : least), starts[0] ?? 0n);
    for (const span of spans) {
        span.offset = Number(span.start + span.clockOffset - earliest);
        for (const event of span.events) event.offset = Number(event.time + span.clockOffset - earliest);
    }
    const duration = spans.reduce((most, span) => Math.max(most, span.offset + span.duration), 0);

    const roots = linkSpans(spans, byKey, warnings);
    const ordered = depthFirst(roots);
    collectSpanWarnings(ordered, warnings);
    if (foreign > 0) {
        warnings.push({
            kind: "foreign", spanKey: "",
            text: `${plural(foreign, "span of another trace is", "spans of other traces are")} left out`,
        });
    }
    return {
        traceId, spans: ordered, roots, byKey, start: earliest, duration,
        warnings: betterWarnings(warnings, analysis, spans),
        critical: analysis.critical.flatMap(({ position, start, duration: length }) => {
            const key = spans[position]?.key;
            return key === undefined ? [] : [{ key, offset: Number(start - earliest), duration: length }];
        }),
        depth: ordered.reduce((most, span) => Math.max(most, span.depth + 1), 0),
        errorCount: ordered.filter((span) => span.status === "error").length,
        services: countServices(ordered),
    };
}

/**
 * @param {Span[]} spans
 * @param {TraceWarning[]} warnings
 * @returns {Map<string, Span>}
 */
function keySpans(spans, warnings) {
    /** @type {Map<string, Span>} */
    const byKey = new Map();
    let duplicates = 0;
    let first = "";
    /** @type {Map<string, number>} spans by id */
    const copies = new Map();
    for (const span of spans) {
        const copy = (copies.get(span.id) ?? 0) + 1;
        copies.set(span.id, copy);
        span.key = copy === 1 ? span.id : `${span.id}#${copy}`;
        if (span.key !== span.id) {
            duplicates += 1;
            first ||= span.key;
            span.warnings.push("another span of this trace has the same span id");
        }
        byKey.set(span.key, span);
    }
    if (duplicates > 0) {
        warnings.push({
            kind: "duplicate", spanKey: first,
            text: `${plural(duplicates, "span shares its", "spans share their")} span id with another`,
        });
    }
    return byKey;
}

/** @param {Span} a @param {Span} b */
function byStart(a, b) {
    if (a.start !== b.start) return a.start < b.start ? -1 : 1;
    if (a.end !== b.end) return a.end > b.end ? -1 : 1;
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/**
 * @param {Span[]} spans
 * @param {Map<string, Span>} byKey
 * @param {TraceWarning[]} warnings
 */
function linkSpans(spans, byKey, warnings) {
    const sorted = [...spans].sort(byStart);
    /** @type {Span[]} */
    const trueRoots = [];
    /** @type {Span[]} */
    const orphans = [];
    for (const span of sorted) {
        const parent = span.parentId === "" ? undefined : byKey.get(span.parentId);
        if (span.parentId === "") trueRoots.push(span);
        else if (parent === undefined) orphans.push(span);
        else {
            span.parent = parent;
            parent.children.push(span);
        }
    }
    const cut = cutCycles(sorted, [...trueRoots, ...orphans]);

    if (orphans.length > 0) {
        for (const span of orphans) span.warnings.push(`its parent ${span.parentId} is not in this trace`);
        warnings.push({
            kind: "orphan", spanKey: orphans[0].key,
            text: `${plural(orphans.length, "span names a parent", "spans name parents")} that never came: `
                + "not sent yet, not sampled, or lost",
        });
    }
    if (trueRoots.length > 1) {
        warnings.push({ kind: "roots", spanKey: trueRoots[1].key, text: `${trueRoots.length} roots` });
    }
    if (cut.length > 0) {
        for (const span of cut) span.warnings.push("its parents form a cycle, cut here");
        warnings.push({
            kind: "cycle", spanKey: cut[0].key,
            text: `${plural(cut.length, "cycle")} of parents, cut at the earliest span`,
        });
    }
    return [...trueRoots, ...orphans, ...cut].sort(byStart);
}

/**
 * Every span has one parent at most, so a span that no root reaches hangs on a cycle.
 * @param {Span[]} sorted
 * @param {Span[]} roots
 */
function cutCycles(sorted, roots) {
    /** @type {Set<Span>} */
    const reached = new Set();
    /** @param {Span} from */
    const reach = (from) => {
        const stack = [from];
        for (let span = stack.pop(); span; span = stack.pop()) {
            if (reached.has(span)) continue;
            reached.add(span);
            stack.push(...span.children);
        }
    };
    for (const root of roots) reach(root);
    /** @type {Span[]} */
    const cut = [];
    for (const span of sorted) {
        if (reached.has(span)) continue;
        const onCycle = earliestOnCycle(span);
        const parent = onCycle.parent;
        if (parent) parent.children.splice(parent.children.indexOf(onCycle), 1);
        onCycle.parent = null;
        cut.push(onCycle);
        reach(onCycle);
    }
    return cut;
}

/**
 * Walks up from a span that hangs on a cycle and returns the cycle's earliest span.
 * @param {Span} span
 */
function earliestOnCycle(span) {
    const seen = new Set();
    let current = span;
    while (!seen.has(current)) {
        seen.add(current);
        current = current.parent ?? current;
    }
    let earliest = current;
    for (let next = current.parent; next && next !== current; next = next.parent) {
        if (byStart(next, earliest) < 0) earliest = next;
    }
    return earliest;
}

/**
 * Without recursion: a chain may be as deep as the trace is long.
 * @param {Span[]} roots
 */
function depthFirst(roots) {
    /** @type {Span[]} */
    const ordered = [];
    const stack = [...roots].reverse();
    for (let span = stack.pop(); span; span = stack.pop()) {
        span.depth = span.parent ? span.parent.depth + 1 : 0;
        span.index = ordered.length;
        span.last = span.index;
        ordered.push(span);
        for (let child = span.children.length - 1; child >= 0; child -= 1) stack.push(span.children[child]);
    }
    for (let index = ordered.length - 1; index >= 0; index -= 1) {
        const { parent, last, status, errorBelow } = ordered[index];
        if (!parent) continue;
        parent.last = Math.max(parent.last, last);
        parent.errorBelow ||= errorBelow || status === "error";
    }
    return ordered;
}

/**
 * @param {Span[]} spans
 * @param {TraceWarning[]} warnings
 */
function collectSpanWarnings(spans, warnings) {
    const skewed = spans.filter((span) => span.parent !== null && span.offset < span.parent.offset);
    for (const span of skewed) span.warnings.push("it starts before its parent: the clocks differ");
    if (skewed.length > 0) {
        warnings.push({
            kind: "skew", spanKey: skewed[0].key,
            text: `Clock skew: ${plural(skewed.length, "span starts", "spans start")} before the parent`,
        });
    }
    const negative = spans.filter((span) => span.end < span.start);
    for (const span of negative) {
        const early = formatDuration(Number(span.start - span.end));
        span.warnings.push(`it ends ${early} before it starts: it counts as lasting no time`);
    };
    if (negative.length > 0) {
        warnings.push({
            kind: "negative", spanKey: negative[0].key,
            text: `${plural(negative.length, "span ends", "spans end")} before the start`,
        });
    }
    const dropped = spans.filter(
        (span) => span.droppedAttributes + span.droppedEvents + span.droppedLinks > 0,
    );
    if (dropped.length > 0) {
        warnings.push({
            kind: "dropped", spanKey: dropped[0].key,
            text: `${plural(dropped.length, "span")} lost attributes, events or links to the sender's limits`,
        });
    }
}

/**
 * The analysis knows clocks; what the sender dropped is seen here only.
 * @param {TraceWarning[]} own
 * @param {Analysis} analysis
 * @param {Span[]} spans by position
 * @returns {TraceWarning[]}
 */
function betterWarnings(own, analysis, spans) {
    if (analysis.warnings === null) return own;
    const given = analysis.warnings.map(({ code, text, positions }) => ({
        kind: code, text: text.charAt(0).toUpperCase() + text.slice(1),
        spanKey: spans[positions[0]]?.key ?? "",
    }));
    return [...given, ...own.filter((warning) => warning.kind === "dropped" || warning.kind === "foreign")];
}

/** @param {Span[]} spans */
function countServices(spans) {
    /** @type {Map<string, {name: string, spanCount: number, errorCount: number}>} */
    const counts = new Map();
    for (const span of spans) {
        const count = counts.get(span.service) ?? { name: span.service, spanCount: 0, errorCount: 0 };
        count.spanCount += 1;
        if (span.status === "error") count.errorCount += 1;
        counts.set(span.service, count);
    }
    return [...counts.values()].sort((a, b) => b.spanCount - a.spanCount || (a.name < b.name ? -1 : 1));
}
