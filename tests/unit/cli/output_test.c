/* SPDX-License-Identifier: MIT */
/* Output files: every format reads back as what went in; nothing half-written stays behind. */
#include "support.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../src/cli/exit.h"
#include "../../../src/cli/file.h"
#include "../../../src/cli/readout.h"

static dfukit_cli_ui ui;
static char folder[] = "/tmp/dfukit-output-XXXXXX";

static int enter(void **state)
{
    (void)state;
    ui = (dfukit_cli_ui){.quiet = true};
    ui.out = fopen("/dev/null", "w");
    ui.err = ui.out;
    return ui.out == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave(void **state)
{
    (void)state;
    fclose(ui.out);
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static size_t files_here(void)
{
    size_t n = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* 70,000 bytes reach over a 64 KiB boundary, which Intel HEX has to cross. */
static uint8_t payload[70001];

static int write_file(const char *name, size_t size, bool replace)
{
    static dfukit_cli_output o;
    static dfukit_cli_readout r;
    const dfukit_job job = {.verb = DFUKIT_VERB_READ};
    const dfukit_target t = {.device = {.idVendor = 0x1209, .idProduct = 0x70B1},
                             .functional = {.bcdDFUVersion = 0x0110}};
    int code = dfukit_cli_output_begin(&ui, &o, name, replace);
    if (code != DFUKIT_EXIT_OK)
        return code;
    for (size_t at = 0, piece = 1; at < size; at += piece, piece = piece % 97 + 5) {
        if (piece > size - at)
            piece = size - at;
        assert_int_equal(dfukit_cli_readout_add(&r, payload + at, piece), DFUKIT_OK);
    }
    assert_int_equal(dfukit_cli_readout_place(&r, &job, &t, NULL), DFUKIT_OK);
    assert_int_equal(dfukit_cli_readout_write(&r, &t, NULL, &o), DFUKIT_OK);
    dfukit_cli_readout_free(&r);
    code = dfukit_cli_output_end(&ui, &o, &t.device);
    dfukit_cli_output_drop(&o);
    return code;
}

static void test_formats(void **state)
{
    (void)state;
    static const char *const names[] = {"a.bin",  "a.dfu",       "a.hex",  "A.DFU",
                                        "a.IHEX", "noextension", "a.srec", "a.S19"};
    static const size_t sizes[] = {1, 15, 16, 17, 1024, 65536, 65537, 70001};
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 37 + i / 251);
    for (size_t i = 0; i < COUNT(names) * COUNT(sizes); i++) {
        const char *name = names[i / COUNT(sizes)];
        size_t size = sizes[i % COUNT(sizes)];
        dfukit_cli_file file;
        if (write_file(name, size, false) != DFUKIT_EXIT_OK ||
            dfukit_cli_file_load(&ui, name, &file) != DFUKIT_EXIT_OK)
            fail_msg("%s, %zu bytes: cannot be written and read", name, size);
        const dfukit_segment *s = &file.image.segments[0];
        if (file.image.count != 1 || s->address != 0 || s->size != size ||
            memcmp(s->data, payload, size) != 0)
            fail_msg("%s, %zu bytes: not what went in", name, size);
        if (file.image.has_suffix != dfukit_cli_has_extension(name, ".dfu") ||
            (file.image.has_suffix && file.image.suffix.idProduct != 0x70B1))
            fail_msg("%s: wrong suffix", name);
        dfukit_cli_file_free(&file);
        assert_int_equal(files_here(), 1);
        assert_int_equal(unlink(name), 0);
    }
}

static void test_existing(void **state)
{
    (void)state;
    struct stat s;
    assert_int_equal(write_file("x.bin", 5, false), DFUKIT_EXIT_OK);
    assert_int_equal(write_file("x.bin", 7, false), DFUKIT_EXIT_COMPUTER);
    assert_int_equal(stat("x.bin", &s), 0);
    assert_int_equal(s.st_size, 5);
    assert_int_equal(write_file("x.bin", 7, true), DFUKIT_EXIT_OK);
    assert_int_equal(stat("x.bin", &s), 0);
    assert_int_equal(s.st_size, 7);
    assert_int_equal(files_here(), 1);
    assert_int_equal(unlink("x.bin"), 0);
}

/* What is replaced hands on who may read it; a link is written through. */
static void test_kept(void **state)
{
    (void)state;
    struct stat s;
    assert_int_equal(write_file("secret.bin", 5, false), DFUKIT_EXIT_OK);
    assert_int_equal(chmod("secret.bin", 0600), 0);
    assert_int_equal(symlink("secret.bin", "link.bin"), 0);
    assert_int_equal(write_file("link.bin", 6, false), DFUKIT_EXIT_COMPUTER);
    assert_int_equal(write_file("link.bin", 7, true), DFUKIT_EXIT_OK);
    assert_int_equal(lstat("link.bin", &s), 0);
    assert_true(S_ISLNK(s.st_mode));
    assert_int_equal(lstat("secret.bin", &s), 0);
    assert_int_equal(s.st_size, 7);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_int_equal(files_here(), 2);
    assert_int_equal(unlink("link.bin"), 0);
    assert_int_equal(unlink("secret.bin"), 0);
}

/* A file that appears while the device is read is not replaced either. */
static void test_race(void **state)
{
    (void)state;
    static dfukit_cli_output o;
    const dfukit_device_descriptor d = {.idVendor = 1};
    assert_int_equal(dfukit_cli_output_begin(&ui, &o, "x.bin", false), DFUKIT_EXIT_OK);
    FILE *other = fopen("x.bin", "w");
    assert_non_null(other);
    fclose(other);
    assert_int_equal(dfukit_cli_output_end(&ui, &o, &d), DFUKIT_EXIT_COMPUTER);
    assert_int_equal(files_here(), 1);
    assert_int_equal(unlink("x.bin"), 0);
}

static void test_refused(void **state)
{
    (void)state;
    static dfukit_cli_output o;
    assert_int_equal(dfukit_cli_output_begin(&ui, &o, "no/such/folder.bin", false),
                     DFUKIT_EXIT_COMPUTER);
    assert_int_equal(dfukit_cli_output_begin(&ui, &o, "/tmp", true), DFUKIT_EXIT_COMPUTER);
    assert_int_equal(dfukit_cli_output_begin(&ui, &o, "given-up.bin", false), DFUKIT_EXIT_OK);
    assert_int_equal(dfukit_cli_output_add(&o, payload, 10), DFUKIT_OK);
    dfukit_cli_output_drop(&o);
    assert_int_equal(files_here(), 0);
}

static void test_full_disk(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        if (getenv("DFUKIT_CI") != NULL)
            fail_msg("there is no /dev/full here");
        skip();
    }
    assert_int_equal(write_file("/dev/full", 100, false), DFUKIT_EXIT_COMPUTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats), cmocka_unit_test(test_existing),
        cmocka_unit_test(test_kept),    cmocka_unit_test(test_race),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
