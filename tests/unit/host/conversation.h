/* SPDX-License-Identifier: MIT */
/* A row of a table of conversations, the phrases they share, and how one is held. */
#ifndef TESTS_UNIT_HOST_CONVERSATION_H
#define TESTS_UNIT_HOST_CONVERSATION_H

#include "unit/host/script.c"

enum { DN = DFUKIT_CAN_DNLOAD, UP = DFUKIT_CAN_UPLOAD, TOL = DFUKIT_MANIFESTATION_TOLERANT, WILL = DFUKIT_WILL_DETACH };

typedef struct row {
    const char *name;
    dfukit_verb verb;
    uint8_t attributes;
    bool runtime;         /* the device is found in run-time mode */
    uint32_t size;        /* of the payload */
    dfukit_job job;       /* further fields */
    const char *script;
    bool verified, confirmed, sent_back;
} row;

#define IDLE   "claim: ok\nGETSTATUS: OK 0 2\n"
#define DETACH_WILL "claim: ok\nDETACH 300: ok\nreturn dfu!: dfu\n"
#define DETACH_RESET "claim: ok\nDETACH 300: ok\nreset: gone\nreturn dfu: dfu\n"
#define BLOCKS "DNLOAD 0 64: ok\nGETSTATUS: OK 0 5\nDNLOAD 1 36: ok\nGETSTATUS: OK 0 5\n"
#define END_TOLERANT "DNLOAD 2 0: ok\nGETSTATUS: OK 0 2\n"
#define HOME "reset: gone\nreturn app: runtime\n"

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}
static const dfukit_allocator heap = {NULL, resize};

static inline void run_row(const row *r)
{
    script_device d;
    script_device_init(&d, r->attributes);
    if (r->job.has_alt && r->job.alt == 1) { /* it has two settings, then */
        d.dfu.alt_count = 2;
        d.dfu.alts[1].number = 1;
    }
    dfukit_segment segment = {0, r->size, d.content, 0};
    dfukit_image image = {.count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0, r->size};
    dfukit_job job = r->job;
    job.verb = r->verb;
    job.stream = r->size != 0 ? &stream : NULL;
    dfukit_host *h = dfukit_host_new(&job, r->runtime ? &d.runtime : &d.dfu, &heap);
    assert_non_null(h);
    printf("row: %s\n", r->name);
    assert_int_equal(script_run(h, &d, r->script), 0);
    const dfukit_outcome *o = dfukit_host_outcome(h);
    assert_int_equal(o->verified, r->verified);
    assert_int_equal(o->confirmed, r->confirmed);
    assert_int_equal(o->sent_back, o->error == DFUKIT_OK ? r->sent_back : o->sent_back);
    assert_non_null(o->what);
    if (r->verb == DFUKIT_VERB_WRITE && o->error == DFUKIT_OK) {
        assert_int_equal(d.received_n, r->size);
        assert_memory_equal(d.received, d.content, r->size);
    }
    dfukit_host_free(&h);
    assert_null(h);
}

#endif
