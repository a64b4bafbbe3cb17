/* SPDX-License-Identifier: MIT */
/*
 * What the glue for Zephyr needs of the kernel and the flash map, with time that the test moves.
 * The lock counts, so that the USB stack's stand-in sees when it is held and must not be.
 */
#include "zephyr_kernel.h"

#include "bus.h"
#include "port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define AREA_SIZE 8192u
#define ALIGNMENT 4u
#define FLASH_MS  3u /* until the flash's own thread has done a piece of work */

struct flash_area {
    uint8_t cells[AREA_SIZE];
};

static struct {
    uint32_t now_ms;
    int locked;
    struct k_work_delayable *timer;
    bool timer_set;
    struct k_work_q *started;
    struct k_work *flash_work;
    uint32_t flash_due_ms;
    struct flash_area areas[2];
} kernel;

/* ---- For the test ---- */

void kernel_power_on(bool firmware)
{
    memset(&kernel, 0, sizeof kernel);
    memset(kernel.areas, 0xFF, sizeof kernel.areas);
    if (firmware)
        memcpy(kernel.areas[0].cells, BUS_MARK, 4);
}

int kernel_locked(void)
{
    return kernel.locked;
}

void kernel_late(uint32_t ms)
{
    while (ms-- > 0) {
        struct k_work *work = kernel.flash_work;

        kernel.now_ms++;
        if (work != NULL && kernel.now_ms == kernel.flash_due_ms) {
            kernel.flash_work = NULL;
            work->handler(work);
        }
    }
}

void kernel_run(uint32_t ms)
{
    while (ms-- > 0) {
        kernel_late(1);
        if (kernel.timer_set && (int32_t)(kernel.now_ms - kernel.timer->due_ms) >= 0) {
            kernel.timer_set = false;
            kernel.timer->work.handler(&kernel.timer->work);
            assert_true(kernel.timer_set);
        }
        assert_int_equal(kernel.locked, 0);
    }
}

const uint8_t *bus_memory(uint8_t alt)
{
    return kernel.areas[alt].cells;
}

/* ---- Kernel ---- */

int k_mutex_init(struct k_mutex *mutex)
{
    mutex->depth = 0;
    return 0;
}

int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout)
{
    assert_int_equal(timeout, K_FOREVER);
    mutex->depth++;
    kernel.locked = mutex->depth;
    return 0;
}

int k_mutex_unlock(struct k_mutex *mutex)
{
    assert_true(mutex->depth > 0);
    mutex->depth--;
    kernel.locked = mutex->depth;
    return 0;
}

void k_work_queue_start(struct k_work_q *queue, k_thread_stack_t *stack, size_t stack_size,
                        int prio, const struct k_work_queue_config *cfg)
{
    assert_true(stack != NULL && stack_size > 0 && prio > 0 && cfg == NULL);
    kernel.started = queue;
}

void k_work_init(struct k_work *work, k_work_handler_t handler)
{
    work->handler = handler;
}

int k_work_submit_to_queue(struct k_work_q *queue, struct k_work *work)
{
    assert_ptr_equal(queue, kernel.started);
    assert_null(kernel.flash_work);
    kernel.flash_work = work;
    kernel.flash_due_ms = kernel.now_ms + FLASH_MS;
    return 1;
}

void k_work_init_delayable(struct k_work_delayable *dwork, k_work_handler_t handler)
{
    k_work_init(&dwork->work, handler);
    kernel.timer = dwork;
}

int k_work_reschedule(struct k_work_delayable *dwork, k_timeout_t delay)
{
    assert_true(delay > 0);
    dwork->due_ms = kernel.now_ms + (uint32_t)delay;
    kernel.timer_set = true;
    return 1;
}

uint32_t k_uptime_get_32(void)
{
    return kernel.now_ms;
}

atomic_val_t atomic_get(const atomic_t *target)
{
    return *target;
}

atomic_val_t atomic_set(atomic_t *target, atomic_val_t value)
{
    atomic_val_t old = *target;

    *target = value;
    return old;
}

/* ---- Flash map ---- */

int flash_area_open(uint8_t id, const struct flash_area **fa)
{
    if (id >= 2)
        return -ENOENT;
    *fa = &kernel.areas[id];
    return 0;
}

static uint8_t *cells(const struct flash_area *fa, off_t off, size_t len)
{
    size_t at = (size_t)off;

    assert_true(at <= AREA_SIZE && len <= AREA_SIZE - at);
    for (size_t i = 0; i < 2; i++) {
        if (fa == &kernel.areas[i])
            return &kernel.areas[i].cells[at];
    }
    fail_msg("not a flash area");
    return NULL;
}

int flash_area_read(const struct flash_area *fa, off_t off, void *dst, size_t len)
{
    memcpy(dst, cells(fa, off, len), len);
    return 0;
}

int flash_area_write(const struct flash_area *fa, off_t off, const void *src, size_t len)
{
    uint8_t *to = cells(fa, off, len);
    const uint8_t *from = src;

    assert_int_equal((size_t)off % ALIGNMENT + len % ALIGNMENT, 0);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(to[i], 0xFF);
        to[i] = from[i];
    }
    return 0;
}

int flash_area_erase(const struct flash_area *fa, off_t off, size_t len)
{
    memset(cells(fa, off, len), 0xFF, len);
    return 0;
}
