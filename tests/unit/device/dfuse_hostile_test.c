/* SPDX-License-Identifier: MIT */
/* The DfuSe store and a host that sends anything, in any order the class lets through: the flash is
 * never misused, what is protected keeps its bytes, work always ends. */
#include "dfuse_bench.h"

static uint32_t random_of(uint32_t *seed, uint32_t most)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % most;
}

static uint32_t any_address(uint32_t *seed)
{
    static const uint32_t borders[] = {0,      0x100, 0x800,  0xC00, SECOND,
                                       LOCKED, HOLE,  SECRET, RAM,   HOLE_TOO};

    switch (random_of(seed, 8)) {
    case 0:
        return random_of(seed, 0x1000000) << 8 | random_of(seed, 256);
    case 1:
        return 0u - random_of(seed, 300);
    default:
        return NOR_BASE + borders[random_of(seed, LENGTH(borders))] + random_of(seed, 600) - 300;
    }
}

/* Bytes that are never the erased value: a unit that was programmed can be told by looking. */
static uint16_t any_data(uint32_t *seed, uint8_t *to)
{
    uint16_t n = (uint16_t)(1 + random_of(seed, random_of(seed, 2) != 0 ? 20 : TRANSFER));

    for (uint16_t i = 0; i < n; i++)
        to[i] = (uint8_t)random_of(seed, 255);
    return n;
}

static uint16_t any_command(uint32_t *seed, uint8_t *to)
{
    static const uint8_t codes[] = {0x21, 0x21, 0x21, 0x41, 0x41, 0x92, 0x00};
    uint32_t address = any_address(seed);

    to[0] = codes[random_of(seed, LENGTH(codes))];
    for (unsigned i = 0; i < 4; i++)
        to[1 + i] = (uint8_t)(address >> 8 * i);
    if (random_of(seed, 20) == 0)
        return (uint16_t)(1 + random_of(seed, 5));
    return to[0] == 0x92 || (to[0] == 0x41 && random_of(seed, 10) == 0) ? 1 : 5;
}

/* A block, whole, or given up after some turns. */
static void any_block(bench *b, uint32_t *seed)
{
    uint8_t *block = malloc(TRANSFER);
    bool command = random_of(seed, 2) != 0;
    uint16_t n = command ? any_command(seed, block) : any_data(seed, block);
    uint16_t number = command ? 0 : (uint16_t)(1 + random_of(seed, 4));
    uint32_t left = 1;

    if (random_of(seed, 50) == 0)
        number = (uint16_t)random_of(seed, 65536);
    if (dfukit_dfuse_store.write(&b->store, number, block, n) != DFUKIT_STATUS_OK) {
        dfukit_dfuse_store.rewind(&b->store, b->store.alt);
    } else if (random_of(seed, 8) == 0) {
        for (uint32_t turns = random_of(seed, 30); turns > 0 && left != 0; turns--)
            if (store_poll(&dfukit_dfuse_store, &b->store, &left) != DFUKIT_STATUS_OK)
                break;
        dfukit_dfuse_store.rewind(&b->store, b->store.alt);
    }
    if (work(b) != DFUKIT_STATUS_OK) {
        dfukit_dfuse_store.rewind(&b->store, b->store.alt);
        work(b);
    }
    free(block);
}

static void anything(bench *b, uint32_t *seed)
{
    switch (random_of(seed, 12)) {
    case 0: {
        uint16_t n = (uint16_t)(1 + random_of(seed, TRANSFER));
        uint8_t *to = malloc(n);
        int32_t got;

        dfukit_dfuse_store.rewind(&b->store, b->store.alt);
        work(b);
        got = dfukit_dfuse_store.read(&b->store, (uint16_t)random_of(seed, 40), to, n);
        assert_true(got <= n && got >= -15);
        free(to);
        break;
    }
    case 1:
        dfukit_dfuse_store.rewind(&b->store, b->store.alt);
        work(b);
        dfukit_dfuse_store.rewind(&b->store, (uint8_t)random_of(seed, 2));
        break;
    case 2:
        dfukit_dfuse_store.manifest(&b->store);
        work(b);
        break;
    default:
        any_block(b, seed);
        break;
    }
}

static void hosts(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    for (uint32_t round = 0; round < 250; round++) {
        uint32_t seed = round * 2654435761u + 7;

        begin(b, (uint16_t)(1u << round % 7), 0xFF, round % 3);
        erase_everything(b);
        for (unsigned step = 0; step < 400; step++) {
            anything(b, &seed);
            if (b->flash.misuses != 0)
                fail_msg("round %u, step %u: the flash was misused", round, step);
        }
        for (uint32_t i = LOCKED; i < NOR_SIZE; i++) {
            bool kept = i < SECRET || i >= HOLE_TOO;

            if (kept && b->flash.cells[i] != 0x77)
                fail_msg("round %u: cell 0x%X is %02X", round, i, b->flash.cells[i]);
        }
    }
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
