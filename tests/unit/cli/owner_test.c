/* SPDX-License-Identifier: MIT */
/* Who holds a device: a folder that looks like /proc and /sys, and a process of this test's own. */
#include "support.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../src/cli/owner.h"

static char folder[200];
static dfukit_cli_owner_roots roots;
static char proc[256], sys[256];

static void make_folder(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Make a folder below `folder`, and those above it. */
static void make_folder(const char *format, ...)
{
    char path[600];
    size_t n = (size_t)snprintf(path, sizeof path, "%s/", folder);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + n, sizeof path - n, format, arguments);
    va_end(arguments);
    for (char *at = path + n; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    assert_true(mkdir(path, 0755) == 0);
}

static void make_link(const char *to, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(symlink(to, path), 0);
}

static int set_up(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.150s/dfukit-owner-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(proc, sizeof proc, "%s/proc", folder);
    snprintf(sys, sizeof sys, "%s/sys", folder);
    roots = (dfukit_cli_owner_roots){proc, sys, "/dev"};
    make_folder("proc/self/fd");
    make_folder("proc/77/fd");
    make_folder("proc/78/fd");
    make_link("/dev/bus/usb/001/005", "proc/77/fd/3");
    make_link("/dev/bus/usb/001/004", "proc/78/fd/12");
    make_link("/dev/bus/usb/001/006", "proc/self/fd/3"); /* no process of its own */
    char name[600];
    snprintf(name, sizeof name, "%s/proc/78/comm", folder);
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs("open\033[31mocd\n", f);
    fclose(f);
    make_folder("sys/bus/usb/devices/1-4.2:1.3");
    make_folder("sys/bus/usb/devices/1-5:2.0");
    make_link("../../../drivers/cdc_acm", "sys/bus/usb/devices/1-4.2:1.3/driver");
    make_link("../../../drivers/usbfs", "sys/bus/usb/devices/1-5:2.0/driver");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0;
}

// clang-format off
static const struct {
    const char *path;
    uint32_t devnum;
    uint8_t configuration, interface;
    bool found;
    const char *who, *remedy;
} cases[] = {
    /* by the file that a program has open; its name cannot colour the terminal */
    {"1-4.2", 1u << 16 | 4, 1, 3, true,  "(process 78)",             "kill 78"},
    {"1-1",   1u << 16 | 5, 1, 0, true,  "a program (process 77)",   "kill 77"},
    /* by the driver at just this interface */
    {"1-4.2", 1u << 16 | 9, 1, 3, true,  "the kernel driver cdc_acm",
     "echo 1-4.2:1.3 > /sys/bus/usb/drivers/cdc_acm/unbind"},
    {"1-4.2", 1u << 16 | 9, 1, 2, false, "", ""},
    {"1-5",   1u << 16 | 9, 2, 0, false, "", ""},          /* usbfs: a program, not to be seen */
    {"1-1",   1u << 16 | 6, 1, 0, false, "", ""},
    {"1-1",   2u << 16 | 4, 1, 0, false, "", ""},          /* another bus */
};
// clang-format on

static void test_owner(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfukit_target t = {.devnum = cases[i].devnum,
                           .configuration = cases[i].configuration,
                           .interface = cases[i].interface};
        dfukit_cli_owner owner;
        snprintf(t.path, sizeof t.path, "%s", cases[i].path);
        bool found = dfukit_cli_owner_find(&roots, &t, &owner);
        if (found != cases[i].found || strstr(owner.who, cases[i].who) == NULL ||
            strstr(owner.remedy, cases[i].remedy) == NULL)
            fail_msg("case %zu: found %d, who \"%s\", remedy \"%s\"", i, found, owner.who,
                     owner.remedy);
        assert_null(strchr(owner.who, '\033'));
    }
}

/* A child of this test's own holds a file; it is found in the real /proc, this process is not. */
static void test_child(void **state)
{
    (void)state;
    char node[600], wanted[60];
    int told[2];
    make_folder("dev/bus/usb/003");
    snprintf(node, sizeof node, "%s/dev/bus/usb/003/007", folder);
    FILE *f = fopen(node, "w");
    assert_non_null(f);
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) { /* it inherits the open file */
        char c = 'x';
        _exit(write(told[1], &c, 1) == 1 && pause() != 0 ? 1 : 2);
    }
    char c;
    assert_true(child > 0);
    assert_int_equal(read(told[0], &c, 1), 1);

    char dev[300];
    dfukit_cli_owner owner;
    dfukit_target t = {.devnum = 3u << 16 | 7, .path = "3-1"};
    snprintf(dev, sizeof dev, "%s/dev", folder);
    dfukit_cli_owner_roots real = {"/proc", sys, dev};
    bool found = dfukit_cli_owner_find(&real, &t, &owner);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    fclose(f);
    assert_true(found);
    snprintf(wanted, sizeof wanted, "(process %ld)", (long)child);
    if (strstr(owner.who, wanted) == NULL)
        fail_msg("\"%s\" instead of %s", owner.who, wanted);
    assert_false(dfukit_cli_owner_find(&real, &t, &owner));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner),
        cmocka_unit_test(test_child),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
