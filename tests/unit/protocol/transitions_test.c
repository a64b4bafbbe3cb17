/* SPDX-License-Identifier: MIT */
/* The state table as data: what must hold in every cell, whether or not a device looks at it there.
 * What the cells do is tested with the class: tests/unit/device/table_test.c. */
#include "dfukit/protocol.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void each_action_in_its_column(void **state)
{
    (void)state;
    for (unsigned s = 0; s < DFUKIT_STATE_COUNT; s++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
            uint8_t cell = dfukit_transitions[s][input];
            unsigned action = dfukit_cell_action(cell), next = dfukit_cell_state(cell);
            bool good = false;

            switch (action) {
            case DFUKIT_DO_STALL_ERROR: /* Annex A.1: not in run-time mode */
                good = s >= DFUKIT_DFU_IDLE && s != DFUKIT_MANIFEST_WAIT_RESET &&
                       next == DFUKIT_DFU_ERROR;
                break;
            case DFUKIT_DO_STALL:
                good = s < DFUKIT_DFU_IDLE ? next == DFUKIT_APP_IDLE
                                           : s == DFUKIT_MANIFEST_WAIT_RESET && next == s;
                break;
            case DFUKIT_DO_ACCEPT:
                good = input == DFUKIT_ON_GETSTATUS || input == DFUKIT_ON_GETSTATE
                           ? next == s
                           : next == DFUKIT_DFU_IDLE &&
                                 (s == DFUKIT_DFU_ERROR ? input == DFUKIT_ON_CLRSTATUS
                                                        : input == DFUKIT_ON_ABORT);
                break;
            case DFUKIT_DO_LENIENT:
                good = input == DFUKIT_ON_ABORT ? next == DFUKIT_DFU_IDLE : next == s;
                break;
            case DFUKIT_DO_DETACH:
                good = input == DFUKIT_ON_DETACH && next == DFUKIT_APP_DETACH;
                break;
            case DFUKIT_DO_DNLOAD:
                good = input == DFUKIT_ON_DNLOAD && next == DFUKIT_DNLOAD_SYNC;
                break;
            case DFUKIT_DO_DNLOAD_END:
                good = input == DFUKIT_ON_DNLOAD_END && next == DFUKIT_MANIFEST_SYNC;
                break;
            case DFUKIT_DO_UPLOAD:
                good = input == DFUKIT_ON_UPLOAD && next == DFUKIT_UPLOAD_IDLE;
                break;
            case DFUKIT_DO_SYNC_DNLOAD:
                good = input == DFUKIT_ON_GETSTATUS && next == DFUKIT_DNLOAD_IDLE;
                break;
            case DFUKIT_DO_SYNC_MANIFEST:
                good = input == DFUKIT_ON_GETSTATUS && next == DFUKIT_DFU_IDLE;
                break;
            default:
                break;
            }
            if (!good)
                fail_msg("%s, input %u: action %u, next %u", dfukit_state_name(s), input, action,
                         next);
        }
    }
}

/* How often each action stands in the table, counted row by row in Annex A.2. */
static void each_action_as_often_as_it_must(void **state)
{
    static const unsigned expected[] = {
        [DFUKIT_DO_STALL_ERROR] = 4 + 6 + 7 + 4 + 6 + 7 + 5 + 6,
        [DFUKIT_DO_STALL] = 6 + 7 + 9,
        [DFUKIT_DO_ACCEPT] = 2 + 2 + 3 + 1 + 3 + 1 + 3 + 3,
        [DFUKIT_DO_DETACH] = 1,
        [DFUKIT_DO_DNLOAD] = 2,
        [DFUKIT_DO_DNLOAD_END] = 1,
        [DFUKIT_DO_UPLOAD] = 2,
        [DFUKIT_DO_SYNC_DNLOAD] = 1,
        [DFUKIT_DO_SYNC_MANIFEST] = 1,
        [DFUKIT_DO_LENIENT] = 6,
    };
    unsigned counted[16] = {0};

    (void)state;
    for (unsigned s = 0; s < DFUKIT_STATE_COUNT; s++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++)
            counted[dfukit_cell_action(dfukit_transitions[s][input])]++;
    }
    for (unsigned action = 0; action < sizeof expected / sizeof expected[0]; action++) {
        if (counted[action] != expected[action])
            fail_msg("action %u: %u cells, not %u", action, counted[action], expected[action]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_in_its_column),
        cmocka_unit_test(each_action_as_often_as_it_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
