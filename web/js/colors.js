// SPDX-License-Identifier: Apache-2.0
// One colour per service, the same on every page and visit of this browser. The colours themselves are in
// base.css (`--service-0` …), chosen to stay apart for the common kinds of colour blindness; none is red,
// which is for errors.

export const colorCount = 12;
/** Names hash to the first of them, which are the most apart; the others are for overflow. */
const preferredCount = 8;
const storageKey = "contrail.colors";
/** Names remembered; the oldest are forgotten above. */
const rememberedMax = 300;

/** @type {Map<string, number>|null} */
let slots = null;

/**
 * The first service to come takes the slot its name hashes to, later ones the next free slot, so that the
 * first twelve services differ.
 * @param {string} service
 * @returns {number} 0 ..< colorCount
 */
export function colorSlot(service) {
    slots ??= load();
    const known = slots.get(service);
    if (known !== undefined) return known;
    const preferred = hash(service) % preferredCount;
    const uses = new Array(colorCount).fill(0);
    for (const slot of slots.values()) uses[slot] += 1;
    let best = preferred;
    for (let step = 1; step < colorCount; step += 1) {
        const slot = step < preferredCount ? (preferred + step) % preferredCount : step;
        if (uses[slot] < uses[best]) best = slot;
    }
    slots.set(service, best);
    save(slots);
    return best;
}

/**
 * The CSS colour, for canvas and SVG.
 * @param {string} service
 */
export function colorVariable(service) {
    return `var(--service-${colorSlot(service)})`;
}

/**
 * FNV-1a, 32 bits.
 * @param {string} text
 */
export function hash(text) {
    let value = 0x811c9dc5;
    for (let index = 0; index < text.length; index += 1) {
        value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    }
    return value >>> 0;
}

/** @returns {Map<string, number>} */
function load() {
    try {
        const stored = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
        /** @type {[string, number][]} */
        const entries = stored.filter((/** @type {any} */ entry) => Array.isArray(entry)
            && typeof entry[0] === "string" && Number.isInteger(entry[1])
            && entry[1] >= 0 && entry[1] < colorCount);
        return new Map(entries);
    } catch {
        return new Map();
    }
}

/** @param {Map<string, number>} map */
function save(map) {
    try {
        localStorage.setItem(storageKey, JSON.stringify([...map].slice(-rememberedMax)));
    } catch {
        // Storage may be forbidden or full: the colours then hold for this page only.
    }
}
