/* SPDX-License-Identifier: MIT */
/* What other hosts, resets and losses of power leave behind, and what the host engine makes of it:
 * DFU 1.1 §7, Annex A.2.7 to A.2.9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/host/conversation.h"

#define BLOCK          "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\n"
#define WRITTEN        BLOCK "GETSTATUS: OK 0 2\n"
#define DETACHES       BLOCK "GETSTATUS: OK 20 7\nwait 20\nGETSTATUS: gone\nreturn app!: "
#define HOME_BY_ITSELF DETACHES "runtime\n"

// clang-format off
static const row rows[] = {
    /* found at the end of an earlier download */
    {"waits for a reset: reset, then written", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     "claim: ok\nGETSTATUS: OK 0 8\nreset: gone\nreturn app: runtime\n" DETACH_RESET IDLE BLOCK "GETSTATUS: OK 0 8\n" HOME "done", false, true, true},
    {"waits for a reset, and no longer answers", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     "claim: ok\nGETSTATUS: stall\nCLRSTATUS: stall\nGETSTATUS: stall\nCLRSTATUS: stall\nGETSTATUS: stall\nreset: ok\nreturn app: dfu\n"
     IDLE WRITTEN HOME "done", false, true, true},
    {"waits for a reset that cannot be given", DFUKIT_VERB_WRITE, DN, false, 64, {.no_reset = true},
     "claim: ok\nGETSTATUS: OK 0 8\nGETSTATUS: OK 0 8\nfailed ERR_PROTOCOL", false, false, false},
    {"waits for a reset that fails", DFUKIT_VERB_WRITE, DN, false, 64, {0}, "claim: ok\nGETSTATUS: OK 0 8\nreset: io\nfailed ERR_IO", false, false, false},
    {"waits for a reset, and does not come back", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     "claim: ok\nGETSTATUS: OK 0 8\nreset: gone\nreturn app: none\nfailed ERR_LOST", false, false, false},
    {"never answers: reset once", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     "claim: ok\nGETSTATUS: timeout\nreset: ok\nreturn app: dfu\nclaim: ok\nGETSTATUS: timeout\nGETSTATUS: timeout\nfailed ERR_TIMEOUT",
     false, false, false},
    {"leaves by itself: detached once more, then written", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {0},
     "claim: ok\nGETSTATUS: OK 20 7\nwait 20\nGETSTATUS: gone\nreturn app!: runtime\n" DETACH_WILL IDLE HOME_BY_ITSELF "done", false, true, true},
    {"leaves by itself, as it was to", DFUKIT_VERB_LEAVE, DN | WILL, false, 0, {0},
     "claim: ok\nGETSTATUS: OK 20 7\nwait 20\nGETSTATUS: gone\nreturn app!: runtime\ndone", false, true, true},
    {"what has been read is never read anew", DFUKIT_VERB_READ, UP, false, 0, {.read_limit = 100},
     IDLE "UPLOAD 0 64: 64\nUPLOAD 1 64: 64\nGETSTATUS: timeout\nGETSTATUS: timeout\nfailed ERR_TIMEOUT", false, false, false},
    /* lost at the end of its own */
    {"a short status of the manifestation: asked again", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE BLOCK "GETSTATUS: short 3\nwait 10\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"detaches by itself, and is not seen again: success, unconfirmed", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {0},
     IDLE DETACHES "none\ndone", false, false, false},
    {"does not detach by itself, has gone, and is not seen again", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE DETACHES "none\ndone", false, false, false},
    {"tolerant, has gone, and is not seen again", DFUKIT_VERB_WRITE, DN | TOL | WILL, false, 64, {0},
     IDLE DETACHES "none\ndone", false, false, false},
    {"lost behind the empty DNLOAD, and back in DFU mode", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE BLOCK "GETSTATUS: gone\nreturn app!: anew\nclaim: ok\nGETSTATUS: OK 0 2\nfailed ERR_LOST", false, false, false},
    {"back in DFU mode by itself: a reset shows whether it has firmware", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {0},
     IDLE DETACHES "anew\n" IDLE "reset: gone\nreturn app: anew\n" IDLE "done", false, true, false},
    {"back in DFU mode by itself: a reset shows that it has none", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {0},
     IDLE DETACHES "anew\n" IDLE "reset: ok\nclaim: ok\nGETSTATUS: errFIRMWARE 0 10\nGETSTATUS: errFIRMWARE 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\n"
     "failed ERR_DEVICE", false, false, false},
    {"back in DFU mode by itself, and no reset: unconfirmed", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {.no_reset = true},
     IDLE DETACHES "anew\n" IDLE "done", false, false, false},
    {"verify always, and it no longer tells its status: not done", DFUKIT_VERB_WRITE, DN | UP | WILL, false, 64, {.verify = DFUKIT_VERIFY_ALWAYS},
     IDLE DETACHES "anew\nclaim: ok\nGETSTATUS: stall\nfailed ERR_LOST", false, false, false},
    /* alternate settings, which systems select anew after a reset */
    {"before the reset setting 0 is selected", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: ok\nGETSTATUS: OK 0 2\n" WRITTEN "claim set 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"setting 0 is refused: the reset alone proves nothing", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: ok\nGETSTATUS: OK 0 2\n" WRITTEN "claim set 0: stall\nGETSTATUS: OK 0 2\nreset: ok\n" IDLE "return app: dfu\n" IDLE
     "claim set 0: ok\nGETSTATUS: OK 0 2\nreset: ok\nclaim: ok\nGETSTATUS: errFIRMWARE 0 10\nGETSTATUS: errFIRMWARE 0 10\nCLRSTATUS: ok\n"
     "GETSTATUS: OK 0 2\nfailed ERR_DEVICE", false, false, false},
    {"no status before the reset: it need not have been meant, and is given once more", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: ok\nGETSTATUS: OK 0 2\n" WRITTEN "claim set 0: ok\nGETSTATUS: stall\nreset: ok\n" IDLE "return app: dfu\n" IDLE HOME "done", false, true, true},
    {"gone when setting 0 is selected", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: ok\nGETSTATUS: OK 0 2\n" WRITTEN "claim set 0: gone\nreturn app: runtime\ndone", false, true, true},
    {"the setting is refused while it is at work", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: stall\nGETSTATUS: OK 5 4\nwait 5\nGETSTATUS: OK 0 5\nABORT: ok\nGETSTATUS: OK 0 2\nclaim set 1: ok\nGETSTATUS: OK 0 2\n" WRITTEN
     "claim set 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"the setting is refused while it waits for a reset", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: stall\nGETSTATUS: OK 0 8\nreset: gone\nreturn app: dfu\nclaim set 1: ok\nGETSTATUS: OK 0 2\n" WRITTEN
     "claim set 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"the setting is refused for good", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 1},
     "claim set 1: stall\nGETSTATUS: OK 0 2\nclaim set 1: stall\nfailed ERR_PROTOCOL", false, false, false},
};
// clang-format on

static void follows_every_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_every_script)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
