// SPDX-License-Identifier: Apache-2.0
// Numbers and times for people. Pure.

const units = [
    { name: "s", nanoseconds: 1e9 },
    { name: "ms", nanoseconds: 1e6 },
    { name: "µs", nanoseconds: 1e3 },
    { name: "ns", nanoseconds: 1 },
];

/**
 * Three significant digits with the unit that suits: 512 ms, 1.24 s, 45.6 µs, 3 min 20 s.
 * @param {number} nanoseconds
 * @returns {string}
 */
export function formatDuration(nanoseconds) {
    if (!Number.isFinite(nanoseconds)) return "–";
    if (nanoseconds < 0) return `−${formatDuration(-nanoseconds)}`;
    if (nanoseconds === 0) return "0 ns";
    const seconds = nanoseconds / 1e9;
    if (seconds >= 59.95) return formatLong(Math.round(seconds));
    for (const unit of units) {
        const value = nanoseconds / unit.nanoseconds;
        // 999.6 µs would round to 1000 µs: take the larger unit from there.
        if (value >= 0.9995 || unit.nanoseconds === 1) return `${threeDigits(value)} ${unit.name}`;
    }
    return "";
}

/** @param {number} seconds whole */
function formatLong(seconds) {
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const rest = seconds % 60;
    if (days > 0) return `${days} d ${hours} h`;
    if (hours > 0) return `${hours} h ${minutes} min`;
    return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** @param {number} value */
function threeDigits(value) {
    if (value >= 99.95) return Math.round(value).toString();
    if (value >= 9.995) return trimZeros(value.toFixed(1));
    return trimZeros(value.toFixed(2));
}

/** @param {string} text */
function trimZeros(text) {
    return text.replace(/\.?0+$/, "");
}

/**
 * An offset from the trace's start: +12.3 ms.
 * @param {number} nanoseconds
 */
export function formatOffset(nanoseconds) {
    if (nanoseconds === 0) return "+0";
    return nanoseconds < 0 ? formatDuration(nanoseconds) : `+${formatDuration(nanoseconds)}`;
}

/**
 * "1.2s", "300ms", "45us", "1h30m": the API's durations. Null when it is none.
 * @param {string} text
 * @returns {number|null} nanoseconds
 */
export function parseDuration(text) {
    const trimmed = text.trim();
    if (trimmed === "0") return 0;
    if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d))+$/.test(trimmed)) return null;
    const scale = { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12, d: 8.64e13 };
    let total = 0;
    for (const [, number, unit] of trimmed.matchAll(/([\d.]+)([^\d.]+)/g)) {
        total += Number(number) * scale[/** @type {keyof typeof scale} */ (unit)];
    }
    return total;
}

/**
 * @param {bigint} unixNano
 * @returns {Date}
 */
export function dateOf(unixNano) {
    return new Date(Number(unixNano / 1_000_000n));
}

const clock = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/**
 * Local time of day with milliseconds, with the date unless it is today.
 * @param {bigint} unixNano
 * @param {Date} [now]
 */
export function formatTime(unixNano, now = new Date()) {
    const date = dateOf(unixNano);
    const milliseconds = date.getMilliseconds().toString().padStart(3, "0");
    const time = `${clock.format(date)}.${milliseconds}`;
    if (date.toDateString() === now.toDateString()) return time;
    return `${(date.getFullYear() === now.getFullYear() ? day : dayAndYear).format(date)}, ${time}`;
}

/**
 * Local time of day in seconds, with the date unless it is today.
 * @param {number} milliseconds since 1970
 * @param {Date} [now]
 */
export function formatClock(milliseconds, now = new Date()) {
    const date = new Date(milliseconds);
    const time = clock.format(date);
    return date.toDateString() === now.toDateString() ? time : `${day.format(date)}, ${time}`;
}

/**
 * The instant in UTC with all nine decimals, for tooltips and copying.
 * @param {bigint} unixNano
 */
export function formatInstant(unixNano) {
    const fraction = (unixNano % 1_000_000_000n).toString().padStart(9, "0");
    const date = dateOf(unixNano);
    if (Number.isNaN(date.getTime())) return `${unixNano} ns`;
    return `${date.toISOString().slice(0, 19)}.${fraction}Z`;
}

/**
 * "12 s ago".
 * @param {bigint} unixNano
 * @param {Date} [now]
 */
export function formatAgo(unixNano, now = new Date()) {
    const seconds = Math.round((now.getTime() - dateOf(unixNano).getTime()) / 1000);
    if (seconds < -1) return "in the future";
    if (seconds < 2) return "just now";
    if (seconds < 60) return `${seconds} s ago`;
    if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
    return `${Math.round(seconds / 86400)} d ago`;
}

/**
 * Whole per cent as `contrail show` rounds them: "42 %", "<1 %".
 * @param {number} share 0 to 1
 */
export function formatShare(share) {
    return share > 0 && share < 0.01 ? "<1 %" : `${Math.round(share * 100)} %`;
}

/** Letters of a name where there is room for a line or two. */
const shortenedMax = 300;

/**
 * Text for a title or a tooltip: what is too long loses its middle, because both ends tell names apart.
 * @param {string} text
 */
export function shortened(text) {
    if (text.length <= shortenedMax) return text;
    return `${text.slice(0, shortenedMax / 2)}…${text.slice(-shortenedMax / 2)}`;
}

/**
 * 12,345 in the reader's own way.
 * @param {number} value
 */
export function formatCount(value) {
    return value.toLocaleString();
}

/**
 * "1 span", "3 spans".
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
    return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/**
 * Round positions between two offsets for a ruler: steps of 1, 2 or 5 times a power of ten.
 * @param {number} from nanoseconds
 * @param {number} to nanoseconds
 * @param {number} most upper bound of the count
 * @returns {number[]}
 */
export function ticks(from, to, most) {
    const span = to - from;
    if (!(span > 0) || most < 1) return [];
    const rough = span / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
    const step = factor * power;
    const result = [];
    for (let value = Math.ceil(from / step) * step; value <= to; value += step) result.push(value);
    return result;
}
