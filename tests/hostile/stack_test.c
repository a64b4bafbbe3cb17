/* SPDX-License-Identifier: MIT */
/*
 * T25: how deep is the stack of the device end? Each of its calls is made on a painted stack of its
 * own while a host, honest or not, talks to it; what has lost its paint was used. The store's spies
 * and the flash model are part of the figure: they stand for a port's own functions.
 */
#define _XOPEN_SOURCE 700 /* contexts */
#include "check.h"

#include <ucontext.h>

#define STACK_SIZE    16384u
#define PAINT         0xB7u
#define CONVERSATIONS 150u
#define EVENTS        400u

/* Bytes that the device end may need on this computer, where registers have 8 bytes; sanitizers put
 * guards around every object. */
#if defined(__SANITIZE_ADDRESS__)
#define BOUND 8192u
#else
#define BOUND 2048u
#endif

static uint8_t stack[STACK_SIZE];
static ucontext_t here, there;
static void (*wanted)(void *);
static void *wanted_for;
static size_t deepest;

static void enter(void)
{
    wanted(wanted_for);
}

/* From the end: the stack grows downwards. */
static size_t used(void)
{
    size_t i = 0;

    while (i < STACK_SIZE && stack[i] == PAINT)
        i++;
    return STACK_SIZE - i;
}

static void run_apart(void (*call)(void *), void *it)
{
    size_t now;

    wanted = call;
    wanted_for = it;
    assert_int_equal(getcontext(&there), 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = STACK_SIZE;
    there.uc_link = &here;
    makecontext(&there, enter, 0);
    assert_int_equal(swapcontext(&here, &there), 0);
    now = used();
    memset(stack + STACK_SIZE - now, PAINT, now);
    if (now > deepest)
        deepest = now;
}

/* What an empty call takes: the paint that a switch of contexts itself costs. */
static void nothing(void *it)
{
    (void)it;
}

/* Requests of every kind, right and wrong, between whole upgrades. */
static void converse(uint32_t seed)
{
    uint32_t r = seed * 2654435761u;
    uint32_t options = (victim_random(&r), victim_random(&r));
    victim *v = hostile_new(options & 0xFFu, VICTIM_USUAL | (options >> 8 & 0x18u));

    v->what = "stack";
    v->run = run_apart;
    for (unsigned i = 0; i < EVENTS; i++) {
        static const uint8_t ops[] = {VICTIM_SETUP, VICTIM_REST, VICTIM_POLL, VICTIM_SETUP,
                                      VICTIM_REST,  VICTIM_OUT,  VICTIM_WISH};
        uint32_t x = victim_random(&r);
        victim_event e = {.op = ops[i % LENGTH(ops)], .n = (uint8_t)(x >> 24), .ms = x >> 16 & 31u};

        e.setup = (dfukit_setup){x & 1u ? 0xA1 : 0x21, x >> 1 & 7u, x >> 4 & 3u, 0,
                                 x & 1u ? (uint16_t)(x >> 8) : (x >> 8 & 127u)};
        if (x >> 28 == 0)
            e.setup = (dfukit_setup){0x80, x >> 1 & 15u, x >> 4 & 0x0F03u, 0, 255};
        if (x >> 28 == 1)
            e.op = VICTIM_RESET;
        victim_do(v, &e);
        hostile_cases++;
        if (i % 100 == 99)
            victim_upgrade(v);
    }
    victim_free(v);
}

static void t25_the_stack_is_shallow(void **state)
{
    size_t empty;

    (void)state;
    memset(stack, PAINT, STACK_SIZE);
    run_apart(nothing, NULL);
    empty = deepest;
    assert_in_range(empty, 1, 1024);
    for (uint32_t seed = 1; seed <= CONVERSATIONS; seed++)
        converse(seed);
    printf("deepest stack: %zu bytes, of which the test itself %zu\n", deepest, empty);
    if (deepest <= empty)
        fail_msg("nothing was measured");
    if (deepest - empty > BOUND)
        fail_msg("the stack was %zu bytes deep, %u are allowed", deepest - empty, BOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(t25_the_stack_is_shallow)};

    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
