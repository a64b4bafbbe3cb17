/* SPDX-License-Identifier: MIT */
/* The host engine on a strict DfuSe device: what is sent, in which order, and what it costs. */
#include "unit/host/dfuse_bench.h"

static const char *const one[] = {F1, NULL};
static const char *const two[] = {F1, SPI, NULL};
static const char *const with_options[] = {F1, OPTIONS, NULL};
static const char *const sectors[] = {F4, NULL};

/* 128 KiB in 2 KiB pages and blocks, from claim to release, the leave included. */
static void budget(void **state)
{
    (void)state;
    for (unsigned batch = 1; batch <= 16; batch += 15) {
        bench b;
        bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
        bench_segment(&b, 0, 0x08000000, 128 * 1024);
        b.job.verify = DFUKIT_VERIFY_NEVER;
        b.job.batch = batch;
        bench_run(&b);
        bench_ended(&b, DFUKIT_OK);
        bench_holds(&b);
        printf("batch %u: %u requests, %u round trips\n", batch, b.device.requests,
               b.device.round_trips);
        assert_in_range(b.device.requests, 1, 400);
        assert_in_range(b.device.round_trips, 1, batch > 1 ? 270 : 400);
        assert_int_equal(b.device.sets, 2); /* one for the run, one to leave */
        assert_int_equal(b.device.erases, 64);
        assert_int_equal(b.device.uploads + b.device.aborts, 0);
        assert_int_equal(b.device.waits, 128); /* none behind a result */
        assert_int_equal(b.device.waited, 64 * 20 + 64 * 5);
        assert_int_equal(b.outcome->erased, 128 * 1024);
        assert_int_equal(b.outcome->bytes, 128 * 1024);
        assert_true(b.device.left);
        assert_int_equal(b.device.started_at, 0x08000000);
        assert_true(b.outcome->confirmed);
        assert_true(b.outcome->sent_back);
        bench_free(&b);
    }
}

static void written_and_verified_before_leaving(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000800, 3 * 2048 + 5);
    b.job.batch = 8;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    assert_string_equal(b.device.log,
                        "E8000800 E8001000 E8001800 E8002000 S8000800 W8000800 W8001000 W8001800 "
                        "S8002000 W8002000 S8000800 R8000800 R8001000 R8001800 S8002000 R8002000 "
                        "S8000800");
    assert_true(b.outcome->verified);
    assert_int_equal(b.device.started_at, 0x08000800);
    bench_free(&b);
}

/* Two elements in one page, and a third in another setting at the same time. */
static void every_page_is_erased_once_and_before_anything_is_written(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, two, 2048, DFUKIT_VERB_WRITE);
    b.image.alternates = true;
    bench_segment(&b, 0, 0x08000000, 100);
    bench_segment(&b, 0, 0x08000400, 100);
    bench_segment(&b, 1, 0x00000010, 5000);
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    assert_string_equal(b.device.log,
                        "E8000000 A1 E0 E1000 A0 S8000000 W8000000 S8000400 W8000400 A1 S10 W10 "
                        "W810 S1010 W1010 A0 S8000000 R8000000 S8000400 R8000400 A1 S10 R10 R810 "
                        "S1010 R1010 A0 S8000000");
    assert_int_equal(b.device.erases, 3);
    assert_true(b.outcome->verified);
    bench_free(&b);
}

static void one_setting_is_never_selected(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 100);
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_int_equal(b.device.selections, 0);
    bench_free(&b);
}

/* wTransferSize 128, and blocks of 64 at most: numbers of blocks say nothing then. */
static void smaller_blocks_have_addresses_of_their_own(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 128, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 200);
    b.job.transfer_size = 64;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    assert_true(b.outcome->verified);
    assert_int_equal(b.device.sets, 4 + 4 + 1);
    bench_free(&b);
}

/* More than 4096 are not sent, but block numbers count what the device says. */
static void a_transfer_size_that_is_cut(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 8192, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 3 * 4096);
    b.job.batch = 8;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    assert_true(b.outcome->verified);
    bench_free(&b);
}

/* Blocks of five bytes, as long as a command: their numbers reach the end soon. */
static void block_numbers_end_before_65535(void **state)
{
    (void)state;
    bench b;
    static const char *const large[] = {"@M/0x0/1*400Kg", NULL};
    bench_init(&b, large, 5, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0, 65540 * 5);
    b.device.erase_poll = b.device.erase_ms = b.device.write_poll = b.device.write_ms = 0;
    b.job.batch = 16;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    assert_true(b.outcome->verified);
    assert_int_equal(b.device.sets, 2 + 2 + 1);
    bench_free(&b);
}

static void blank_runs(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t erased;
        dfukit_erase erase;
        bool upload;
        uint32_t from, to; /* what is 0xFF in the image */
        uint64_t skipped;
        uint32_t quirks;
    } cases[] = {
        {"four blocks", 0xFF, DFUKIT_ERASE_PAGES, true, 2048, 2048 + 4 * 2048, 4 * 2048, 0},
        {"three blocks", 0xFF, DFUKIT_ERASE_PAGES, true, 2048, 2048 + 3 * 2048, 0, 0},
        {"from within a block", 0xFF, DFUKIT_ERASE_PAGES, true, 2000, 2048 + 5 * 2048 + 7, 5 * 2048,
         0},
        {"at the end", 0xFF, DFUKIT_ERASE_PAGES, true, 30000, 40000, 40000 - 30720, 0},
        {"erased to 0x00", 0x00, DFUKIT_ERASE_PAGES, true, 2048, 20480, 0, 0},
        {"erased to 0x00, known", 0xFF, DFUKIT_ERASE_PAGES, true, 2048, 20480, 0,
         1u << DFUKIT_QUIRK_ERASED_ZERO},
        {"nothing erased", 0x5A, DFUKIT_ERASE_NONE, true, 2048, 20480, 0, 0},
        {"cannot be seen", 0xFF, DFUKIT_ERASE_PAGES, false, 2048, 20480, 0, 0},
        {"everything erased", 0xFF, DFUKIT_ERASE_ALL, true, 2048, 20480, 18432, 0},
    };
    static uint8_t data[40000];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b;
        printf("case: %s\n", cases[i].name);
        bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
        memcpy(data, payload, sizeof data);
        memset(data + cases[i].from, 0xFF, cases[i].to - cases[i].from);
        b.segments[0] = (dfukit_segment){0x08000000, sizeof data, data, 0};
        b.image.count = 1;
        b.job.image = &b.image;
        b.job.erase = cases[i].erase;
        b.device.erased = cases[i].erased;
        b.device.target.quirks = cases[i].quirks;
        if (!cases[i].upload)
            b.device.target.functional.bmAttributes &= (uint8_t)~DFUKIT_CAN_UPLOAD;
        bench_run(&b);
        bench_ended(&b, DFUKIT_OK);
        bench_holds(&b);
        assert_int_equal(b.outcome->skipped, cases[i].skipped);
        assert_int_equal(b.outcome->verified, cases[i].upload);
        assert_int_equal(b.outcome->bytes, sizeof data);
        bench_free(&b);
    }
}

static void mass_erase(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, two, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x0, 100);
    bench_segment(&b, 0, 0x08000000, 100);
    b.job.erase = DFUKIT_ERASE_ALL;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    bench_holds(&b);
    assert_int_equal(b.device.mass_erases, 2);
    assert_int_equal(b.device.erases, 0);
    assert_int_equal(b.outcome->erased, 256 * 1024 + 256 * 1024);
    bench_free(&b);
    bench_init(&b, with_options, 2048, DFUKIT_VERB_ERASE);
    b.job.erase = DFUKIT_ERASE_ALL;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_string_equal(b.device.log, "G0 M0");
    assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
    assert_true(b.outcome->confirmed);
    bench_free(&b);
}

static void pages_alone(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, sectors, 2048, DFUKIT_VERB_ERASE);
    b.job.has_at = b.job.has_size = true;
    b.job.at = 0x0800FFFF;
    b.job.size = 2;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_string_equal(b.device.log, "E800c000 E8010000");
    assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
    assert_int_equal(b.outcome->erased, 0x14000);
    bench_free(&b);
}

static void reading(void **state)
{
    (void)state;
    static uint8_t got[256 * 1024];
    static const char *const spans[] = {"@M/0x1000/4*1Ka,3*333Bg", NULL};
    for (unsigned batch = 1; batch <= 16; batch += 15) {
        bench b;
        bench_init(&b, spans, 256, DFUKIT_VERB_READ);
        memcpy(b.device.memory[0], payload, 8192);
        b.job.batch = batch;
        b.sink = (dfuse_sink){got, 0, sizeof got};
        bench_run(&b);
        bench_ended(&b, DFUKIT_OK);
        assert_int_equal(b.sink.n, 4096 + 999);
        assert_memory_equal(got, payload, b.sink.n);
        assert_int_equal(b.outcome->bytes, b.sink.n);
        assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
        assert_int_equal(b.device.sets, 2);
        assert_false(b.device.left);
        bench_free(&b);
    }
}

static void comparing(void **state)
{
    (void)state;
    for (unsigned differs = 0; differs < 2; differs++) {
        bench b;
        bench_init(&b, one, 2048, DFUKIT_VERB_VERIFY);
        bench_segment(&b, 0, 0x08000100, 5000);
        memcpy(b.device.memory[0] + 0x100, payload, 5000);
        if (differs != 0) {
            b.device.memory[0][0x100 + 4321] ^= 1;
            b.device.memory[0][0x100 + 4999] ^= 1;
        }
        bench_run(&b);
        bench_ended(&b, differs != 0 ? DFUKIT_ERR_DIFFERS : DFUKIT_OK);
        assert_int_equal(b.outcome->verified, differs == 0);
        assert_int_equal(b.outcome->differences, differs * 2);
        if (differs != 0)
            assert_int_equal(b.outcome->differs_at, 0x08000100 + 4321);
        assert_int_equal(b.device.writes + b.device.erases, 0);
        assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
        bench_free(&b);
    }
}

static void leaving_in_every_way(void **state)
{
    (void)state;
    static const struct {
        leaving leave;
        bool back_runtime, back_dfu;
        bool confirmed;
    } cases[] = {
        {LEAVE_AT_DNLOAD, true, false, true},      {LEAVE_AT_STATUS, true, false, true},
        {LEAVE_AFTER_STATUS, true, false, true},   {LEAVE_MUTE, true, false, true},
        {LEAVE_AT_DNLOAD, false, false, false},    {LEAVE_AT_STATUS, false, false, false},
        {LEAVE_AFTER_STATUS, false, false, false}, {LEAVE_AFTER_STATUS, false, true, false},
        {LEAVE_NEVER, false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned verb = 0; verb < 2; verb++) {
            bench b;
            printf("case %zu, verb %u\n", i, verb);
            bench_init(&b, one, 2048, verb == 0 ? DFUKIT_VERB_WRITE : DFUKIT_VERB_LEAVE);
            if (verb == 0)
                bench_segment(&b, 0, 0x08000000, 100);
            b.device.leave = cases[i].leave;
            b.device.back_runtime = cases[i].back_runtime;
            b.device.back_dfu = cases[i].back_dfu;
            bench_run(&b);
            bool fails = verb == 1 && cases[i].leave == LEAVE_NEVER;
            bench_ended(&b, fails ? DFUKIT_ERR_PROTOCOL : DFUKIT_OK);
            assert_int_equal(b.outcome->confirmed, cases[i].confirmed);
            if (!cases[i].confirmed)
                assert_non_null(b.outcome->remedy);
            assert_true(b.device.left);
            assert_int_equal(b.device.started_at, 0x08000000);
            bench_free(&b);
        }
    }
}

static void staying(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 100);
    b.job.then = DFUKIT_THEN_STAY;
    b.job.verify = DFUKIT_VERIFY_NEVER;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_false(b.device.left);
    assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
    assert_true(b.outcome->confirmed);
    bench_free(&b);
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 100);
    b.job.then = DFUKIT_THEN_RESET;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_false(b.device.left);
    assert_non_null(strstr(b.device.log, "reset"));
    bench_free(&b);
}

static void where_it_starts(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_LEAVE);
    b.job.has_at = true;
    b.job.at = 0x08004000;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_int_equal(b.device.started_at, 0x08004000);
    bench_free(&b);
}

/* Written by name alone; the device resets, and that is its end. */
static void option_bytes(void **state)
{
    (void)state;
    for (unsigned named = 0; named < 2; named++) {
        bench b;
        bench_init(&b, with_options, 2048, DFUKIT_VERB_WRITE);
        bench_segment(&b, 1, 0x1FFFF800, 16);
        b.job.has_alt = named != 0;
        b.job.alt = 1;
        b.job.batch = 8;
        b.device.resets_on_options = true;
        bench_run(&b);
        bench_ended(&b, named != 0 ? DFUKIT_OK : DFUKIT_ERR_REFUSED);
        assert_int_equal(b.device.writes, named);
        if (named != 0) {
            assert_true(b.outcome->confirmed);
            assert_false(b.device.left);
        } else {
            assert_int_equal(b.outcome->address, 0x1FFFF800);
        }
        bench_free(&b);
    }
}

static void unlocking(void **state)
{
    (void)state;
    static const struct {
        bool no_unprotect, commands_stall, comes_back;
        int error;
    } cases[] = {{false, false, true, DFUKIT_OK},
                 {false, false, false, DFUKIT_OK},
                 {false, true, true, DFUKIT_OK},
                 {true, false, true, DFUKIT_ERR_REFUSED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b;
        printf("case %zu\n", i);
        bench_init(&b, one, 2048, DFUKIT_VERB_UNLOCK);
        b.device.no_unprotect = cases[i].no_unprotect;
        b.device.commands_stall = cases[i].commands_stall;
        b.device.back_dfu = cases[i].comes_back;
        b.device.back_runtime = false;
        b.job.batch = 16;
        bench_run(&b);
        bench_ended(&b, cases[i].error);
        assert_int_equal(b.device.unprotected, cases[i].error == DFUKIT_OK);
        assert_int_equal(b.outcome->confirmed, cases[i].error == DFUKIT_OK && cases[i].comes_back);
        bench_free(&b);
    }
}

static void read_protected(void **state)
{
    (void)state;
    static const dfukit_verb verbs[] = {DFUKIT_VERB_WRITE, DFUKIT_VERB_READ, DFUKIT_VERB_VERIFY};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        bench b;
        bench_init(&b, one, 2048, verbs[i]);
        if (verbs[i] != DFUKIT_VERB_READ)
            bench_segment(&b, 0, 0x08000000, 100);
        b.device.protected_ = true;
        bench_run(&b);
        bench_ended(&b, DFUKIT_ERR_DEVICE);
        assert_string_equal(b.outcome->what, "the device is read protected");
        assert_non_null(strstr(b.outcome->remedy, "dfu unlock"));
        assert_int_equal(b.outcome->bStatus, DFUKIT_STATUS_VENDOR);
        assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
        bench_free(&b);
    }
}

static void found_in_dfu_error(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08000000, 100);
    b.device.state = DFUKIT_DFU_ERROR;
    b.device.status = DFUKIT_STATUS_FIRMWARE;
    bench_run(&b);
    bench_ended(&b, DFUKIT_OK);
    assert_int_equal(b.device.clears, 1);
    bench_free(&b);
}

static void wrong_map(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, one, 2048, DFUKIT_VERB_WRITE);
    bench_segment(&b, 0, 0x08020000, 100);
    b.device.maps[0].spans[0].count = 32; /* has less than it says */
    bench_run(&b);
    bench_ended(&b, DFUKIT_ERR_DEVICE);
    assert_string_equal(b.outcome->what, "the device refuses this address");
    assert_int_equal(b.outcome->address, 0x08020000);
    assert_int_equal(b.device.state, DFUKIT_DFU_IDLE);
    bench_free(&b);
}

int main(void)
{
    fill_payload();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budget),
        cmocka_unit_test(written_and_verified_before_leaving),
        cmocka_unit_test(every_page_is_erased_once_and_before_anything_is_written),
        cmocka_unit_test(one_setting_is_never_selected),
        cmocka_unit_test(smaller_blocks_have_addresses_of_their_own),
        cmocka_unit_test(a_transfer_size_that_is_cut),
        cmocka_unit_test(block_numbers_end_before_65535),
        cmocka_unit_test(blank_runs),
        cmocka_unit_test(mass_erase),
        cmocka_unit_test(pages_alone),
        cmocka_unit_test(reading),
        cmocka_unit_test(comparing),
        cmocka_unit_test(leaving_in_every_way),
        cmocka_unit_test(staying),
        cmocka_unit_test(where_it_starts),
        cmocka_unit_test(option_bytes),
        cmocka_unit_test(unlocking),
        cmocka_unit_test(read_protected),
        cmocka_unit_test(found_in_dfu_error),
        cmocka_unit_test(wrong_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
