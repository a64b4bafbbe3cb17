/* SPDX-License-Identifier: MIT */
/*
 * Whole upgrades, transfer by transfer, written by hand from the specification: what each persona
 * answers, in which state it then is, how long it wants to be left alone, and as what it comes
 * back.
 */
#include "bench.h"

#define LENGTH 1500u /* of what is downloaded: full blocks and a short one, for every persona */
#define ONE_MS 1000u

typedef enum step_kind {
    IS, /* the device shows product `a`; bcdDevice is 0x0100, or that of the payload if `b` */
    CONFIGURE, /* SET_CONFIGURATION 1 */
    DETACH,    /* wTimeout `a` */
    STATE,     /* DFU_GETSTATE answers `a` */
    STATUS, /* DFU_GETSTATUS: bState `a`, bStatus `b`, bwPollTimeout from `c` to `d`; then wait it
             */
    WAITS,  /* as STATUS, without waiting */
    UNTIL,  /* the same, again and again while the state is `b`; from `c` to `d` times */
    BLOCK,  /* DNLOAD block `a` of `b` bytes */
    BLOCKS, /* DNLOAD blocks `a` to `b` of `c` bytes, waiting for each by STATUS */
    END,    /* the empty DNLOAD, wBlockNum `a` */
    UPLOAD, /* block `a`, wLength `b`: all of it comes, as downloaded */
    LAST,   /* block `a`, wLength `b`: but `c` bytes come, as downloaded */
    ABORT,
    STALLED, /* request `a`, to the host */
    CLEAR,
    RESET,
    LEFT,      /* off the bus, or attached anew, within `a` ms */
    RETURNED,  /* attached anew within 5 s */
    NOT_VALID, /* power off and on: DFU mode, dfuERROR, errFIRMWARE */
} step_kind;

typedef struct step {
    step_kind kind;
    uint32_t a, b, c, d;
} step;

/* clang-format off */

/* Detaches at a reset, tolerant, uploads, back by a reset. Erase 20 ms, 188 units of 30 us. */
static const step micro_timed[] = {
    { IS, 0x0001, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATE, DFUKIT_APP_IDLE, 0, 0, 0 },
    { DETACH, 1000, 0, 0, 0 }, { STATE, DFUKIT_APP_DETACH, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 }, { IS, 0x8001, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { BLOCK, 0, 1000, 0, 0 },
    { STATE, DFUKIT_DNLOAD_SYNC, 0, 0, 0 },
    { STATUS, DFUKIT_DNBUSY, 0, 23, 25 },
    { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { BLOCK, 1, 500, 0, 0 },
    { STATUS, DFUKIT_DNBUSY, 0, 1, 3 },
    { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { END, 2, 0, 0, 0 }, { STATE, DFUKIT_MANIFEST_SYNC, 0, 0, 0 },
    { STATUS, DFUKIT_MANIFEST, 0, 20, 22 },
    { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { UPLOAD, 0, 1000, 0, 0 }, { STATE, DFUKIT_UPLOAD_IDLE, 0, 0, 0 },
    { UPLOAD, 1, 400, 0, 0 }, { ABORT, 0, 0, 0, 0 }, { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { UPLOAD, 0, 1000, 0, 0 }, { LAST, 1, 1000, 500, 0 }, { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { UPLOAD, 0, 1500, 0, 0 }, { LAST, 1, 1500, 0, 0 }, { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 }, { IS, 0x0001, 1, 0, 0 },
};
static const step micro_fast[] = {
    { CONFIGURE, 0, 0, 0, 0 }, { DETACH, 1000, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { LEFT, 0, 0, 0, 0 }, { IS, 0x8001, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { BLOCK, 0, 1000, 0, 0 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { BLOCK, 1, 500, 0, 0 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { END, 2, 0, 0, 0 }, { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { UPLOAD, 0, 1500, 0, 0 }, { ABORT, 0, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { LEFT, 0, 0, 0, 0 }, { IS, 0x0001, 1, 0, 0 },
};
/* A download that is not ended leaves no firmware behind, and a fresh one cures it. */
static const step micro_interrupted[] = {
    { CONFIGURE, 0, 0, 0, 0 }, { DETACH, 1000, 0, 0, 0 }, { RESET, 0, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 },
    { CONFIGURE, 0, 0, 0, 0 },
    { BLOCK, 0, 1000, 0, 0 }, { STATUS, DFUKIT_DNBUSY, 0, 23, 25 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { IS, 0x8001, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_ERROR, DFUKIT_STATUS_FIRMWARE, 0, 0 },
    { NOT_VALID, 0, 0, 0, 0 }, { IS, 0x8001, 0, 0, 0 },
    { CLEAR, 0, 0, 0, 0 }, { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { BLOCK, 0, 1500, 0, 0 }, { STATUS, DFUKIT_DNBUSY, 0, 25, 27 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { END, 1, 0, 0, 0 }, { STATUS, DFUKIT_MANIFEST, 0, 20, 22 }, { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 }, { IS, 0x0001, 1, 0, 0 },
};
/* Detaches by itself after 65 ms, polls of 1 ms, no upload, leaves by itself after manifestation.
 * Erase 20 ms and 256 units of 20 us: 25.12 ms. */
static const step tomu_timed[] = {
    { IS, 0x70B0, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { DETACH, 1000, 0, 0, 0 }, { LEFT, 66, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 },
    { IS, 0x70B1, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_IDLE, 0, 1, 1 },
    { BLOCK, 0, 1024, 0, 0 },
    { UNTIL, DFUKIT_DNLOAD_IDLE, DFUKIT_DNBUSY, 20, 27 },
    { BLOCK, 1, 476, 0, 0 },
    { UNTIL, DFUKIT_DNLOAD_IDLE, DFUKIT_DNBUSY, 18, 25 },
    { END, 2, 0, 0, 0 },
    { STATUS, DFUKIT_MANIFEST, 0, 10, 10 },
    { WAITS, DFUKIT_MANIFEST_WAIT_RESET, 0, 1000, 1000 },
    { LEFT, 66, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 }, { IS, 0x70B0, 1, 0, 0 },
};
static const step tomu_fast[] = {
    { CONFIGURE, 0, 0, 0, 0 }, { DETACH, 1000, 0, 0, 0 }, { LEFT, 0, 0, 0, 0 },
    { IS, 0x70B1, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { BLOCK, 0, 1024, 0, 0 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { BLOCK, 1, 476, 0, 0 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { END, 2, 0, 0, 0 }, { STATUS, DFUKIT_MANIFEST, 0, 0, 10 },
    { LEFT, 1, 0, 0, 0 }, { IS, 0x70B0, 1, 0, 0 },
};
static const step tomu_no_upload[] = {
    { CONFIGURE, 0, 0, 0, 0 }, { DETACH, 1000, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 },
    { CONFIGURE, 0, 0, 0, 0 }, { STALLED, DFUKIT_UPLOAD, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_ERROR, DFUKIT_STATUS_STALLEDPKT, 0, 0 },
    { CLEAR, 0, 0, 0, 0 }, { STATUS, DFUKIT_DFU_IDLE, 0, 1, 1 },
};
/* Not tolerant, nothing happens by itself: waits for the reset after manifestation. */
static const step dfu10_timed[] = {
    { IS, 0x0010, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { DETACH, 1000, 0, 0, 0 }, { RESET, 0, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 },
    { IS, 0x0011, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { STATUS, DFUKIT_DFU_IDLE, 0, 0, 0 },
    { BLOCK, 0, 256, 0, 0 },
    { STATUS, DFUKIT_DNBUSY, 0, 4, 6 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { BLOCKS, 1, 4, 256, 0 },
    { BLOCK, 5, 220, 0, 0 }, /* three write units; what is left waits for the end */
    { STATUS, DFUKIT_DNBUSY, 0, 4, 6 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { END, 6, 0, 0, 0 },
    { STATUS, DFUKIT_MANIFEST, 0, 50, 52 },
    { STALLED, DFUKIT_GETSTATE, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { RETURNED, 0, 0, 0, 0 }, { IS, 0x0010, 1, 0, 0 },
};
static const step dfu10_fast[] = {
    { CONFIGURE, 0, 0, 0, 0 }, { DETACH, 1000, 0, 0, 0 }, { RESET, 0, 0, 0, 0 }, { LEFT, 0, 0, 0, 0 },
    { IS, 0x0011, 0, 0, 0 }, { CONFIGURE, 0, 0, 0, 0 },
    { BLOCKS, 0, 4, 256, 0 }, { BLOCK, 5, 220, 0, 0 }, { STATUS, DFUKIT_DNLOAD_IDLE, 0, 0, 0 },
    { END, 6, 0, 0, 0 }, { STATUS, DFUKIT_MANIFEST, 0, 0, 0 },
    { STALLED, DFUKIT_GETSTATE, 0, 0, 0 },
    { RESET, 0, 0, 0, 0 }, { LEFT, 0, 0, 0, 0 }, { IS, 0x0010, 1, 0, 0 },
};
/* A detach that no reset follows is forgotten after wTimeout. */
static const step dfu10_no_reset[] = {
    { CONFIGURE, 0, 0, 0, 0 }, { DETACH, 20, 0, 0, 0 }, { STATE, DFUKIT_APP_DETACH, 0, 0, 0 },
    { UNTIL, DFUKIT_APP_IDLE, DFUKIT_APP_DETACH, 19, 21 }, { RESET, 0, 0, 0, 0 },
    { IS, 0x0010, 0, 0, 0 },
};

#define STEPS(s) (s), sizeof (s) / sizeof (s)[0]
static const struct {
    const char *what, *persona;
    bool fast, strict;
    const step *steps;
    size_t count;
} conversations[] = {
    { "micro, timed",              "micro", false, false, STEPS(micro_timed) },
    { "micro, timed, strict",      "micro", false, true,  STEPS(micro_timed) },
    { "micro, fast",               "micro", true,  false, STEPS(micro_fast) },
    { "micro, fast, strict",       "micro", true,  true,  STEPS(micro_fast) },
    { "micro, interrupted",        "micro", false, false, STEPS(micro_interrupted) },
    { "micro, interrupted, strict","micro", false, true,  STEPS(micro_interrupted) },
    { "tomu, timed",               "tomu",  false, false, STEPS(tomu_timed) },
    { "tomu, timed, strict",       "tomu",  false, true,  STEPS(tomu_timed) },
    { "tomu, fast",                "tomu",  true,  false, STEPS(tomu_fast) },
    { "tomu, no upload",           "tomu",  false, false, STEPS(tomu_no_upload) },
    { "dfu10, timed",              "dfu10", false, false, STEPS(dfu10_timed) },
    { "dfu10, fast",               "dfu10", true,  false, STEPS(dfu10_fast) },
    { "dfu10, no reset",           "dfu10", false, false, STEPS(dfu10_no_reset) },
};
/* clang-format on */

static const char *const kind_names[] = {
    "IS",    "CONFIGURE", "DETACH", "STATE",    "STATUS",    "WAITS", "UNTIL",
    "BLOCK", "BLOCKS",    "END",    "UPLOAD",   "LAST",      "ABORT", "STALLED",
    "CLEAR", "RESET",     "LEFT",   "RETURNED", "NOT_VALID",
};

typedef struct talk {
    bench b;
    uint8_t payload[LENGTH];
    uint32_t sent; /* of the payload, in this download */
    uint32_t read;
    uint32_t attachment; /* before it is to leave */
    char why[160];
} talk;

#define EXPECT(t, condition, ...)                                                                  \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            snprintf((t)->why, sizeof(t)->why, __VA_ARGS__);                                       \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

static bool step_is(talk *t, const step *s)
{
    dfukit_device_descriptor d = device_descriptor(&t->b);
    uint16_t revision = s->b != 0 ? expected_revision(t->payload, LENGTH) : 0x0100;

    EXPECT(t, d.idProduct == s->a, "product %04x", d.idProduct);
    if (!in_dfu_mode(&t->b))
        EXPECT(t, d.bcdDevice == revision, "revision %04x not %04x", d.bcdDevice, revision);
    if (s->b != 0)
        EXPECT(t, dfukit_virtual_firmware_size(t->b.device) == LENGTH, "firmware size");
    return true;
}

static bool status_is(talk *t, const dfukit_status_reply *r, const step *s)
{
    EXPECT(t, r->bState == s->a, "state %s", dfukit_state_name(r->bState));
    EXPECT(t, r->bStatus == s->b, "status %s", dfukit_status_name(r->bStatus));
    EXPECT(t, r->bwPollTimeout >= s->c && r->bwPollTimeout <= s->d, "poll %u",
           (unsigned)r->bwPollTimeout);
    return true;
}

static bool step_status(talk *t, const step *s)
{
    dfukit_status_reply r;
    int32_t n = get_status(&t->b, &r);

    EXPECT(t, n == 6, "result %d", n);
    if (!status_is(t, &r, s))
        return false;
    if (s->kind == STATUS)
        pass(&t->b, r.bwPollTimeout * (uint64_t)ONE_MS);
    return true;
}

static bool step_until(talk *t, const step *s)
{
    uint32_t times = 0;
    uint8_t state = 0;

    for (;;) {
        EXPECT(t, class_in(&t->b, DFUKIT_GETSTATE, 0, &state, 1) == 1, "GETSTATE");
        if (state == DFUKIT_DNLOAD_SYNC || state == s->b) {
            dfukit_status_reply r;

            EXPECT(t, get_status(&t->b, &r) == 6, "GETSTATUS");
            if (r.bState != s->b)
                continue;
            EXPECT(t, ++times <= s->d, "too often");
            pass(&t->b, ONE_MS);
            continue;
        }
        EXPECT(t, state == s->a, "state %s", dfukit_state_name(state));
        EXPECT(t, times >= s->c, "only %u times", times);
        return true;
    }
}

static bool send_block(talk *t, uint32_t number, uint32_t n)
{
    int32_t result;

    if (number == 0)
        t->sent = 0;
    EXPECT(t, t->sent + n <= LENGTH, "the table sends too much");
    result = class_out(&t->b, DFUKIT_DNLOAD, (uint16_t)number, t->payload + t->sent, (uint16_t)n);
    EXPECT(t, result == (int32_t)n, "block %u: result %d", number, result);
    t->sent += n;
    return true;
}

static bool step_blocks(talk *t, const step *s)
{
    for (uint32_t number = s->a; number <= s->b; number++) {
        report r = {0};

        if (!send_block(t, number, s->c))
            return false;
        poll_while(&t->b, &r, DFUKIT_DNLOAD_SYNC, DFUKIT_DNBUSY);
        EXPECT(t, r.status.bState == DFUKIT_DNLOAD_IDLE, "block %u: state %s", number,
               dfukit_state_name(r.status.bState));
    }
    return true;
}

static bool step_upload(talk *t, const step *s)
{
    static uint8_t block[4096];
    int32_t n = class_in(&t->b, DFUKIT_UPLOAD, (uint16_t)s->a, block, (uint16_t)s->b);
    uint32_t wanted = s->kind == LAST ? s->c : s->b;

    EXPECT(t, n == (int32_t)wanted, "result %d", n);
    if (s->a == 0)
        t->read = 0;
    EXPECT(t, t->read + wanted <= LENGTH, "the table reads too much");
    for (uint32_t i = 0; i < wanted; i++, t->read++)
        EXPECT(t, block[i] == t->payload[t->read], "byte %u is %02x", t->read, block[i]);
    return true;
}

static bool step_left(talk *t, const step *s)
{
    for (uint32_t ms = 0; attachment(&t->b) == t->attachment; ms++) {
        EXPECT(t, ms < s->a, "still there after %u ms", ms);
        pass(&t->b, ONE_MS);
    }
    return true;
}

static bool step_not_valid(talk *t)
{
    dfukit_status_reply r;

    dfukit_virtual_power(t->b.device, false);
    EXPECT(t, attachment(&t->b) == 0, "attached without power");
    EXPECT(t, get_status(&t->b, &r) == DFUKIT_ERR_GONE, "answers without power");
    dfukit_virtual_power(t->b.device, true);
    EXPECT(t, configure(&t->b) == 0, "not there");
    EXPECT(t,
           get_status(&t->b, &r) == 6 && r.bState == DFUKIT_DFU_ERROR &&
               r.bStatus == DFUKIT_STATUS_FIRMWARE,
           "%s", dfukit_state_name(r.bState));
    return true;
}

static bool class_accepted(talk *t, dfukit_request request, uint32_t value)
{
    int32_t n = class_out(&t->b, request, (uint16_t)value, NULL, 0);

    EXPECT(t, n == 0, "result %d", n);
    return true;
}

static bool carry_out(talk *t, const step *s)
{
    uint8_t byte = 0xEE;

    switch (s->kind) {
    case IS:
        return step_is(t, s);
    case CONFIGURE:
        t->attachment = attachment(&t->b);
        return configure(&t->b) == 0;
    case DETACH:
        return class_accepted(t, DFUKIT_DETACH, s->a);
    case STATE:
        EXPECT(t, class_in(&t->b, DFUKIT_GETSTATE, 0, &byte, 1) == 1, "no answer");
        EXPECT(t, byte == s->a, "state %s", dfukit_state_name(byte));
        return true;
    case STATUS:
    case WAITS:
        return step_status(t, s);
    case UNTIL:
        return step_until(t, s);
    case BLOCK:
        return send_block(t, s->a, s->b);
    case BLOCKS:
        return step_blocks(t, s);
    case END:
        return class_accepted(t, DFUKIT_DNLOAD, s->a);
    case UPLOAD:
    case LAST:
        return step_upload(t, s);
    case ABORT:
        return class_accepted(t, DFUKIT_ABORT, 0);
    case STALLED:
        EXPECT(t, class_in(&t->b, (dfukit_request)s->a, 0, &byte, 1) == DFUKIT_ERR_STALL,
               "not refused");
        return true;
    case CLEAR:
        return class_accepted(t, DFUKIT_CLRSTATUS, 0);
    case RESET:
        t->b.wire.ops->reset(t->b.wire.self);
        return true;
    case LEFT:
        return step_left(t, s);
    case RETURNED:
        return arrives(&t->b, t->attachment);
    case NOT_VALID:
        return step_not_valid(t);
    default:
        return false;
    }
}

static void test_conversations(void **state)
{
    static talk t;

    (void)state;
    for (size_t i = 0; i < sizeof conversations / sizeof conversations[0]; i++) {
        dfukit_virtual_options options = {.fast = conversations[i].fast,
                                          .strict = conversations[i].strict};

        memset(&t, 0, sizeof t);
        bench_open(&t.b, dfukit_persona_find(conversations[i].persona), &options);
        fill_payload(t.payload, LENGTH, (uint32_t)i + 1u);
        for (size_t n = 0; n < conversations[i].count; n++) {
            const step *s = &conversations[i].steps[n];

            if (!carry_out(&t, s))
                fail_msg("%s: step %zu, %s %u: %s", conversations[i].what, n, kind_names[s->kind],
                         s->a, t.why);
        }
        assert_int_equal(dfukit_vflash_misuses(dfukit_virtual_flash(t.b.device)), 0);
        bench_close(&t.b);
    }
}

/* A strict device refuses to be asked too early; a lenient one says how long it still takes. */
static void test_early_status(void **state)
{
    static const uint8_t block[1000] = {0};

    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        dfukit_virtual_options options = {.strict = strict != 0};
        dfukit_status_reply s;
        report r = {0};
        bench b;

        bench_open(&b, dfukit_persona_find("micro"), &options);
        assert_true(enter_dfu_mode(&b, &r));
        assert_int_equal(class_out(&b, DFUKIT_DNLOAD, 0, block, sizeof block), sizeof block);
        assert_int_equal(get_status(&b, &s), 6);
        assert_int_equal(s.bState, DFUKIT_DNBUSY);
        pass(&b, 10 * ONE_MS);
        if (strict) {
            assert_int_equal(get_status(&b, &s), DFUKIT_ERR_STALL);
        } else {
            uint32_t left = s.bwPollTimeout - 10;

            assert_int_equal(get_status(&b, &s), 6);
            assert_int_equal(s.bState, DFUKIT_DNBUSY);
            assert_in_range(s.bwPollTimeout, left - 1, left + 1);
        }
        bench_close(&b);
    }
}

/* A product that has nothing but its loader: back in it 500 ms after it has left. */
static void test_loader_only(void **state)
{
    dfukit_persona rom = *dfukit_persona_find("micro");
    dfukit_virtual_options options = {.fast = true};
    uint8_t payload[100];
    dfukit_status_reply s;
    report r = {0};
    uint32_t before;
    bench b;

    (void)state;
    rom.runtime = (dfukit_identity){0};
    fill_payload(payload, sizeof payload, 9);
    bench_open(&b, &rom, &options);
    assert_int_equal(device_descriptor(&b).idProduct, 0x8001);
    assert_true(enter_dfu_mode(&b, &r));
    assert_true(make_idle(&b, &r));
    assert_true(send_blocks(&b, payload, sizeof payload, &r));
    assert_int_equal(class_out(&b, DFUKIT_DNLOAD, 1, NULL, 0), 0);
    poll_while(&b, &r, DFUKIT_MANIFEST_SYNC, DFUKIT_MANIFEST);
    assert_int_equal(r.status.bState, DFUKIT_DFU_IDLE);
    before = attachment(&b);
    b.wire.ops->reset(b.wire.self);
    assert_int_equal(attachment(&b), 0);
    pass(&b, 499 * ONE_MS);
    assert_int_equal(attachment(&b), 0);
    pass(&b, ONE_MS);
    assert_true(attachment(&b) != 0 && attachment(&b) != before);
    assert_int_equal(device_descriptor(&b).idProduct, 0x8001);
    configure(&b);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DFU_IDLE);
    assert_int_equal(dfukit_virtual_firmware_size(b.device), sizeof payload);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_early_status),
        cmocka_unit_test(test_loader_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
