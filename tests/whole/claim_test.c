/* SPDX-License-Identifier: MIT */
/* A device that another program holds for a while: claiming it is repeated for 2 s, then given up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rig.h"

/* Stands in front of a carrier and finds the interface taken until `free_ms`. */
static struct {
    dfukit_carrier behind;
    dfukit_carrier_ops ops;
    uint64_t free_ms;
    unsigned refused;
} busy;

static void submit(void *self, dfukit_handle *h, dfukit_task *task)
{
    if (task->kind != DFUKIT_TASK_CLAIM || busy.ops.now_ms(self) >= busy.free_ms) {
        busy.behind.ops->submit(self, h, task);
        return;
    }
    busy.refused++;
    task->result = DFUKIT_ERR_BUSY;
    task->done = true;
}

static bool give_up_at_once(void *self, const dfukit_host *h)
{
    (void)self;
    (void)h;
    return busy.refused == 0;
}

static int claim(uint32_t held_ms, const dfukit_watcher *watcher, uint32_t *took_ms)
{
    static rig r;
    dfukit_outcome outcome;
    assert_int_equal(rig_open(&r, "micro", NULL), DFUKIT_OK);
    busy.behind = r.carrier;
    busy.ops = *r.carrier.ops;
    busy.ops.submit = submit;
    busy.refused = 0;
    uint64_t begun = busy.ops.now_ms(r.carrier.self);
    busy.free_ms = begun + held_ms;
    r.carrier.ops = &busy.ops;
    dfukit_job job = {.verb = DFUKIT_VERB_STATUS};
    int error = rig_run(&r, &job, watcher, &outcome, NULL);
    *took_ms = (uint32_t)(busy.ops.now_ms(r.carrier.self) - begun);
    r.carrier.ops = busy.behind.ops;
    rig_close(&r);
    return error;
}

static void test_short(void **state)
{
    (void)state;
    uint32_t took_ms;
    assert_int_equal(claim(1500, NULL, &took_ms), DFUKIT_OK);
    assert_in_range(took_ms, 1500, 1600);
    assert_in_range(busy.refused, 10, 200);
}

static void test_long(void **state)
{
    (void)state;
    uint32_t took_ms;
    assert_int_equal(claim(60000, NULL, &took_ms), DFUKIT_ERR_BUSY);
    assert_in_range(took_ms, 2000, 2100);
}

static void test_interrupted(void **state)
{
    (void)state;
    uint32_t took_ms;
    const dfukit_watcher watcher = {.progress = give_up_at_once};
    assert_int_not_equal(claim(60000, &watcher, &took_ms), DFUKIT_OK);
    assert_in_range(took_ms, 0, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
