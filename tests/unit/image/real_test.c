/* SPDX-License-Identifier: MIT */
/* Firmware as it is shipped: Tomu's bootloader and its booster, MicroPython for the micro:bit. */
#include <time.h>

#include "support.h"

#define TOMU(name)      file_of_package("firmware-tomu", "/usr/lib/firmware-tomu/" name)
#define MICROBIT        "/usr/share/firmware-microbit-micropython/firmware.hex"
#define TOBOOT_SIZE     5664
#define MICROBIT_END    0x3B88Cu    /* of what lies in flash */
#define MICROBIT_CONFIG 0x100010C0u /* user information configuration registers */

static dfukit_image parsed(const file *f, heap *h, dfukit_image_options options)
{
    dfukit_allocator allocator = heap_allocator(h);
    dfukit_image image = {0};
    dfukit_image_fault fault = {0};

    int error = dfukit_image_parse(&image, f->bytes, f->n, &options, &allocator, &fault);
    if (error != DFUKIT_OK)
        fail_msg("error %d, line %zu, offset %zu: %s", error, fault.line, fault.offset, fault.what);
    assert_true(well_formed(&image));
    return image;
}

/* The .bin was made from the .elf by objcopy: all three must hold its bytes. */
static void toboot_is_the_same_in_three_formats(void **state)
{
    file bin = TOMU("toboot.bin");
    file files[] = {TOMU("toboot.bin"), TOMU("toboot.ihex"), TOMU("toboot.elf")};
    static const dfukit_format formats[] = {DFUKIT_FORMAT_RAW, DFUKIT_FORMAT_IHEX,
                                            DFUKIT_FORMAT_ELF};

    (void)state;
    assert_int_equal(bin.n, TOBOOT_SIZE);
    for (size_t i = 0; i < COUNT(files); i++) {
        heap h = {0};
        dfukit_image image = parsed(&files[i], &h, (dfukit_image_options){0});
        dfukit_stream stream;

        assert_int_equal(image.format, formats[i]);
        assert_int_equal(image.addressed, i > 0);
        assert_false(image.has_suffix);
        assert_int_equal(image.count, 1);
        assert_int_equal(image.segments[0].address, 0);
        assert_int_equal(image.segments[0].size, TOBOOT_SIZE);
        assert_memory_equal(image.segments[0].data, bin.bytes, TOBOOT_SIZE);
        assert_int_equal(image.has_entry, i > 0);
        assert_int_equal(image.entry, i > 0 ? 0x34F : 0);
        assert_int_equal(dfukit_stream_init(&stream, &image, DFUKIT_RANGE_ALL, NULL), DFUKIT_OK);
        assert_int_equal(stream.length, TOBOOT_SIZE);
        assert_ptr_equal(dfukit_stream_bytes(&stream, 0, TOBOOT_SIZE, NULL),
                         image.segments[0].data);
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(files[i].bytes);
    }
    free(bin.bytes);
}

static void booster_has_a_suffix(void **state)
{
    file dfu = TOMU("toboot-booster.dfu");
    file bin = TOMU("toboot-booster.bin");
    heap h = {0};
    dfukit_image image = parsed(&dfu, &h, (dfukit_image_options){.need_suffix = true});

    (void)state;
    assert_int_equal(image.format, DFUKIT_FORMAT_RAW);
    assert_true(image.has_suffix);
    assert_int_equal(image.suffix.idVendor, 0x1209);
    assert_int_equal(image.suffix.idProduct, 0x70B1);
    assert_int_equal(image.suffix.bcdDFU, 0x0100);
    assert_int_equal(image.suffix.bLength, 16);
    assert_int_equal(dfu.n, bin.n + 16);
    assert_int_equal(image.count, 1);
    assert_int_equal(image.segments[0].size, bin.n);
    assert_memory_equal(image.segments[0].data, bin.bytes, bin.n);
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    free(dfu.bytes);
    free(bin.bytes);
}

static void micropython_is_read_fast(void **state)
{
    file hex = file_of_package("firmware-microbit-micropython", MICROBIT);
    heap h = {0};
    clock_t start = clock();
    dfukit_image image = parsed(&hex, &h, (dfukit_image_options){0});
    double milliseconds = 1000.0 * (double)(clock() - start) / CLOCKS_PER_SEC;

    (void)state;
    assert_int_equal(image.format, DFUKIT_FORMAT_IHEX);
    assert_int_equal(image.segments[0].address, 0);
    assert_int_equal(image.segments[0].data[1], 0x40); /* initial stack pointer 0x20004000 */
    assert_int_equal(image.segments[0].data[3], 0x20);
    const dfukit_segment *last = &image.segments[image.count - 1];
    assert_int_equal(last->address, MICROBIT_CONFIG);
    assert_int_equal(last->size, 28);
    assert_int_equal(last->data[0], 0x7C);
    assert_int_equal(last[-1].address + last[-1].size, MICROBIT_END);
    assert_true(image.has_entry);
    assert_int_equal(image.entry, 0x1CCD9);
    printf("%zu bytes of Intel HEX read in %.1f ms\n", hex.n, milliseconds);
    assert_true(milliseconds < 1000); /* with room for sanitizers and busy machines */
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    free(hex.bytes);
}

static void micropython_needs_a_range(void **state)
{
    file hex = file_of_package("firmware-microbit-micropython", MICROBIT);
    heap h = {0};
    dfukit_image image = parsed(&hex, &h, (dfukit_image_options){0});
    dfukit_stream stream;
    size_t far = 0;
    uint8_t scratch[64];

    (void)state;
    assert_int_equal(dfukit_stream_init(&stream, &image, DFUKIT_RANGE_ALL, &far),
                     DFUKIT_ERR_TOO_LARGE);
    assert_int_equal(far, image.count - 1);
    assert_int_equal(image.segments[far].address, MICROBIT_CONFIG);
    assert_int_equal(dfukit_stream_init(&stream, &image, (dfukit_range){0, 0x80000}, NULL),
                     DFUKIT_OK);
    assert_int_equal(stream.base, 0);
    assert_int_equal(stream.length, MICROBIT_END);
    const uint8_t *tail = dfukit_stream_bytes(&stream, MICROBIT_END - 12, 12, scratch);
    assert_memory_equal(tail, "\x1D\xC7\x01\x00\x55\x4E\x02\x00\x09\x01\x00\x00", 12);
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    free(hex.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toboot_is_the_same_in_three_formats),
        cmocka_unit_test(booster_has_a_suffix),
        cmocka_unit_test(micropython_is_read_fast),
        cmocka_unit_test(micropython_needs_a_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
