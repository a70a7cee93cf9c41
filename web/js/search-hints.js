// SPDX-License-Identifier: Apache-2.0
// What the search field for attributes asks for while somebody types in it. Pure.

import { quotePair } from "./search-state.js";

/**
 * The condition at the caret.
 * @typedef {object} Typed
 * @property {number} start where it begins in the field
 * @property {string} scope resource, scope, span, event, link; empty without one
 * @property {string} key as far as it is typed; whole when there is a value
 * @property {string|null} value as far as it is typed; null while the key is
 */

/** @typedef {{scope: string, key: string, types: string[]}} AttributeKey */
/** @typedef {{text: string, label: string, note: string}} Hint `text` replaces what was typed */

const scopes = ["resource", "scope", "span", "event", "link"];
/** Types that a condition can find. */
const searchable = ["string", "int", "double", "bool"];

/**
 * @param {string} text
 * @param {number} caret
 * @returns {Typed|null} null where nothing can be proposed: behind a comparison with a number
 */
export function typedAt(text, caret) {
    let start = 0;
    let isQuoted = false;
    for (let at = 0; at < caret; at += 1) {
        // Quotes keep spaces together, as in parseAttributes.
        if (text[at] === "\"") isQuoted = !isQuoted;
        else if (isQuoted && text[at] === "\\") at += 1;
        else if (!isQuoted && /\s/.test(text[at])) start = at + 1;
    }
    const typed = text.slice(start, caret);
    const sign = typed.search(/[=<>]/);
    const place = sign < 0 ? typed : typed.slice(0, sign);
    if (sign >= 0 && (typed[sign] !== "=" || sign === 0)) return null;
    const colon = place.indexOf(":");
    const scope = colon > 0 && scopes.includes(place.slice(0, colon)) ? place.slice(0, colon) : "";
    const key = scope === "" ? place : place.slice(colon + 1);
    if (sign < 0) return { start, scope, key, value: null };
    const value = typed.slice(sign + 1).replace(/^"/, "").replace(/"$/, "").replace(/\\(.)/g, "$1");
    return { start, scope, key, value };
}

/**
 * @param {Typed} typed
 * @param {AttributeKey[]} keys
 * @returns {Hint[]}
 */
export function keyHints(typed, keys) {
    /** @type {Map<string, Hint>} */
    const hints = new Map();
    for (const { scope, key, types } of keys) {
        const found = types.filter((type) => searchable.includes(type));
        if (found.length === 0 || /[\s"=<>]/.test(key)) continue;
        const isPlain = typed.scope === "" && (scope === "span" || scope === "resource") && !isScoped(key);
        const text = `${isPlain ? key : `${scope}:${key}`}=`;
        const known = hints.get(text);
        const note = `${scope} · ${found.join(", ")}`;
        hints.set(text, { text, label: text.slice(0, -1), note: known ? `${known.note}; ${note}` : note });
    }
    return [...hints.values()];
}

/**
 * @param {Typed} typed
 * @param {string[]} values
 * @returns {Hint[]}
 */
export function valueHints(typed, values) {
    const place = typed.scope === "" ? typed.key : `${typed.scope}:${typed.key}`;
    return values.map((value) => ({ text: `${quotePair(`${place}=${value}`)} `, label: value, note: "" }));
}

/** @param {string} key a plain key that would be taken for one with a scope */
function isScoped(key) {
    return scopes.some((scope) => key.startsWith(`${scope}:`));
}
