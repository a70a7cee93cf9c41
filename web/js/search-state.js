// SPDX-License-Identifier: Apache-2.0
// The search form as data: to and from the address bar, and to the API's parameters. Pure.

import { parseDuration } from "./format.js";

/** @typedef {import("./types.js").SearchState} SearchState */

export const ranges = [
    { value: "15m", label: "Last 15 minutes" },
    { value: "1h", label: "Last hour" },
    { value: "6h", label: "Last 6 hours" },
    { value: "24h", label: "Last 24 hours" },
    { value: "7d", label: "Last 7 days" },
    { value: "all", label: "Any time" },
    { value: "custom", label: "From … to …" },
];
export const limits = ["20", "50", "100", "200"];

/** @type {Readonly<SearchState>} */
export const emptyState = Object.freeze({
    service: "", operation: "", attributes: "", minDuration: "", maxDuration: "", errorsOnly: false,
    range: "24h", start: "", end: "", limit: "20",
});

/**
 * @param {URLSearchParams} parameters
 * @returns {SearchState}
 */
export function readState(parameters) {
    /** @param {string} name */
    const text = (name) => parameters.get(name) ?? "";
    const range = text("range");
    const limit = text("limit");
    return {
        service: text("service"),
        operation: text("operation"),
        attributes: parameters.getAll("attribute").map(quotePair).join(" "),
        minDuration: text("minDuration"),
        maxDuration: text("maxDuration"),
        errorsOnly: text("status") === "error",
        range: ranges.some((each) => each.value === range) ? range : emptyState.range,
        start: text("start"),
        end: text("end"),
        limit: limits.includes(limit) ? limit : emptyState.limit,
    };
}

/**
 * Only what differs from the empty form, so that addresses stay short.
 * @param {SearchState} state
 * @returns {URLSearchParams}
 */
export function writeState(state) {
    const parameters = new URLSearchParams();
    for (const name of /** @type {const} */ (["service", "operation", "minDuration", "maxDuration"])) {
        if (state[name].trim() !== "") parameters.set(name, state[name].trim());
    }
    for (const pair of parseAttributes(state.attributes).pairs) parameters.append("attribute", pair);
    if (state.errorsOnly) parameters.set("status", "error");
    if (state.range !== emptyState.range) parameters.set("range", state.range);
    if (state.range === "custom") {
        if (state.start) parameters.set("start", state.start);
        if (state.end) parameters.set("end", state.end);
    }
    if (state.limit !== emptyState.limit) parameters.set("limit", state.limit);
    return parameters;
}

/**
 * The API's parameters of a search. Times leave as nanoseconds since 1970.
 * @param {SearchState} state
 * @returns {URLSearchParams}
 */
export function queryOf(state) {
    const parameters = writeState({ ...state, range: emptyState.range });
    parameters.set("limit", state.limit);
    if (state.range === "custom") {
        const start = Date.parse(state.start);
        const end = Date.parse(state.end);
        if (!Number.isNaN(start)) parameters.set("start", `${BigInt(start) * 1_000_000n}`);
        if (!Number.isNaN(end)) parameters.set("end", `${BigInt(end) * 1_000_000n}`);
    } else if (state.range !== "all") {
        parameters.set("since", state.range);
    }
    return parameters;
}

/**
 * What is wrong with the form, by field. Empty when nothing is.
 * @param {SearchState} state
 * @returns {Partial<Record<keyof SearchState, string>>}
 */
export function problemsOf(state) {
    /** @type {Partial<Record<keyof SearchState, string>>} */
    const problems = {};
    for (const name of /** @type {const} */ (["minDuration", "maxDuration"])) {
        if (state[name].trim() !== "" && parseDuration(state[name]) === null) {
            problems[name] = "A number with a unit, like 250ms, 1.5s or 80us";
        }
    }
    const least = parseDuration(state.minDuration);
    const most = parseDuration(state.maxDuration);
    if (least !== null && most !== null && least > most) problems.maxDuration = "Shorter than the minimum";
    const { error } = parseAttributes(state.attributes);
    if (error) problems.attributes = error;
    if (state.range === "custom") {
        const start = Date.parse(state.start);
        const end = Date.parse(state.end);
        if (state.start !== "" && Number.isNaN(start)) problems.start = "Not a date and time";
        if (state.end !== "" && Number.isNaN(end)) problems.end = "Not a date and time";
        if (start > end) problems.end = "Before the beginning";
    }
    return problems;
}

/**
 * `http.route=/items user.name="Ann B" retries>2`: conditions at spaces, quotes keep a value whole, `\"` inside them.
 * @param {string} text
 * @returns {{pairs: string[], error: string}}
 */
export function parseAttributes(text) {
    /** @type {string[]} */
    const pairs = [];
    const pattern = /\s*([^\s="]+)(=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?=\s|$)/gy;
    while (pattern.lastIndex < text.trimEnd().length) {
        const from = pattern.lastIndex;
        const match = pattern.exec(text);
        if (!match) return { pairs, error: `Cannot read ${JSON.stringify(text.slice(from).trim())}` };
        if (match[2] === undefined && /^[^<>]+[<>][-+.\d]/.test(match[1])) {
            pairs.push(match[1]);
            continue;
        }
        if (match[2] === undefined) {
            return { pairs, error: `${match[1]} has no value: write ${match[1]}=value` };
        }
        const value = match[3] === undefined ? match[4] : match[3].replace(/\\(.)/g, "$1");
        pairs.push(`${match[1]}=${value}`);
    }
    return { pairs, error: "" };
}

/**
 * The reverse of one pair of {@link parseAttributes}.
 * @param {string} pair
 */
export function quotePair(pair) {
    const split = pair.indexOf("=");
    if (split < 0) return pair;
    const value = pair.slice(split + 1);
    if (!/[\s"\\]/.test(value)) return pair;
    return `${pair.slice(0, split)}="${value.replace(/["\\]/g, "\\$&")}"`;
}
