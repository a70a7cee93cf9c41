// SPDX-License-Identifier: Apache-2.0
// OTLP/JSON to plain values. Pure; tolerant of what is missing. Source: OTLP 1.x, "JSON Protobuf Encoding".

/** @typedef {import("./types.js").Attribute} Attribute */

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];

/**
 * OTLP/JSON gives enums as integers; names are read too.
 * @param {unknown} kind
 * @returns {string}
 */
export function kindName(kind) {
    if (typeof kind === "number") return kinds[kind] ?? "unspecified";
    if (typeof kind === "string") {
        const name = kind.replace(/^SPAN_KIND_/, "").toLowerCase();
        return kinds.includes(name) ? name : "unspecified";
    }
    return "unspecified";
}

/**
 * @param {unknown} code
 * @returns {"unset"|"ok"|"error"}
 */
export function statusName(code) {
    if (code === 2 || code === "STATUS_CODE_ERROR") return "error";
    if (code === 1 || code === "STATUS_CODE_OK") return "ok";
    return "unset";
}

/**
 * @param {unknown} value decimal string or number
 * @returns {bigint}
 */
export function unixNano(value) {
    if (typeof value === "string" && /^\d+$/.test(value)) return BigInt(value);
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) return BigInt(Math.trunc(value));
    return 0n;
}

/**
 * An `AnyValue`. Integers of 64 bits stay decimal strings: a double would change them.
 * @param {any} any
 * @returns {{type: string, value: unknown}}
 */
export function anyValue(any) {
    if (any === null || typeof any !== "object") return { type: "empty", value: null };
    if ("stringValue" in any) return { type: "string", value: String(any.stringValue) };
    if ("boolValue" in any) return { type: "bool", value: any.boolValue === true };
    if ("intValue" in any) return { type: "int", value: String(any.intValue) };
    if ("doubleValue" in any) return { type: "double", value: any.doubleValue };
    if ("bytesValue" in any) return { type: "bytes", value: String(any.bytesValue) };
    if ("arrayValue" in any) {
        const values = any.arrayValue?.values ?? [];
        return { type: "array", value: values.map((/** @type {any} */ item) => plain(anyValue(item))) };
    }
    if ("kvlistValue" in any) {
        /** @type {[string, unknown][]} */
        const entries = attributes(any.kvlistValue?.values).map((each) => [each.key, plain(each)]);
        return { type: "map", value: Object.fromEntries(entries) };
    }
    return { type: "empty", value: null };
}

/**
 * Inside arrays and maps an integer becomes a number when a double holds it exactly.
 * @param {{type: string, value: unknown}} decoded
 */
function plain(decoded) {
    if (decoded.type !== "int") return decoded.value;
    const number = Number(decoded.value);
    return Number.isSafeInteger(number) ? number : decoded.value;
}

/**
 * @param {any} list OTLP `KeyValue`s
 * @returns {Attribute[]}
 */
export function attributes(list) {
    if (!Array.isArray(list)) return [];
    return list.map((pair) => ({ key: String(pair?.key ?? ""), ...anyValue(pair?.value) }));
}

/**
 * One line of text for a value.
 * @param {Attribute} attribute
 * @returns {string}
 */
export function valueText(attribute) {
    const { type, value } = attribute;
    if (type === "empty") return "(empty)";
    if (type === "array" || type === "map") return JSON.stringify(value);
    return String(value);
}

/**
 * The value as indented JSON when it is an array, a map, or a string that holds one; otherwise null.
 * @param {Attribute} attribute
 * @returns {string|null}
 */
export function prettyText(attribute) {
    const { type, value } = attribute;
    if (type === "array" || type === "map") return JSON.stringify(value, null, 2);
    if (type !== "string" || typeof value !== "string") return null;
    const text = value.trim();
    if (!/^[[{]/.test(text) || text.length < 3) return null;
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return null;
    }
}

/**
 * @param {Attribute[]} list
 * @param {...string} keys the first that is there wins
 * @returns {string}
 */
export function attributeText(list, ...keys) {
    for (const key of keys) {
        const found = list.find((each) => each.key === key);
        if (found) return valueText(found);
    }
    return "";
}
