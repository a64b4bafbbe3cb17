/* SPDX-License-Identifier: MIT */
/* What all carriers have in common: giving back what they gave. */
#include "dfukit/transport.h"

#include <stdlib.h>

void dfukit_listing_free(dfukit_listing *listing)
{
    if (listing == NULL)
        return;
    for (size_t i = 0; i < listing->count; i++)
        free(listing->entries[i].configuration);
    free(listing->entries);
    *listing = (dfukit_listing){.count = 0};
}

void dfukit_carrier_close(dfukit_carrier *c)
{
    if (c == NULL)
        return;
    if (c->ops != NULL)
        c->ops->destroy(c->self);
    *c = (dfukit_carrier){.ops = NULL};
}
