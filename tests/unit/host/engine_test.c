/* SPDX-License-Identifier: MIT */
/* The host engine against conversations written down from DFU 1.1 §5 to §7 and Annex A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/host/conversation.h"

static const dfukit_suffix other_product = {0xFFFF, 0x4242, 0x1209, 0x0100, 16, 0};
static const dfukit_suffix dfu_product = {0xFFFF, 0x8001, 0x1209, 0x0100, 16, 0};
static const dfukit_suffix app_product = {0xFFFF, 0x0001, 0x1209, 0x0100, 16, 0};

// clang-format off
static const row rows[] = {
    {"whole upgrade, will detach, tolerant, no upload", DFUKIT_VERB_WRITE, DN | TOL | WILL, true, 100, {0},
     DETACH_WILL IDLE BLOCKS END_TOLERANT HOME "done", false, true, true},
    {"whole upgrade by bus reset, verified", DFUKIT_VERB_WRITE, DN | UP | TOL, true, 100, {0},
     DETACH_RESET IDLE BLOCKS END_TOLERANT "GETSTATUS: OK 0 2\nUPLOAD 0 64: 64\nUPLOAD 1 64: 36\n" HOME "done", true, true, true},
    {"verify stops an upload that goes on with ABORT", DFUKIT_VERB_WRITE, DN | UP | TOL, false, 100, {0},
     IDLE BLOCKS END_TOLERANT "GETSTATUS: OK 0 2\nUPLOAD 0 64: 64\nUPLOAD 1 64: 64\nGETSTATUS: OK 0 9\nABORT: ok\nGETSTATUS: OK 0 2\n" HOME "done",
     true, true, true},
    {"batches where no poll timeout is owed", DFUKIT_VERB_WRITE, DN | TOL, false, 100, {.batch = 8},
     IDLE "DNLOAD 0 64: ok\n& GETSTATUS: OK 0 5\nDNLOAD 1 36: ok\n& GETSTATUS: OK 0 5\n" END_TOLERANT HOME "done", false, true, true},
    {"a poll timeout in an idle state is owed before the next GETSTATUS", DFUKIT_VERB_WRITE, DN | TOL, false, 100, {.batch = 8},
     "claim: ok\nGETSTATUS: OK 3 2\nDNLOAD 0 64: ok\nwait 3\nGETSTATUS: OK 4 5\nDNLOAD 1 36: ok\nwait 4\nGETSTATUS: OK 0 5\n"
     END_TOLERANT HOME "done", false, true, true},
    {"busy: wait as asked, each time", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 20 4\nwait 20\nGETSTATUS: OK 7 4\nwait 7\nGETSTATUS: OK 0 3\nGETSTATUS: OK 0 5\n"
     "DNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"manifestation: not tolerant, reset by the host", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 30 7\nwait 30\nGETSTATUS: OK 0 8\n" HOME "done", false, true, true},
    {"manifestation: not tolerant, detaches by itself", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreturn app!: runtime\ndone", false, true, true},
    {"lost after dfuMANIFEST and back in its firmware: success", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 10 7\nwait 10\nGETSTATUS: gone\nreturn app!: runtime\ndone",
     false, true, true},
    {"lost at the empty DNLOAD and not seen again: nobody knows, no success", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: gone\nreturn app!: none\nfailed ERR_LOST", false, false, false},
    {"lost behind the empty DNLOAD and not seen again: success, unconfirmed", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: gone\nreturn app!: none\ndone", false, false, false},
    {"lost at the empty DNLOAD and back in its firmware: success", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: gone\nreturn app!: runtime\ndone", false, true, true},
    {"lost at the empty DNLOAD and back in DFU mode: no success", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: gone\nreturn app!: anew\nclaim: ok\nGETSTATUS: OK 0 2\n"
     "failed ERR_LOST", false, false, false},
    {"the empty DNLOAD is lost on its way: sent once more", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: timeout\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done",
     false, true, true},
    {"the answer to the empty DNLOAD is lost: its state tells", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: timeout\nGETSTATUS: OK 0 7\nwait 1\nGETSTATUS: OK 0 8\n" HOME "done", false, true, true},
    {"the first status after the end is lost: asked again, not reset", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: timeout\nwait 10\nGETSTATUS: OK 0 8\n" HOME "done", false, true, true},
    {"back with errFIRMWARE: failure", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: gone\nreturn app!: anew\nclaim: ok\nGETSTATUS: errFIRMWARE 0 10\n"
     "GETSTATUS: errFIRMWARE 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\nfailed ERR_DEVICE", false, false, false},
    {"reset, and back in DFU mode without an error: success", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreset: gone\nreturn app: anew\nclaim: ok\nGETSTATUS: OK 0 2\ndone",
     false, true, false},
    {"said that it detaches, and stays: reset after all", DFUKIT_VERB_WRITE, DN | WILL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreturn app!: dfu\n" HOME "done", false, true, true},
    {"errVERIFY at manifestation is a failure", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: errVERIFY 0 10\nGETSTATUS: errVERIFY 0 10\nCLRSTATUS: ok\n"
     "GETSTATUS: OK 0 2\nfailed ERR_DEVICE", false, false, false},
    {"errPROG at a block, left in dfuIDLE", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: errPROG 0 10\nGETSTATUS: errPROG 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\nfailed ERR_DEVICE", false, false, false},
    {"a stalled block: the status says why", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: stall\nGETSTATUS: errADDRESS 0 10\nGETSTATUS: errADDRESS 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\nfailed ERR_DEVICE",
     false, false, false},
    {"a stalled block without a reason", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: stall\nGETSTATUS: OK 0 2\nGETSTATUS: OK 0 2\nfailed ERR_PROTOCOL", false, false, false},
    {"GETSTATUS stalled while erasing, twice", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 9 4\nwait 9\nGETSTATUS: stall\nwait 9\nGETSTATUS: stall\nwait 9\nGETSTATUS: OK 0 5\n"
     "DNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"a short status breaks the protocol", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: short 3\nGETSTATUS: OK 0 5\nABORT: ok\nGETSTATUS: OK 0 2\nfailed ERR_PROTOCOL", false, false, false},
    {"lost in the transfer", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: gone\nfailed ERR_LOST", false, false, false},
    {"lost between a batch's transfers", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.batch = 4},
     IDLE "DNLOAD 0 64: gone\n& GETSTATUS: notrun\nfailed ERR_LOST", false, false, false},
    {"starts in dfuERROR: cleared, then written", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     "claim: ok\nGETSTATUS: errFIRMWARE 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\nDNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\n"
     "GETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"starts in dfuDNLOAD-IDLE and dfuDNBUSY: waited for, aborted", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     "claim: ok\nGETSTATUS: OK 6 4\nwait 6\nGETSTATUS: OK 0 5\nABORT: ok\nGETSTATUS: OK 0 2\nDNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\n"
     "GETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"DETACH stalled: what counts is how it comes back", DFUKIT_VERB_DETACH, DN | WILL, true, 0, {0},
     "claim: ok\nDETACH 300: stall\nreturn dfu!: dfu\n" IDLE "GETSTATUS: OK 0 2\ndone", false, false, false},
    {"DETACH without effect", DFUKIT_VERB_WRITE, DN | WILL, true, 64, {0},
     "claim: ok\nDETACH 300: ok\nreturn dfu!: runtime\nfailed ERR_MODE", false, false, false},
    {"gone after DETACH for good", DFUKIT_VERB_WRITE, DN | WILL, true, 64, {0},
     "claim: ok\nDETACH 300: ok\nreturn dfu!: none\nfailed ERR_LOST", false, false, false},
    {"gone at DETACH though it should wait for a reset", DFUKIT_VERB_DETACH, DN, true, 0, {0},
     "claim: ok\nDETACH 300: gone\nreturn dfu!: dfu\n" IDLE "GETSTATUS: OK 0 2\ndone", false, false, false},
    {"gone again while it is claimed: looked for once more", DFUKIT_VERB_DETACH, DN, true, 0, {0},
     DETACH_RESET "claim: gone\nreturn dfu!: dfu\n" IDLE "GETSTATUS: OK 0 2\ndone", false, false, false},
    {"no reset possible: said before DETACH", DFUKIT_VERB_WRITE, DN, true, 64, {.no_reset = true}, "failed ERR_UNSUPPORTED", false, false, false},
    {"suffix of another product: sent back untouched", DFUKIT_VERB_WRITE, DN | TOL, true, 64, {.suffix = &other_product},
     DETACH_RESET IDLE HOME "failed ERR_MISMATCH", false, false, false},
    {"suffix of another product, forced", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.suffix = &other_product, .force = true},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"suffix with the DFU-mode product", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.suffix = &dfu_product},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"suffix with the run-time product", DFUKIT_VERB_WRITE, DN | TOL, true, 64, {.suffix = &app_product},
     DETACH_RESET IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", false, true, true},
    {"an alternate setting that is not there", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {.has_alt = true, .alt = 3},
     IDLE "failed ERR_USAGE", false, false, false},
    {"cannot download", DFUKIT_VERB_WRITE, UP, false, 64, {0}, IDLE "failed ERR_REFUSED", false, false, false},
    {"cannot download, known before DETACH", DFUKIT_VERB_WRITE, UP, true, 64, {0}, "failed ERR_REFUSED", false, false, false},
    {"cannot upload", DFUKIT_VERB_READ, DN, true, 0, {0}, "failed ERR_REFUSED", false, false, false},
    {"read: a short frame ends it, then home", DFUKIT_VERB_READ, UP, true, 0, {0},
     DETACH_RESET IDLE "UPLOAD 0 64: 64\nUPLOAD 1 64: 10\n" HOME "done", false, true, true},
    {"read: found in DFU mode it stays there", DFUKIT_VERB_READ, UP, false, 0, {0},
     IDLE "UPLOAD 0 64: 64\nUPLOAD 1 64: 0\ndone", false, false, false},
    {"read: nothing", DFUKIT_VERB_READ, UP, false, 0, {0}, IDLE "UPLOAD 0 64: 0\nGETSTATUS: OK 0 2\nfailed ERR_PROTOCOL", false, false, false},
    {"read: never more than asked for", DFUKIT_VERB_READ, UP, false, 0, {.read_limit = 100},
     IDLE "UPLOAD 0 64: 64\nUPLOAD 1 64: 64\nGETSTATUS: OK 0 9\nABORT: ok\nGETSTATUS: OK 0 2\ndone", false, false, false},
    {"read: refused with a reason", DFUKIT_VERB_READ, UP, false, 0, {0},
     IDLE "UPLOAD 0 64: stall\nGETSTATUS: errVENDOR 0 10\nGETSTATUS: errVENDOR 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\nfailed ERR_DEVICE",
     false, false, false},
    {"verify alone: one UPLOAD at a time, equal", DFUKIT_VERB_VERIFY, UP, false, 100, {.batch = 8},
     IDLE "UPLOAD 0 64: 64\nUPLOAD 1 64: 36\ndone", true, false, false},
    {"verify: the device has less", DFUKIT_VERB_VERIFY, UP, false, 100, {0},
     IDLE "UPLOAD 0 64: 64\nUPLOAD 1 64: 10\nGETSTATUS: OK 0 2\nfailed ERR_DIFFERS", false, false, false},
    {"UPLOADs in a batch after an own write", DFUKIT_VERB_WRITE, DN | UP | TOL, false, 160, {.batch = 8, .then = DFUKIT_THEN_STAY},
     IDLE "DNLOAD 0 64: ok\n& GETSTATUS: OK 0 5\nDNLOAD 1 64: ok\n& GETSTATUS: OK 0 5\nDNLOAD 2 32: ok\n& GETSTATUS: OK 0 5\nDNLOAD 3 0: ok\n"
     "GETSTATUS: OK 0 2\nGETSTATUS: OK 0 2\nUPLOAD 0 64: 64\n& UPLOAD 1 64: 64\nUPLOAD 2 64: 32\ndone", true, true, false},
    {"verify always, not tolerant: detached once more", DFUKIT_VERB_WRITE, DN | UP, true, 64, {.verify = DFUKIT_VERIFY_ALWAYS},
     DETACH_RESET IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 7\nwait 1\nGETSTATUS: OK 0 8\n" HOME
     DETACH_RESET IDLE "UPLOAD 0 64: 64\nGETSTATUS: OK 0 9\nABORT: ok\nGETSTATUS: OK 0 2\n" HOME "done", true, true, true},
    {"verify never", DFUKIT_VERB_WRITE, DN | UP | TOL, false, 64, {.verify = DFUKIT_VERIFY_NEVER, .then = DFUKIT_THEN_STAY},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\ndone", false, true, false},
    {"leave from dfuIDLE", DFUKIT_VERB_LEAVE, DN, false, 0, {0}, IDLE HOME "done", false, true, true},
    {"leave: a reset without any effect is not success", DFUKIT_VERB_LEAVE, DN, false, 0, {0},
     IDLE "reset: ok\nclaim: ok\nGETSTATUS: OK 0 2\nreturn app: dfu\nfailed ERR_PROTOCOL", false, false, false},
    {"leave: a device that no longer answers is reset", DFUKIT_VERB_LEAVE, DN, false, 0, {0},
     "claim: ok\nGETSTATUS: timeout\n" HOME "done", false, true, true},
    {"leave: no reset possible", DFUKIT_VERB_LEAVE, DN, false, 0, {.no_reset = true}, IDLE "GETSTATUS: OK 0 2\nfailed ERR_UNSUPPORTED", false, false, false},
    {"leave: it answered the reset, and leaves a moment later", DFUKIT_VERB_LEAVE, DN, false, 0, {0},
     IDLE "reset: ok\nclaim: gone\nreturn app: runtime\ndone", false, true, true},
    {"after the reset it has refused its firmware: no wait for a departure", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\nreset: ok\nclaim: ok\nGETSTATUS: errFIRMWARE 0 10\n"
     "GETSTATUS: errFIRMWARE 0 10\nCLRSTATUS: ok\nGETSTATUS: OK 0 2\nfailed ERR_DEVICE", false, false, false},
    {"tolerant, written, stays in dfuIDLE after the reset: it has said that it succeeded", DFUKIT_VERB_WRITE, DN | TOL, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\nreset: ok\nclaim: ok\nGETSTATUS: OK 0 2\n"
     "return app: dfu\nclaim: ok\nGETSTATUS: OK 0 2\ndone", false, true, false},
    {"a reset that failed confirms nothing", DFUKIT_VERB_WRITE, DN, false, 64, {0},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreset: io\nreturn app: dfu\nclaim: ok\n"
     "GETSTATUS: OK 0 8\ndone", false, false, false},
    {"verify always, not tolerant, back in DFU mode: read back there", DFUKIT_VERB_WRITE, DN | UP, false, 64, {.verify = DFUKIT_VERIFY_ALWAYS},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 7\nwait 1\nGETSTATUS: gone\nreturn app!: anew\nclaim: ok\nGETSTATUS: OK 0 2\n"
     "claim: ok\nGETSTATUS: OK 0 2\nUPLOAD 0 64: 64\nGETSTATUS: OK 0 9\nABORT: ok\nGETSTATUS: OK 0 2\n" HOME "done", true, true, true},
    {"verify always, never seen again: not done", DFUKIT_VERB_WRITE, DN | UP, false, 64, {.verify = DFUKIT_VERIFY_ALWAYS},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: gone\nreturn app!: none\nfailed ERR_LOST", false, false, false},
    {"no block above wTransferSize, whatever is asked for", DFUKIT_VERB_WRITE, DN | TOL, false, 100, {.transfer_size = 256},
     IDLE BLOCKS END_TOLERANT HOME "done", false, true, true},
    {"smaller blocks are allowed", DFUKIT_VERB_WRITE, DN | TOL, false, 40, {.transfer_size = 32},
     IDLE "DNLOAD 0 32: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 8: ok\nGETSTATUS: OK 0 5\n" END_TOLERANT HOME "done", false, true, true},
    {"the deadline comes inside a long poll timeout: nothing is asked before it is over", DFUKIT_VERB_WRITE, DN, false, 64, {.timeout_ms = 1000},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 16777215 7\nwait 1000\nfailed ERR_DEADLINE", false, false, false},
    {"the deadline comes inside a short poll timeout: the rest of it is waited for", DFUKIT_VERB_WRITE, DN, false, 64, {.timeout_ms = 1000},
     IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 1500 4\nwait 1000\nwait 500\nGETSTATUS: OK 0 5\nABORT: ok\nGETSTATUS: OK 0 2\nfailed ERR_DEADLINE",
     false, false, false},
    {"status asks and does not select", DFUKIT_VERB_STATUS, DN, false, 0, {0}, "claim: ok\nGETSTATUS: OK 0 9\ndone", false, false, false},
    {"leave when it runs already", DFUKIT_VERB_LEAVE, DN, true, 0, {0}, "done", false, true, false},
    {"leave while it waits for a reset", DFUKIT_VERB_LEAVE, DN, false, 0, {0}, "claim: ok\nGETSTATUS: OK 0 8\n" HOME "done", false, true, true},
    {"status in run-time mode may stall", DFUKIT_VERB_STATUS, DN, true, 0, {0}, "claim: ok\nGETSTATUS: stall\ndone", false, false, false},
    {"claimed by another program", DFUKIT_VERB_WRITE, DN, false, 64, {0}, "claim: busy\nfailed ERR_BUSY", false, false, false},
};
// clang-format on

static void follows_every_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&rows[i]);
}

static void tells_the_devices_own_words(void **state)
{
    (void)state;
    script_device d;
    script_device_init(&d, DN | TOL);
    d.text = "too \x1b[31mhot";
    dfukit_segment segment = {0, 64, d.content, 0};
    dfukit_image image = {.count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0, 64};
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = &stream};
    dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
    assert_int_equal(script_run(h, &d,
                                IDLE "DNLOAD 0 64: ok\nGETSTATUS: errVENDOR 0 10\nstring 0: stall\n"
                                     "string 5: text\nGETSTATUS: errVENDOR 0 10\nCLRSTATUS: ok\n"
                                     "GETSTATUS: OK 0 2\nfailed ERR_DEVICE"),
                     0);
    const dfukit_outcome *o = dfukit_host_outcome(h);
    assert_string_equal(o->status_text, "too ?[31mhot");
    assert_int_equal(o->bStatus, DFUKIT_STATUS_VENDOR);
    assert_int_equal(o->bState, DFUKIT_DFU_ERROR);
    dfukit_host_free(&h);
}

static void interrupted_it_aborts_and_leaves_dfu_idle(void **state)
{
    (void)state;
    script_device d;
    script_device_init(&d, DN | TOL);
    dfukit_segment segment = {0, 640, d.content, 0};
    dfukit_image image = {.count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0, 640};
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = &stream};
    dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
    /* The script ends in the middle; then the interrupt comes. */
    assert_int_not_equal(
        script_run(h, &d, IDLE "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 64: ok\n"), 0);
    dfukit_host_cancel(h);
    assert_int_equal(
        script_run(h, &d,
                   "GETSTATUS: OK 0 5\nGETSTATUS: OK 0 5\nABORT: ok\nGETSTATUS: OK 0 2\n"
                   "failed ERR_INTERRUPTED"),
        0);
    dfukit_host_free(&h);
}

static void interrupted_on_its_way_into_dfu_mode_it_is_sent_home(void **state)
{
    (void)state;
    script_device d;
    script_device_init(&d, DN);
    dfukit_segment segment = {0, 64, d.content, 0};
    dfukit_image image = {.count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0, 64};
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = &stream};
    dfukit_host *h = dfukit_host_new(&job, &d.runtime, &heap);
    assert_int_not_equal(script_run(h, &d, "claim: ok\nDETACH 300: ok\n"), 0);
    dfukit_host_cancel(h);
    assert_int_equal(
        script_run(h, &d, "reset: gone\nreturn dfu: dfu\n" IDLE HOME "failed ERR_INTERRUPTED"), 0);
    assert_true(dfukit_host_outcome(h)->sent_back);
    assert_int_equal(d.received_n, 0);
    dfukit_host_free(&h);
}

static void dfuse_without_a_map_is_not_driven_as_plain_dfu(void **state)
{
    (void)state;
    static const uint16_t versions[] = {DFUKIT_VERSION_DFUSE, 0x1A01};
    for (size_t i = 0; i < 6; i++) {
        script_device d;
        script_device_init(&d, DN | UP);
        d.dfu.functional.bcdDFUVersion = versions[i % 2];
        dfukit_segment segment = {0, 64, d.content, 0};
        dfukit_image image = {.count = 1, .segments = &segment};
        dfukit_stream stream = {&image, 0, 64};
        dfukit_job job = {
            .verb = (dfukit_verb)(DFUKIT_VERB_WRITE + i / 2), .stream = &stream, .image = &image};
        dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
        assert_int_equal(script_run(h, &d, IDLE "failed ERR_REFUSED"), 0);
        dfukit_host_free(&h);
    }
}

static void block_numbers_wrap(void **state)
{
    (void)state;
    script_device d;
    script_device_init(&d, DN | TOL);
    d.dfu.transfer_size = 1;
    uint32_t size = 65540;
    uint8_t *payload = malloc(size);
    memset(payload, 0x5A, size);
    dfukit_segment segment = {0, size, payload, 0};
    dfukit_image image = {.count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0, size};
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = &stream, .then = DFUKIT_THEN_STAY};
    dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
    uint32_t blocks = 0;
    const dfukit_step *step;
    while ((step = dfukit_host_next(h, 1))->kind < DFUKIT_STEP_DONE) {
        bool dnload = step->kind == DFUKIT_STEP_TRANSFERS &&
                      step->transfers[0].setup.bRequest == DFUKIT_DNLOAD;
        if (dnload)
            assert_int_equal(step->transfers[0].setup.wValue, blocks++ & 0xFFFF);
        if (step->kind == DFUKIT_STEP_TRANSFERS) {
            bool idle = blocks == 0 || blocks > size;
            assert_true(answer_transfer(&d, &step->transfers[0],
                                        dnload ? "ok"
                                        : idle ? "OK 0 2"
                                               : "OK 0 5"));
        }
        dfukit_host_answer(h, 0, 1);
    }
    assert_int_equal(dfukit_host_outcome(h)->error, DFUKIT_OK);
    assert_int_equal(blocks, size + 1);
    dfukit_host_free(&h);
    free(payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_every_script),
        cmocka_unit_test(tells_the_devices_own_words),
        cmocka_unit_test(interrupted_it_aborts_and_leaves_dfu_idle),
        cmocka_unit_test(interrupted_on_its_way_into_dfu_mode_it_is_sent_home),
        cmocka_unit_test(dfuse_without_a_map_is_not_driven_as_plain_dfu),
        cmocka_unit_test(block_numbers_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
