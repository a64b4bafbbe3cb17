/* SPDX-License-Identifier: MIT */
/*
 * The host engine on the device engine's own DfuSe, joined by the in-process carrier: what is written
 * is there, each page erased once, what it costs, and how soon a device that changes its mode is
 * written to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "whole/rig.h"

static uint8_t payload[128 * 1024];

typedef struct memory_row {
    const char *persona;
    struct {
        uint8_t alternate;
        uint32_t address, size;
    } elements[4];
    uint32_t erased;
} memory_row;

static const memory_row rows[] = {
    {"stm32f107-rom", {{0, 0x08000000, 1}}, 2048},
    {"stm32f107-rom", {{0, 0x08000000, 100}, {0, 0x08000400, 3000}}, 4096},
    {"stm32f107-rom", {{0, 0x080007FF, 2}, {0, 0x0803FFFF, 1}}, 3 * 2048},
    {"stm32f407-rom", {{0, 0x0800C000, 0x14001}}, 0x4000 + 0x10000 + 0x20000},
    {"dsonano", {{0, 0x08003000, 700}, {0, 0x08003300, 5000}, {1, 0x10, 65536}}, 6 * 1024 + 2 * 65536},
    {"blackmagic", {{0, 0x08002000, 5000}}, 5 * 1024},
    {"gd32vf103-rom", {{0, 0x08000400, 5000}}, 5 * 1024},
};

static void write_row(const memory_row *row)
{
    rig r;
    dfukit_outcome o = {0};
    dfukit_segment segments[4];
    dfukit_image image = {.segments = segments, .alternates = true};
    uint32_t at = 0;
    for (; image.count < 4 && row->elements[image.count].size != 0; image.count++) {
        segments[image.count] = (dfukit_segment){row->elements[image.count].address,
                                                 row->elements[image.count].size, payload + at,
                                                 row->elements[image.count].alternate};
        at += row->elements[image.count].size;
    }
    assert_int_equal(rig_open(&r, row->persona, NULL), DFUKIT_OK);
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .image = &image};
    int error = rig_run(&r, &job, NULL, &o, NULL);
    printf("%s, %zu elements: %s, %s; %u requests in %u round trips\n", row->persona, image.count,
           dfukit_error_name(error), o.what, (unsigned)o.requests, (unsigned)o.round_trips);
    assert_int_equal(error, DFUKIT_OK);
    assert_true(o.verified);
    assert_int_equal(o.erased, row->erased);
    for (size_t i = 0; i < image.count; i++) {
        const dfukit_segment *s = &segments[i];
        dfukit_vflash *f =
            dfukit_virtual_flash_at(r.device, s->alternate, (uint32_t)s->address);
        uint8_t *got = malloc(s->size);
        assert_non_null(f);
        assert_int_equal(dfukit_virtual_peek(r.device, s->alternate, (uint32_t)s->address, got, s->size),
                         s->size);
        assert_memory_equal(got, s->data, s->size);
        assert_int_equal(dfukit_vflash_misuses(f), 0);
        assert_in_range(dfukit_vflash_wear(f, (uint32_t)s->address), 1, 1);
        free(got);
    }
    rig_close(&r);
}

static void what_is_written_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        write_row(&rows[i]);
}

/* 128 KiB in pages and blocks of 2 KiB, from claim to release, verification apart. */
static void budget(void **state)
{
    (void)state;
    rig r;
    dfukit_outcome o = {0};
    dfukit_segment segment = {0x08000000, sizeof payload, payload, 0};
    dfukit_image image = {.count = 1, .segments = &segment, .addressed = true};
    const dfukit_virtual_options timed = {.fast = false};
    assert_int_equal(rig_open(&r, "stm32f107-rom", &timed), DFUKIT_OK);
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .image = &image, .verify = DFUKIT_VERIFY_NEVER};
    assert_int_equal(rig_run(&r, &job, NULL, &o, NULL), DFUKIT_OK);
    printf("%u requests in %u round trips\n", (unsigned)o.requests, (unsigned)o.round_trips);
    assert_in_range(o.requests, 1, 400);
    assert_in_range(o.round_trips, 1, 270);
    rig_close(&r);
}

typedef struct moments {
    const rig *r;
    uint64_t detached_us, first_us;
} moments;

static bool note(void *self, const dfukit_host *h)
{
    moments *m = self;
    dfukit_phase phase = dfukit_host_progress(h).phase;
    if (phase == DFUKIT_PHASE_RECONFIGURATION && m->detached_us == 0)
        m->detached_us = m->r->now_us;
    if ((phase == DFUKIT_PHASE_ERASURE || phase == DFUKIT_PHASE_TRANSFER) && m->first_us == 0)
        m->first_us = m->r->now_us;
    return true;
}

/* Off the bus for 100 ms, and written to at most 200 ms after it is back. */
static void soon_after_it_is_back(void **state)
{
    static const char *const personas[] = {"blackmagic", "micro", "tomu"};
    (void)state;
    for (size_t i = 0; i < sizeof personas / sizeof personas[0]; i++) {
        rig r;
        rig_payload parts;
        const dfukit_virtual_options options = {.reattach_ms = 100};
        const dfukit_stream *stream = rig_stream(&parts, payload, 5000);
        parts.segment.address = i == 0 ? 0x08002000 : 0;
        dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .image = &parts.image, .stream = stream};
        moments m = {&r, 0, 0};
        dfukit_watcher watcher = {&m, note, NULL};
        assert_int_equal(rig_open(&r, personas[i], &options), DFUKIT_OK);
        assert_int_equal(rig_run(&r, &job, &watcher, NULL, NULL), DFUKIT_OK);
        uint64_t us = m.first_us - m.detached_us;
        printf("%s: %llu us from DETACH to the first command or block\n", personas[i],
               (unsigned long long)us);
        assert_true(m.detached_us != 0);
        assert_in_range(us, 100000, 100000 + 200000);
        rig_close(&r);
    }
}

int main(void)
{
    rig_fill(payload, sizeof payload, 7);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_there),
        cmocka_unit_test(budget),
        cmocka_unit_test(soon_after_it_is_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
