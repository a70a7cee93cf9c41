// SPDX-License-Identifier: Apache-2.0
// Classic script in the head, so that a remembered theme is there before the first paint.
(() => {
    try {
        const theme = localStorage.getItem("contrail.theme");
        if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    } catch {
        // Storage may be forbidden: the system's theme then applies.
    }
})();
