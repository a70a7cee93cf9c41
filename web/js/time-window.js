// SPDX-License-Identifier: Apache-2.0
// The part of a trace's time that the waterfall shows.

/** A window is never smaller than this part of the trace, or than ten nanoseconds. */
const smallestShare = 1e-7;

export class TimeWindow {
    /** @param {() => void} changed */
    constructor(changed) {
        this.changed = changed;
        this.total = 1;
        this.from = 0;
        this.to = 1;
    }

    /** @param {number} total nanoseconds of the whole trace */
    set(total) {
        this.total = Math.max(1, total);
        this.from = 0;
        this.to = this.total;
    }

    get zoomed() {
        return this.from > 0 || this.to < this.total;
    }

    get length() {
        return this.to - this.from;
    }

    /**
     * Position of an offset in the window, 0 … 1 when inside.
     * @param {number} offset
     */
    share(offset) {
        return (offset - this.from) / this.length;
    }

    reset() {
        this.show(0, this.total);
    }

    /**
     * @param {number} from nanoseconds since the trace's start
     * @param {number} to
     */
    show(from, to) {
        const least = Math.min(this.total, Math.max(10, this.total * smallestShare));
        const length = Math.min(this.total, Math.max(least, to - from));
        this.from = Math.max(0, Math.min(this.total - length, from));
        this.to = this.from + length;
        this.changed();
        return true;
    }

    /**
     * @param {number} factor below 1 zooms in
     * @param {number} at what stays where it is, as a share of the window
     */
    zoom(factor, at) {
        const still = this.from + at * this.length;
        const length = this.length * factor;
        return this.show(still - at * length, still + (1 - at) * length);
    }

    /** @param {number} shares of the window, positive is later */
    pan(shares) {
        const step = shares * this.length;
        return this.show(this.from + step, this.to + step);
    }
}
