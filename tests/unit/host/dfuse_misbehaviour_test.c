/* SPDX-License-Identifier: MIT */
/* DfuSe devices that lie, hang, stall or vanish: every job ends in time, says so, and leaves the
 * device usable where it can. */
#include "unit/host/dfuse_bench.h"

static const char *const one[] = {F1, NULL};
static const char *const two[] = {F1, SPI, NULL};

static void bit(bench *b, dfukit_quirk_effect effect)
{
    b->device.target.quirks |= UINT32_C(1) << effect;
}

/* ST's ROM loaders, which have a value for these quirks. */
static void st(bench *b, dfukit_quirk_effect effect)
{
    b->device.target.device.idVendor = 0x0483;
    b->device.target.device.idProduct = 0xDF11;
    bit(b, effect);
}

static void a_mass_erase_that_lies(void **state)
{
    (void)state;
    static const struct {
        uint32_t takes_ms, timeout_ms;
        bool quirk;
        int error;
    } cases[] = {
        {5000, 0, false, DFUKIT_OK},
        {32000, 0, false, DFUKIT_OK},
        {100000, 0, false, DFUKIT_OK},
        {200000, 0, false, DFUKIT_ERR_DEADLINE},
        {32000, 20000, false, DFUKIT_ERR_DEADLINE},
        {32000, 20000, true, DFUKIT_ERR_DEADLINE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b;
        printf("case %zu\n", i);
        bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
        bench_segment(&b, 0, 0x08000000, 100);
        b.job.erase = DFUKIT_ERASE_ALL;
        b.job.timeout_ms = cases[i].timeout_ms;
        b.device.mass_poll = 100;
        b.device.mass_ms = cases[i].takes_ms;
        if (cases[i].quirk)
            st(&b, DFUKIT_QUIRK_MASS_ERASE);
        bench_run(&b);
        bench_ended(&b, cases[i].error);
        if (cases[i].error != DFUKIT_OK) {
            uint32_t bound = cases[i].timeout_ms != 0 ? cases[i].timeout_ms : 120000;
            assert_in_range(b.device.now - 1000, bound, bound + 3500);
        }
        bench_free(&b);
    }
}

/* The bound is raised where the table says so and nobody has said another: the job's 120 s are
 * nearly over when the erasure of 30 s begins. */
static void more_time_for_a_mass_erase(void **state)
{
    (void)state;
    for (unsigned quirk = 0; quirk < 2; quirk++) {
        bench b;
        bench_init(&b, two, 2048, DFUKIT_VERB_WRITE);
        b.image.alternates = true;
        bench_segment(&b, 0, 0x08000000, 100);
        bench_segment(&b, 1, 0, 100);
        b.job.erase = DFUKIT_ERASE_ALL;
        b.device.mass_poll = 100;
        b.device.mass_ms = 100000; /* the second one begins with 20 s left */
        if (quirk != 0)
            st(&b, DFUKIT_QUIRK_MASS_ERASE);
        bench_run(&b);
        bench_ended(&b, DFUKIT_ERR_DEADLINE);
        assert_in_range(b.device.now, quirk != 0 ? 135000 : 121000, quirk != 0 ? 140500 : 124500);
        bench_free(&b);
    }
}

static void status_stalled_while_it_erases(void **state)
{
    (void)state;
    for (unsigned stalls = 1; stalls <= 4; stalls++) {
        bench b;
        bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
        bench_segment(&b, 0, 0x08000000, 5000);
        b.device.stalls = stalls;
        b.device.erase_ms = 90;
        bench_run(&b);
        bench_ended(&b, stalls <= 3 ? DFUKIT_OK : DFUKIT_ERR_PROTOCOL);
        if (stalls <= 3)
            bench_holds(&b);
        bench_free(&b);
    }
}

/* Of the operations: three erasures, Set Address, two blocks, Set Address for the short one, that
 * one, then those of the comparison. */
static void a_device_that_hangs_is_freed(void **state)
{
    (void)state;
    for (int n = 0; n < 9; n++) {
        for (unsigned way = 0; way < 4; way++) {
            bench b;
            unsigned quirk = way & 1;
            printf("operation %d, quirk %u, %s\n", n, quirk, way < 2 ? "lost" : "carried out");
            bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
            bench_segment(&b, 0, 0x08000000, 5000);
            b.device.wedge = n;
            b.device.wedge_done = way >= 2;
            b.job.batch = 4;
            if (quirk != 0)
                st(&b, DFUKIT_QUIRK_BUSY_WEDGE);
            bench_run(&b);
            bench_ended(&b, DFUKIT_OK);
            bench_holds(&b);
            /* A block carried out already is refused when it comes again: one more CLRSTATUS. */
            assert_int_equal(b.device.clears, way >= 2 && (n == 4 || n == 5 || n == 7) ? 2 : 1);
            assert_in_range(b.device.now - 1000, quirk != 0 ? 5000 : 40000,
                            quirk != 0 ? 6500 : 42500);
            bench_free(&b);
        }
    }
}

static void a_poll_time_of_hours(void **state)
{
    (void)state;
    for (unsigned honest = 0; honest < 2; honest++) {
        bench b;
        bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
        bench_segment(&b, 0, 0x08000000, 100);
        b.device.erase_poll = 0xFFFFFF;
        b.device.erase_ms = honest != 0 ? 0xFFFFFF : 10;
        bench_run(&b);
        bench_ended(&b, DFUKIT_ERR_DEADLINE);
        assert_in_range(b.device.now - 1000, 120000, 123500);
        bench_free(&b);
    }
}

static void busy_without_end(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 100);
    b.device.erase_poll = 10;
    b.device.erase_ms = 10000000;
    bench_run(&b);
    bench_ended(&b, DFUKIT_ERR_DEADLINE);
    /* twice: once more after it could not be freed */
    assert_in_range(b.device.now - 1000, 80000, 84500);
    bench_free(&b);
    /* the Black Magic Probe: a hundred answers without a poll time in a row */
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 100);
    b.device.target.device.idVendor = 0x1D50;
    b.device.target.device.idProduct = 0x6017;
    bit(&b, DFUKIT_QUIRK_ZERO_POLLS);
    b.device.erase_poll = 0;
    b.device.erase_ms = 10000000;
    bench_run(&b);
    bench_ended(&b, DFUKIT_ERR_DEADLINE);
    assert_in_range(b.device.now - 1000, 1000, 10000);
    bench_free(&b);
}

/* A poll time told in an idle state is kept before the next GETSTATUS, not behind the result. */
static void a_poll_time_in_idle_states(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 5000);
    b.device.idle_poll = 5;
    b.job.batch = 4;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    bench_free(&b);
}

/* Gone before every transfer in turn. */
static void lost_anywhere(void **state)
{
    (void)state;
    unsigned lost = 0, done = 0;
    for (int n = 0;; n++) {
        bench b;
        bench_init(&b, two, 2048, DFUKIT_VERB_WRITE);
        b.image.alternates = true;
        bench_segment(&b, 0, 0x08000000, 5000);
        bench_segment(&b, 1, 0, 5000);
        b.job.batch = 1 + (unsigned)n % 8;
        b.device.gone_at = n;
        b.device.back_runtime = false;
        bench_run(&b);
        bool all = b.device.requests < (unsigned)n;
        if (b.outcome->error == DFUKIT_OK) {
            bench_holds(&b); /* gone at the leave, when all was there */
            assert_false(b.outcome->confirmed);
            assert_true(b.outcome->verified);
            done++;
        } else {
            bench_ended(&b, DFUKIT_ERR_LOST);
            lost++;
        }
        bench_free(&b);
        if (all)
            break;
    }
    assert_true(lost > 30);
    assert_true(done >= 2);
}

/* Interrupted at every step in turn: the device is left in dfuIDLE, and the next job works. */
static void interrupted_anywhere(void **state)
{
    (void)state;
    for (int n = 0; n < 80; n++) {
        bench b;
        bench_init(&b, two, 2048, DFUKIT_VERB_WRITE);
        b.image.alternates = true;
        bench_segment(&b, 0, 0x08000000, 5000);
        bench_segment(&b, 1, 0, 5000);
        b.job.batch = 1 + (unsigned)n % 2 * 7;
        b.cancel_at = n;
        bench_run(&b);
        if (b.outcome->error == DFUKIT_OK) {
            assert_true(b.device.left);
            bench_free(&b);
            continue;
        }
        bench_ended(&b, DFUKIT_ERR_INTERRUPTED);
        if (!b.device.left) {
            if (b.device.state != DFUKIT_DFU_IDLE)
                fail_msg("step %d: left in state %u", n, b.device.state);
        }
        bench_free(&b);
    }
}

/* Nonsense instead of answers: whatever happens, it ends, within its time and without harm. */
static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void nonsense(dfukit_transfer *t)
{
    static const int32_t errors[] = {DFUKIT_ERR_STALL, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_IO,
                                     DFUKIT_ERR_SHORT};
    uint32_t x = next_random();
    bool in = (t->setup.bmRequestType & 0x80) != 0;
    if (x % 16 == 0) {
        t->result = errors[(x >> 8) % 4];
        return;
    }
    t->result = in && x % 8 == 1 ? (int32_t)((x >> 8) % (t->setup.wLength + 1u)) : t->setup.wLength;
    for (int32_t i = 0; in && i < t->result; i++)
        t->in[i] = (uint8_t)next_random();
    if (t->setup.bRequest == DFUKIT_GETSTATUS && t->result == 6 && x % 4 != 0) {
        static const uint8_t states[] = {2, 3, 4, 5, 5, 5, 5, 6, 7, 9, 10};
        dfukit_status_reply r = {0, next_random() % 3, states[next_random() % sizeof states], 0};
        dfukit_status_encode(&r, t->in);
    }
}

static void hostile(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        bench b;
        static const dfukit_verb verbs[] = {DFUKIT_VERB_WRITE,  DFUKIT_VERB_READ,
                                            DFUKIT_VERB_VERIFY, DFUKIT_VERB_ERASE,
                                            DFUKIT_VERB_UNLOCK, DFUKIT_VERB_LEAVE};
        random_state = seed * 2654435761u | 1;
        bench_init(&b, seed % 2 != 0 ? one : two, 64, verbs[seed % 6]);
        b.job.verb = verbs[seed % 6];
        if (b.job.verb == DFUKIT_VERB_WRITE || b.job.verb == DFUKIT_VERB_VERIFY)
            bench_segment(&b, 0, 0x08000000, 3000);
        b.job.erase = seed % 5 == 0 ? DFUKIT_ERASE_ALL : DFUKIT_ERASE_PAGES;
        b.job.has_at = b.job.has_size =
            b.job.verb == DFUKIT_VERB_ERASE || b.job.verb == DFUKIT_VERB_READ;
        b.job.at = 0x08000000;
        b.job.size = 3000;
        b.job.batch = 1 + seed % 16;
        b.device.target.quirks = seed % 3 == 0 ? next_random() & ~3u : 0;
        b.host = dfukit_host_new(&b.job, &b.device.target, &heap);
        uint64_t now = 1000;
        unsigned steps = 0;
        for (;; steps++) {
            const dfukit_step *s = dfukit_host_next(b.host, now);
            if (s->kind >= DFUKIT_STEP_DONE)
                break;
            if (steps > 200000)
                fail_msg("seed %u does not end", seed);
            now += s->kind == DFUKIT_STEP_WAIT ? s->wait_ms : 1;
            if (s->kind == DFUKIT_STEP_TRANSFERS) {
                for (size_t i = 0; i < s->count; i++)
                    nonsense(&s->transfers[i]);
            }
            if (s->kind == DFUKIT_STEP_RETURN) {
                dfukit_target back = b.device.target;
                back.devnum += next_random() % 2;
                now += s->wait_ms;
                dfukit_host_returned(b.host, next_random() % 2 != 0 ? &back : NULL, DFUKIT_ERR_LOST,
                                     now);
            } else {
                dfukit_host_answer(b.host, next_random() % 32 == 0 ? DFUKIT_ERR_IO : 0, now);
            }
        }
        const dfukit_outcome *o = dfukit_host_outcome(b.host);
        assert_non_null(o->what);
        if (now > 1000 + 120000 + 180000 + 10000)
            fail_msg("seed %u takes %llu ms", seed, (unsigned long long)now);
        bench_free(&b);
    }
}

int main(void)
{
    fill_payload();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mass_erase_that_lies),
        cmocka_unit_test(more_time_for_a_mass_erase),
        cmocka_unit_test(status_stalled_while_it_erases),
        cmocka_unit_test(a_device_that_hangs_is_freed),
        cmocka_unit_test(a_poll_time_of_hours),
        cmocka_unit_test(busy_without_end),
        cmocka_unit_test(a_poll_time_in_idle_states),
        cmocka_unit_test(lost_anywhere),
        cmocka_unit_test(interrupted_anywhere),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
