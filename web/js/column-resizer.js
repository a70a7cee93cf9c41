// SPDX-License-Identifier: Apache-2.0
// The handle between names and times.

import { h } from "./dom.js";

const storageKey = "contrail.nameColumn";
/** Width of the name column, per cent. */
const bounds = { least: 15, most: 75, initial: 38, step: 2 };

/**
 * @param {HTMLElement} element gets `--name-column`
 * @param {() => void} changed
 */
export function makeColumnResizer(element, changed) {
    const handle = h("div", {
        class: "column-resizer", role: "separator", tabindex: "0", "aria-orientation": "vertical",
        "aria-label": "Width of the names", "aria-valuemin": bounds.least, "aria-valuemax": bounds.most,
    });
    let width = bounds.initial;
    /** @param {number} wanted per cent */
    const set = (wanted) => {
        width = Math.max(bounds.least, Math.min(bounds.most, wanted));
        element.style.setProperty("--name-column", `${width}%`);
        handle.setAttribute("aria-valuenow", String(Math.round(width)));
    };
    const save = () => {
        try {
            localStorage.setItem(storageKey, String(width));
        } catch {
            // Storage may be forbidden: the width then holds for this page only.
        }
        changed();
    };
    let stored = Number.NaN;
    try {
        stored = Number.parseFloat(localStorage.getItem(storageKey) ?? "");
    } catch {
        // As above.
    }
    set(Number.isFinite(stored) ? stored : matchMedia("(max-width: 640px)").matches ? 52 : bounds.initial);

    handle.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
        const box = element.getBoundingClientRect();
        /** @param {PointerEvent} moved */
        const move = (moved) => set(((moved.clientX - box.left) / box.width) * 100);
        handle.addEventListener("pointermove", move);
        handle.addEventListener("pointerup", () => {
            handle.removeEventListener("pointermove", move);
            save();
        }, { once: true });
    });
    handle.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        event.stopPropagation();
        set(width + (event.key === "ArrowLeft" ? -bounds.step : bounds.step));
        save();
    });
    handle.addEventListener("dblclick", () => {
        set(bounds.initial);
        save();
    });
    return handle;
}
