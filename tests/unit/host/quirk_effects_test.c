/* SPDX-License-Identifier: MIT */
/* What the quirk table changes in a conversation: each effect on a product that has it, and the same
 * conversation without it where that differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/host/conversation.h"

typedef struct effect_row {
    const char *name;
    dfukit_quirk_effect effect;
    uint16_t vid, pid;
    uint8_t attributes;
    dfukit_verb verb;
    const char *script;
    bool confirmed;
} effect_row;

#define ONE_BLOCK "claim: ok\nGETSTATUS: OK 0 2\nDNLOAD 0 64: ok\nGETSTATUS: OK 0 5\n"
#define TOLERANT  ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n"

// clang-format off
static const effect_row rows[] = {
    {"poll: 5 ms, whatever it says", DFUKIT_QUIRK_POLL, 0x1D50, 0x5119, DN | TOL, DFUKIT_VERB_WRITE,
     "claim: ok\nGETSTATUS: OK 60000 2\nDNLOAD 0 64: ok\nwait 5\nGETSTATUS: OK 90000 4\nwait 5\nGETSTATUS: OK 0 5\n"
     "DNLOAD 1 0: ok\nwait 5\nGETSTATUS: OK 60000 2\n" HOME "done", true},
    {"manifest-poll: a second at least", DFUKIT_QUIRK_MANIFEST_POLL, 0x0763, 0x2806, DN | TOL, DFUKIT_VERB_WRITE,
     ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: OK 3 7\nwait 1000\nGETSTATUS: OK 0 6\nwait 1000\nGETSTATUS: OK 0 2\n" HOME "done", true},
    {"needs-reset: though it says that it detaches", DFUKIT_QUIRK_NEEDS_RESET, 0x1EAF, 0x0003, DN | WILL, DFUKIT_VERB_WRITE,
     ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: OK 0 8\n" HOME "done", true},
    {"and without it: it detaches", DFUKIT_QUIRK_NONE, 0x1EAF, 0x0003, DN | WILL, DFUKIT_VERB_WRITE,
     ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreturn app!: runtime\ndone", true},
    {"upload-before-leave", DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE, 0x273F, 0x1003, DN | TOL, DFUKIT_VERB_WRITE,
     TOLERANT "UPLOAD 0 64: 64\n" HOME "done", true},
    {"upload-before-leave, refused", DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE, 0x273F, 0x1003, DN | TOL, DFUKIT_VERB_WRITE,
     TOLERANT "UPLOAD 0 64: stall\n" HOME "done", true},
    {"upload-before-leave, and gone", DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE, 0x273F, 0x1003, DN | TOL, DFUKIT_VERB_WRITE,
     TOLERANT "UPLOAD 0 64: gone\nreturn app!: runtime\ndone", true},
    {"detach-to-leave: no reset", DFUKIT_QUIRK_DETACH_TO_LEAVE, 0x2886, 0x0019, DN | TOL, DFUKIT_VERB_WRITE,
     TOLERANT "DETACH 1000: ok\nreturn app!: runtime\ndone", true},
    {"detach-to-leave: a stall is no failure", DFUKIT_QUIRK_DETACH_TO_LEAVE, 0x2886, 0x0019, DN | TOL, DFUKIT_VERB_LEAVE,
     "claim: ok\nGETSTATUS: OK 0 2\nDETACH 1000: stall\nreturn app!: runtime\ndone", true},
    {"detach-to-leave, and stays: reset after all", DFUKIT_QUIRK_DETACH_TO_LEAVE, 0x2886, 0x0019, DN | TOL, DFUKIT_VERB_LEAVE,
     "claim: ok\nGETSTATUS: OK 0 2\nDETACH 1000: ok\nreturn app!: dfu\n" HOME "done", true},
    {"no-reset: it leaves by itself", DFUKIT_QUIRK_NO_RESET, 0x095D, 0x9217, DN, DFUKIT_VERB_WRITE,
     ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreturn app!: runtime\ndone", true},
    {"no-reset: and is not reset when it stays", DFUKIT_QUIRK_NO_RESET, 0x095D, 0x9217, DN, DFUKIT_VERB_WRITE,
     ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: OK 0 8\nreturn app!: dfu\nclaim: ok\nGETSTATUS: OK 0 2\ndone", false},
    {"reset-pause: ten seconds", DFUKIT_QUIRK_RESET_PAUSE, 0x0B0E, 0x0411, DN | TOL, DFUKIT_VERB_WRITE,
     TOLERANT "wait 10000\n" HOME "done", true},
    {"leave-mute: no word is enough", DFUKIT_QUIRK_LEAVE_MUTE, 0x1FC9, 0x000C, DN, DFUKIT_VERB_WRITE,
     ONE_BLOCK "DNLOAD 1 0: ok\nGETSTATUS: timeout\nreturn app!: runtime\ndone", true},
    {"erase-stalls", DFUKIT_QUIRK_ERASE_STALLS, 0x0483, 0xDF11, DN | TOL, DFUKIT_VERB_WRITE,
     "claim: ok\nGETSTATUS: OK 0 2\nDNLOAD 0 64: ok\nGETSTATUS: OK 9 4\nwait 9\nGETSTATUS: stall\nwait 9\nGETSTATUS: stall\nwait 9\n"
     "GETSTATUS: stall\nwait 9\nGETSTATUS: OK 0 5\nDNLOAD 1 0: ok\nGETSTATUS: OK 0 2\n" HOME "done", true},
};
// clang-format on

static void make(script_device *d, const effect_row *r)
{
    script_device_init(d, r->attributes);
    d->dfu.device.idVendor = d->runtime.device.idVendor = r->vid;
    d->dfu.device.idProduct = d->runtime.device.idProduct = r->pid;
    if (r->effect != DFUKIT_QUIRK_NONE)
        d->dfu.quirks = UINT32_C(1) << r->effect;
}

static void conversations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        script_device d;
        make(&d, &rows[i]);
        dfukit_segment segment = {0, 64, d.content, 0};
        dfukit_image image = {.count = 1, .segments = &segment};
        dfukit_stream stream = {&image, 0, 64};
        dfukit_job job = {.verb = rows[i].verb, .stream = &stream};
        dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
        printf("row: %s\n", rows[i].name);
        assert_int_equal(script_run(h, &d, rows[i].script), 0);
        assert_int_equal(dfukit_host_outcome(h)->confirmed, rows[i].confirmed);
        dfukit_host_free(&h);
    }
}

/* The step of the first kind that comes, each one before it answered well. */
static const dfukit_step *first_step(dfukit_host *h, dfukit_step_kind kind)
{
    uint64_t now = 1000;
    for (unsigned i = 0; i < 50; i++) {
        const dfukit_step *s = dfukit_host_next(h, now);
        if (s->kind == kind || s->kind >= DFUKIT_STEP_DONE)
            return s;
        for (size_t k = 0; s->kind == DFUKIT_STEP_TRANSFERS && k < s->count; k++) {
            dfukit_status_reply idle = {0, 0, DFUKIT_DFU_IDLE, 0};
            s->transfers[k].result = s->transfers[k].setup.wLength;
            if (s->transfers[k].setup.bRequest == DFUKIT_GETSTATUS)
                dfukit_status_encode(&idle, s->transfers[k].in);
        }
        dfukit_host_answer(h, s->kind == DFUKIT_STEP_RESET ? DFUKIT_ERR_GONE : 0, now);
    }
    return NULL;
}

/* Away for three minutes, unless the job allows less. */
static void how_long_it_may_be_away(void **state)
{
    (void)state;
    static const struct {
        dfukit_quirk_effect effect;
        uint32_t timeout_ms, wait_ms;
    } cases[] = {{DFUKIT_QUIRK_NONE, 0, 10000},
                 {DFUKIT_QUIRK_RETURN, 0, 180000},
                 {DFUKIT_QUIRK_RETURN, 60000, 60000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const effect_row r = {.effect = cases[i].effect, .vid = 0x095D, .pid = 0x9217, .attributes = DN | TOL};
        script_device d;
        make(&d, &r);
        dfukit_job job = {.verb = DFUKIT_VERB_LEAVE, .timeout_ms = cases[i].timeout_ms};
        dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
        const dfukit_step *s = first_step(h, DFUKIT_STEP_RETURN);
        assert_non_null(s);
        assert_int_equal(s->kind, DFUKIT_STEP_RETURN);
        assert_int_equal(s->wait_ms, cases[i].wait_ms);
        dfukit_host_free(&h);
    }
}

static void how_long_a_transfer_may_take(void **state)
{
    (void)state;
    for (unsigned quirk = 0; quirk < 2; quirk++) {
        const effect_row r = {.effect = quirk != 0 ? DFUKIT_QUIRK_TRANSFER_MS : DFUKIT_QUIRK_NONE,
                              .vid = 0x2886, .pid = 0x0019, .attributes = DN | TOL};
        script_device d;
        make(&d, &r);
        dfukit_job job = {.verb = DFUKIT_VERB_STATUS};
        dfukit_host *h = dfukit_host_new(&job, &d.dfu, &heap);
        uint32_t value = 5000;
        dfukit_target_quirk(&d.dfu, DFUKIT_QUIRK_TRANSFER_MS, &value);
        const dfukit_step *s = first_step(h, DFUKIT_STEP_TRANSFERS);
        assert_int_equal(s->transfers[0].timeout_ms, value);
        assert_int_equal(value > 5000, quirk);
        dfukit_host_free(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversations),
        cmocka_unit_test(how_long_it_may_be_away),
        cmocka_unit_test(how_long_a_transfer_may_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
