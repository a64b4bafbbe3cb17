/* SPDX-License-Identifier: MIT */
/* The quirk table, as the code that goes by it sees it. */
#ifndef DFUKIT_HOST_QUIRKS_H
#define DFUKIT_HOST_QUIRKS_H

#include "dfukit/host.h"

extern const dfukit_quirk dfukit_quirks[];
extern const size_t dfukit_quirk_count;

#endif
