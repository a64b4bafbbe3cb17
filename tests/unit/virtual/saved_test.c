/* SPDX-License-Identifier: MIT */
/* Flash in a file: what was saved comes back, and a damaged file changes nothing. */
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define LENGTH    3000u
#define FLASH     32768u
#define FILE_SIZE (FLASH + 20u)

static char folder[] = "/tmp/dfukit-saved-XXXXXX";
static char file[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/flash", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder); /* fails when anything else was left behind */
}

static void open_device(bench *b)
{
    dfukit_virtual_options options = {.fast = true};

    bench_open(b, dfukit_persona_find("dfu10"), &options);
}

static size_t read_file(uint8_t *to, size_t room)
{
    FILE *f = fopen(file, "rb");
    size_t n;

    assert_non_null(f);
    n = fread(to, 1, room, f);
    fclose(f);
    return n;
}

static void write_file(const uint8_t *from, size_t n)
{
    FILE *f = fopen(file, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(from, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void test_there_and_back(void **state)
{
    static uint8_t payload[LENGTH], saved[FILE_SIZE + 1];
    dfukit_device_descriptor d;
    uint32_t n, before;
    uint8_t *cells;
    bench a, b;

    (void)state;
    fill_payload(payload, LENGTH, 5);
    open_device(&a);
    assert_int_equal(dfukit_virtual_load(a.device, file), DFUKIT_ERR_NO_DEVICE);
    assert_int_equal(upgrade(&a, payload, LENGTH).stage, STAGE_DONE);
    assert_int_equal(dfukit_virtual_save(a.device, file), DFUKIT_OK);
    assert_int_equal(read_file(saved, sizeof saved), FILE_SIZE);
    assert_memory_equal(saved, payload, LENGTH);

    open_device(&b);
    before = attachment(&b);
    assert_int_equal(dfukit_virtual_load(b.device, file), DFUKIT_OK);
    assert_true(attachment(&b) != 0 && attachment(&b) != before);
    d = device_descriptor(&b);
    assert_int_equal(d.idProduct, b.persona->runtime.idProduct);
    assert_int_equal(d.bcdDevice, expected_revision(payload, LENGTH));
    assert_int_equal(dfukit_virtual_firmware_size(b.device), LENGTH);
    cells = dfukit_vflash_cells(dfukit_virtual_flash(b.device), &n);
    assert_memory_equal(cells, saved, FLASH);
    /* What came from a file is as programmed as any: it must be erased first, and is. */
    fill_payload(payload, LENGTH, 6);
    assert_int_equal(upgrade(&b, payload, LENGTH).stage, STAGE_DONE);
    assert_int_equal(dfukit_vflash_misuses(dfukit_virtual_flash(b.device)), 0);
    bench_close(&a);
    bench_close(&b);
}

static void test_as_shipped(void **state)
{
    bench a, b;
    uint8_t payload[LENGTH] = {0};

    (void)state;
    open_device(&a);
    assert_int_equal(dfukit_virtual_save(a.device, file), DFUKIT_OK);
    open_device(&b);
    assert_int_equal(upgrade(&b, payload, LENGTH).stage, STAGE_DONE);
    assert_int_equal(dfukit_virtual_load(b.device, file), DFUKIT_OK);
    assert_int_equal(device_descriptor(&b).bcdDevice, 0x0100);
    assert_int_equal(dfukit_virtual_firmware_size(b.device), 0);
    bench_close(&a);
    bench_close(&b);
}

/* An interrupted download stays one. */
static void test_not_valid(void **state)
{
    static const uint8_t block[256] = {1};
    dfukit_status_reply s;
    report r = {0};
    bench a, b;

    (void)state;
    open_device(&a);
    assert_true(enter_dfu_mode(&a, &r));
    assert_int_equal(class_out(&a, DFUKIT_DNLOAD, 0, block, sizeof block), sizeof block);
    assert_int_equal(dfukit_virtual_save(a.device, file), DFUKIT_OK);
    open_device(&b);
    assert_int_equal(dfukit_virtual_load(b.device, file), DFUKIT_OK);
    assert_int_equal(device_descriptor(&b).idProduct, b.persona->dfu.idProduct);
    configure(&b);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(s.bStatus, DFUKIT_STATUS_FIRMWARE);
    bench_close(&a);
    bench_close(&b);
}

static void test_damage(void **state)
{
    /* Offset of a bit that is turned; or the size to which the file is cut or grown. */
    /* clang-format off */
    static const struct { const char *what; uint32_t offset, size; } rows[] = {
        { "first byte of the flash", 0,             FILE_SIZE },
        { "last byte of the flash",  FLASH - 1,     FILE_SIZE },
        { "magic",                   FLASH,         FILE_SIZE },
        { "version",                 FLASH + 7,     FILE_SIZE },
        { "length",                  FLASH + 8,     FILE_SIZE },
        { "validity",                FLASH + 12,    FILE_SIZE },
        { "CRC",                     FLASH + 19,    FILE_SIZE },
        { "empty",                   FILE_SIZE,     0 },
        { "a byte short",            FILE_SIZE,     FILE_SIZE - 1 },
        { "no trailer",              FILE_SIZE,     FLASH },
        { "a byte long",             FILE_SIZE,     FILE_SIZE + 1 },
    };
    /* clang-format on */
    static uint8_t sound[FILE_SIZE + 2], damaged[FILE_SIZE + 2], payload[LENGTH];
    uint32_t before;
    bench b;

    (void)state;
    fill_payload(payload, LENGTH, 7);
    open_device(&b);
    assert_int_equal(dfukit_virtual_save(b.device, file), DFUKIT_OK);
    assert_int_equal(read_file(sound, sizeof sound), FILE_SIZE);
    assert_int_equal(upgrade(&b, payload, LENGTH).stage, STAGE_DONE);
    before = attachment(&b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int result;

        memcpy(damaged, sound, sizeof damaged);
        damaged[rows[i].offset] ^= 0x10;
        write_file(damaged, rows[i].size);
        result = dfukit_virtual_load(b.device, file);
        if (result != DFUKIT_ERR_DAMAGED)
            fail_msg("%s: %d", rows[i].what, result);
        assert_int_equal(attachment(&b), before);
        assert_int_equal(device_descriptor(&b).bcdDevice, expected_revision(payload, LENGTH));
    }
    assert_int_equal(dfukit_virtual_load(b.device, folder), DFUKIT_ERR_IO);
    bench_close(&b);
}

/* Another persona's flash has another size. */
static void test_other_persona(void **state)
{
    dfukit_virtual_options options = {.fast = true};
    bench a, b;

    (void)state;
    open_device(&a);
    assert_int_equal(dfukit_virtual_save(a.device, file), DFUKIT_OK);
    bench_open(&b, dfukit_persona_find("tomu"), &options);
    assert_int_equal(dfukit_virtual_load(b.device, file), DFUKIT_ERR_DAMAGED);
    bench_close(&a);
    bench_close(&b);
}

static void test_saving_replaces_whole(void **state)
{
    struct stat s;
    char nowhere[80];
    bench b;

    (void)state;
    open_device(&b);
    write_file((const uint8_t *)"x", 1);
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(dfukit_virtual_save(b.device, file), DFUKIT_OK);
    assert_int_equal(stat(file, &s), 0);
    assert_int_equal(s.st_size, FILE_SIZE);
    assert_int_equal(s.st_mode & 0777, 0600);
    snprintf(nowhere, sizeof nowhere, "%s/none/flash", folder);
    assert_int_equal(dfukit_virtual_save(b.device, nowhere), DFUKIT_ERR_OUTPUT);
    /* The place is taken by a folder: nothing is left aside (the tear-down would fail). */
    assert_int_equal(dfukit_virtual_save(b.device, folder), DFUKIT_ERR_OUTPUT);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_as_shipped),
        cmocka_unit_test(test_not_valid),      cmocka_unit_test(test_damage),
        cmocka_unit_test(test_other_persona),  cmocka_unit_test(test_saving_replaces_whole),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
