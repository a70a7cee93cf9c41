// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>

/// A file of web/.
struct web_asset {
    /// Relative to web/, with slashes.
    const char *path;
    const char *content_type;
    const unsigned char *bytes;
    size_t byte_count;
};

/// Every file of web/ that browsers get, in the order of their paths.
const struct web_asset *web_assets(void);
size_t web_asset_count(void);
