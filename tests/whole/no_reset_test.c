/* SPDX-License-Identifier: MIT */
/*
 * A carrier that cannot reset the bus: a device that needs that to change its mode is not asked to
 * (it would wait for the reset in vain), and the user hears so first; one that leaves by itself
 * (bitWillDetach, DFU 1.1 section 4.1.3) is upgraded as ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rig.h"

typedef struct row {
    const char *persona;
    dfukit_verb verb;
    int error;
} row;

// clang-format off
static const row rows[] = {
    {"micro",               DFUKIT_VERB_WRITE,  DFUKIT_ERR_UNSUPPORTED},
    {"micro",               DFUKIT_VERB_DETACH, DFUKIT_ERR_UNSUPPORTED},
    {"dfu10",               DFUKIT_VERB_WRITE,  DFUKIT_ERR_UNSUPPORTED},
    {"openmoko-neo1973",    DFUKIT_VERB_DETACH, DFUKIT_ERR_UNSUPPORTED},
    {"micro",               DFUKIT_VERB_STATUS, DFUKIT_OK},
    {"tomu",                DFUKIT_VERB_WRITE,  DFUKIT_OK},
    {"tomu",                DFUKIT_VERB_DETACH, DFUKIT_OK},
    {"aioc",                DFUKIT_VERB_DETACH, DFUKIT_OK},
};
// clang-format on

static void what_needs_a_reset_is_refused_before_it_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static rig r;
        static uint8_t bytes[2000];
        static rig_payload parts;
        dfukit_outcome outcome;
        dfukit_target after;
        rig_fill(bytes, sizeof bytes, 1);
        assert_int_equal(rig_open(&r, rows[i].persona, NULL), DFUKIT_OK);
        r.carrier.resets = false;
        dfukit_job job = {.verb = rows[i].verb};
        if (job.verb == DFUKIT_VERB_WRITE)
            job.stream = rig_stream(&parts, bytes, sizeof bytes);
        int error = rig_run(&r, &job, NULL, &outcome, NULL);
        if (error != rows[i].error)
            fail_msg("%s, verb %d: error %d, not %d (%s)", rows[i].persona, (int)rows[i].verb,
                     error, rows[i].error, outcome.what);
        if (error == DFUKIT_ERR_UNSUPPORTED) {
            assert_int_equal(rig_target(&r, &after), DFUKIT_OK);
            assert_int_equal(after.mode, DFUKIT_MODE_RUNTIME);
            assert_int_not_equal(outcome.request, DFUKIT_DETACH);
            assert_non_null(strstr(outcome.remedy, "plug the device in again"));
        }
        rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_a_reset_is_refused_before_it_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
