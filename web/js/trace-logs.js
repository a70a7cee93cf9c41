// SPDX-License-Identifier: Apache-2.0
// The log records of one trace out of OTLP/JSON, by span. Pure.

import { anyValue, attributes, unixNano, valueText } from "./otlp.js";

/** @typedef {import("./types.js").LogLine} LogLine */

const ranges = ["trace", "debug", "info", "warn", "error", "fatal"];

/**
 * @param {any} otlp `{"resourceLogs": […]}`
 * @returns {Map<string, LogLine[]>} by span id, earliest first; records of no span under ""
 */
export function decodeLogs(otlp) {
    /** @type {Map<string, LogLine[]>} */
    const bySpan = new Map();
    for (const group of otlp?.resourceLogs ?? []) {
        for (const scopeGroup of group?.scopeLogs ?? []) {
            for (const record of scopeGroup?.logRecords ?? []) {
                const span = String(record?.spanId ?? "").toLowerCase();
                const lines = bySpan.get(span);
                if (lines) lines.push(decode(record));
                else bySpan.set(span, [decode(record)]);
            }
        }
    }
    for (const lines of bySpan.values()) {
        lines.sort((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0));
    }
    return bySpan;
}

/**
 * @param {any} record
 * @returns {LogLine}
 */
function decode(record) {
    const time = unixNano(record?.timeUnixNano);
    const list = attributes(record?.attributes);
    const body = record?.body === undefined ? "" : valueText({ key: "", ...anyValue(record.body) });
    const event = String(record?.eventName ?? "");
    return {
        time: time === 0n ? unixNano(record?.observedTimeUnixNano) : time,
        severity: severityName(record?.severityNumber),
        text: [event, body].filter((part) => part !== "").join(": "),
        attributes: list,
    };
}

/**
 * The range of the severest line: "warn" of "info2" and "warn3"; empty when none is known.
 * @param {LogLine[]} lines
 * @returns {string}
 */
export function worstSeverity(lines) {
    // Not Math.max(...lines): a span of a long job has more lines than a call may have arguments.
    const worst = lines.reduce(
        (worst, line) => Math.max(worst, ranges.indexOf(line.severity.replace(/\d$/, ""))), -1);
    return ranges[worst] ?? "";
}

/**
 * "warn" or "info2" for 13 and 10; empty when it is unknown.
 * @param {unknown} number
 * @returns {string}
 */
export function severityName(number) {
    if (typeof number !== "number" || !Number.isInteger(number) || number < 1 || number > 24) return "";
    const step = (number - 1) % 4;
    return ranges[Math.floor((number - 1) / 4)] + (step === 0 ? "" : String(step + 1));
}
