/* SPDX-License-Identifier: MIT */
/* Names of the phases, as the specification has them and for what surrounds them. */
#include "dfukit/host.h"

static const char *const phases[DFUKIT_PHASE_COUNT] = {
    [DFUKIT_PHASE_ENUMERATION] = "enumeration",
    [DFUKIT_PHASE_RECONFIGURATION] = "reconfiguration",
    [DFUKIT_PHASE_TRANSFER] = "transfer",
    [DFUKIT_PHASE_MANIFESTATION] = "manifestation",
    [DFUKIT_PHASE_VERIFICATION] = "verification",
    [DFUKIT_PHASE_LEAVING] = "leaving",
    [DFUKIT_PHASE_ERASURE] = "erasure",
};

const char *dfukit_phase_name(unsigned phase)
{
    return phase < DFUKIT_PHASE_COUNT ? phases[phase] : "unknown";
}
