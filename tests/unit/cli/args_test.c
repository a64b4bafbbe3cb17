/* SPDX-License-Identifier: MIT */
/* Command lines: what is accepted, what it means, what is refused and with which words. */
#include "support.h"

#include "../../../src/cli/args.h"

#define WORDS_MAX 16

/* Split a line at its spaces and parse it; `buffer` keeps the words. */
static bool parse(dfukit_cli_args *args, const char *line, char buffer[256])
{
    char *argv[WORDS_MAX + 2] = {buffer};
    int argc = 1;
    assert_true(strlen(line) < 250);
    snprintf(buffer, 256, "dfu %s", line);
    for (char *word = strchr(buffer, ' '); word != NULL && word[1] != '\0' && argc <= WORDS_MAX;
         word = strchr(word, ' ')) {
        *word++ = '\0';
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    return dfukit_cli_parse(args, argc, argv);
}

// clang-format off
static const struct {
    const char *line;
    const char *complaint; /* a part of it */
} refused[] = {
    {"",                                "--help"},
    {"--json",                          "--help"},
    {"lst",                             "did you mean `dfu list`"},
    {"wrte x",                          "did you mean `dfu write`"},
    {"uplaod x",                        "did you mean `dfu upload`"},
    {"qqqqqqqq",                        "unknown verb \"qqqqqqqq\""},
    {"image pakc --alt x y",            "did you mean `dfu image pack`"},
    {"image pack --alt 1 x y",          "--alt does not go with `dfu image pack`"},
    {"image suffix",                    "wants a verb of its own"},
    {"image suffix add",                "wants FILE"},
    {"image suffix add x --at 1",       "--at does not go with"},
    {"image prefix ad x",               "did you mean `dfu image prefix add`"},
    {"image convert a b --family x",    "wants a family ID"},
    {"image convert a b --vid 1:2",     "wants an ID"},
    {"image convert a b --vid *",       "wants an ID"},
    {"image --zzzzzzzz info x",         "unknown option --zzzzzzzz"},
    {"gang x",                          "unknown verb \"gang\""},
    {"fuse",                            "unknown verb \"fuse\""},
    {"lock",                            "unknown verb \"lock\""},
    {"image",                           "wants a verb of its own"},
    {"image convert a",                 "wants IN OUT"},
    {"image inof x",                    "did you mean `dfu image info`"},
    {"image info",                      "wants FILE"},
    {"write",                           "wants FILE"},
    {"read",                            "wants FILE"},
    {"verify",                          "wants FILE"},
    {"virtual",                         "wants PERSONA"},
    {"write a b",                       "\"b\""},
    {"list x",                          "\"x\""},
    {"demo a b",                        "\"b\""},
    {"list --jsn",                      "did you mean --json"},
    {"write x --verfiy never",          "did you mean --verify"},
    {"write x --trans 4",               "did you mean --transfer-size"},
    {"list --zzzzzzzz",                 "unknown option --zzzzzzzz"},
    {"list -Z",                         "unknown option -Z"},
    {"list -qZ",                        "unknown option -Z"},
    {"list --verify never",             "--verify does not go with `dfu list`"},
    {"--dry-run read x",                "--dry-run does not go with `dfu read`"},
    {"demo -d 1:2",                     "--device does not go with `dfu demo`"},
    {"virtual tomu --on usb",           "--on does not go with `dfu virtual`"},
    {"list --listen 1",                 "--listen does not go with `dfu list`"},
    {"list --json=1",                   "--json takes no argument"},
    {"list -d",                         "--device wants an argument"},
    {"list --device",                   "--device wants an argument"},
    {"list -d 1209",                    "VID:PID"},
    {"list --device=1209:zz",           "\"1209:zz\""},
    {"list -n x",                       "device number"},
    {"list -i 256",                     "interface number"},
    {"write x -a 256",                  "255"},
    {"write x --verify maybe",          "auto, always or never"},
    {"write x --then fly",              "leave, reset or stay"},
    {"write x --transfer-size 0",       "1 to 65535"},
    {"write x --transfer-size 65536",   "1 to 65535"},
    {"write x --timeout 0",             "more than 0"},
    {"write x --range 5",               "FROM:TO"},
    {"write x --at 0x100000000",        "address"},
    {"info --wait=soon",                "seconds"},
    {"list --color sometimes",          "auto, always or never"},
    {"list --on elsewhere",             "usb, usbip://"},
    {"list --on usbip://",              "usbip://HOST"},
    {"list --on usbip://h:0",           "usbip://HOST"},
    {"list --on usbip://h:99999",       "usbip://HOST"},
    {"list --on usbip://h/",            "usbip://HOST"},
    {"list --on usbip://[::1",          "usbip://HOST"},
    {"list --on virtual:tomo",          "did you mean tomu"},
    {"list --on virtual:",              "virtual"},
    {"list --on virtual:tomu,x=1",      "timing="},
    {"list --on virtual:tomu,timing=slow", "timing="},
    {"list --on virtual:tomu,fault=no-such-fault", "known are"},
    {"virtual tomu --fault no-such-fault", "known are"},
    {"virtual tomu --fault poll",       "fault poll wants a value: poll=MS"},
    {"virtual tomu --fault flash-fail", "fault flash-fail wants a value: flash-fail=N"},
    {"virtual tomu --fault poll=x",     "wants a number"},
    {"virtual tomu --fault stall-detach=1", "fault stall-detach takes no value"},
    {"list --on virtual:tomu,fault=poll", "fault poll wants a value: poll=MS"},
    {"info -w 2",                       "--wait=2"},
    {"info --wait 2.5",                 "--wait=2.5"},
    {"-w 2 info",                       "--wait=2"},
    {"write -w 2 x",                    "--wait=2"},
    {"write -w x y",                    "\"y\""},
    {"help wrte",                       "did you mean `dfu write`"},
    {"virtual tomu --count 0",          "1 to 64"},
    {"virtual tomu --timing slow",      "real or fast"},
};
// clang-format on

static void test_refused(void **state)
{
    (void)state;
    static dfukit_cli_args args;
    for (size_t i = 0; i < COUNT(refused); i++) {
        char buffer[256];
        if (parse(&args, refused[i].line, buffer))
            fail_msg("`dfu %s` was accepted", refused[i].line);
        if (strstr(args.complaint, refused[i].complaint) == NULL)
            fail_msg("`dfu %s`: %s", refused[i].line, args.complaint);
        if (strchr(args.complaint, '\n') != NULL)
            fail_msg("`dfu %s`: more than one line", refused[i].line);
    }
}

/* Options mean the same before and after the verb, joined and apart. */
static void test_positions(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "-d 1209:70b1 --json write x --verify never --range 0:0x80 -w5 -a 3",
        "write x -d1209:70b1 --verify=never --range=0:0x80 --json --wait=5 --alt 3",
        "--verify never --range 0:0x80 write --device=1209:70b1 -w=5 -a3 --json -- x",
        "--json -w5 -d 1209:70b1 -a 3 --verify never --range 0:128 download x",
    };
    static dfukit_cli_args args;
    for (size_t i = 0; i < COUNT(lines); i++) {
        char buffer[256];
        if (!parse(&args, lines[i], buffer))
            fail_msg("`dfu %s`: %s", lines[i], args.complaint);
        bool right = strcmp(args.verb->name, "write") == 0 && args.file_count == 1 &&
                     strcmp(args.files[0], "x") == 0 && args.json && args.selector.has_ids &&
                     args.selector.ids.vid == 0x1209 && args.selector.ids.pid == 0x70B1 &&
                     args.verify == DFUKIT_VERIFY_NEVER && args.has_range && args.range.to == 128 &&
                     args.wait && args.wait_bounded && args.wait_ms == 5000 && args.has_alt &&
                     args.alt == 3 && args.alt_name == NULL;
        if (!right)
            fail_msg("`dfu %s` was misunderstood", lines[i]);
    }
}

static void test_meanings(void **state)
{
    (void)state;
    static dfukit_cli_args args;
    char buffer[256];
    assert_true(parse(&args, "-qv upload -", buffer));
    assert_true(args.quiet && args.verbose);
    assert_string_equal(args.verb->name, "read");
    assert_string_equal(args.files[0], "-");
    assert_true(parse(&args, "info --wait -a", buffer) == false); /* --alt is not of info */
    assert_true(parse(&args, "info -w", buffer));
    assert_true(args.wait && !args.wait_bounded);
    assert_true(parse(&args, "verify -a Flash x", buffer));
    assert_true(args.has_alt);
    assert_string_equal(args.alt_name, "Flash");
    assert_true(parse(&args, "virtual --list", buffer));
    assert_true(args.list && args.file_count == 0);
    assert_true(parse(&args, "virtual tomu micro -S A --count 2 --timing fast", buffer));
    assert_true(args.fast && args.count == 2 && args.file_count == 2);
    assert_string_equal(args.serial, "A");
    assert_true(parse(&args, "--help", buffer));
    assert_true(args.help && args.verb == NULL);
    assert_true(parse(&args, "image --help", buffer));
    assert_true(args.help && args.verb == NULL);
    assert_true(parse(&args, "write -h", buffer));
    assert_true(args.help && args.verb != NULL);
    assert_true(parse(&args, "help", buffer));
    assert_true(args.help && args.verb == NULL);
    assert_true(parse(&args, "help image info", buffer));
    assert_true(args.help);
    assert_string_equal(args.verb->name, "image info");
    assert_true(parse(&args, "--version", buffer));
    assert_true(args.version);
    assert_true(parse(&args, "list -d 1:2,3:4 -S s -p 1-4.2 -n 0x10 -i 2", buffer));
    assert_true(args.selector.has_dfu_ids && args.selector.has_devnum);
    assert_int_equal(args.selector.devnum, 16);
    assert_int_equal(args.selector.interface, 2);
    assert_string_equal(args.selector.path, "1-4.2");
}

static void test_places(void **state)
{
    (void)state;
    static dfukit_cli_args args;
    char buffer[256];
    assert_true(parse(&args, "list", buffer));
    assert_int_equal(args.place.kind, DFUKIT_CLI_ON_USB);
    assert_true(parse(&args, "list --on usbip://example:4000/1-2.3", buffer));
    assert_int_equal(args.place.kind, DFUKIT_CLI_ON_USBIP);
    assert_string_equal(args.place.where.host, "example");
    assert_int_equal(args.place.where.port, 4000);
    assert_string_equal(args.place.where.busid, "1-2.3");
    assert_true(parse(&args, "list --on usbip://[::1]:3241", buffer));
    assert_string_equal(args.place.where.host, "::1");
    assert_int_equal(args.place.where.port, 3241);
    assert_true(parse(&args, "list --on usbip://example", buffer));
    assert_int_equal(args.place.where.port, 0);
    assert_string_equal(args.place.where.busid, "");
    assert_true(parse(&args, "list --on virtual:micro,timing=real,serial=X=1", buffer));
    assert_int_equal(args.place.kind, DFUKIT_CLI_ON_VIRTUAL);
    assert_string_equal(args.place.persona->name, "micro");
    assert_true(args.place.real_time);
    assert_string_equal(args.place.serial, "X=1");
    assert_true(parse(&args, "list --on virtual:tomu", buffer));
    assert_false(args.place.real_time);
}

// clang-format off
static const struct {
    const char *line;
    const char *text;
    bool fits;
} remedies[] = {
    {"write x",  "write a part of it: --range 0x0:0x10",       true},
    {"demo x",   "write a part of it: --range 0x0:0x10",       false},
    {"verify x", "leave out --verify always",                  false},
    {"write x",  "leave out --verify always",                  true},
    {"write x",  "choose one with -a NUMBER or -a NAME",       true},
    {"detach",   "choose one with -a NUMBER or -a NAME",       false},
    {"detach",   "plug it in again - or press its button",     true},
    {"read x",   "the file may be cut short; --force does it", true},
    {"leave",    "the file may be cut short; --force does it", false},
};
// clang-format on

/* Advice names no option that the verb would refuse. */
static void test_remedies(void **state)
{
    (void)state;
    static dfukit_cli_args args;
    for (size_t i = 0; i < COUNT(remedies); i++) {
        char buffer[256];
        if (!parse(&args, remedies[i].line, buffer))
            fail_msg("`dfu %s`: %s", remedies[i].line, args.complaint);
        if (dfukit_cli_options_fit(args.verb, remedies[i].text) != remedies[i].fits)
            fail_msg("`dfu %s`: %s", remedies[i].line, remedies[i].text);
    }
}

/* Every verb and option can be explained, and no letter stands for two options. */
static void test_tables(void **state)
{
    (void)state;
    for (const dfukit_cli_verb *v = dfukit_cli_verbs; v->name != NULL; v++) {
        if (v->summary == NULL || *v->summary == '\0' || v->run == NULL || v->least > v->most)
            fail_msg("verb %s is incomplete", v->name);
    }
    for (const dfukit_cli_option *o = dfukit_cli_options; o->name != NULL; o++) {
        if (o->help == NULL || o->set == NULL || o->verbs == 0)
            fail_msg("option --%s is incomplete", o->name);
        for (const dfukit_cli_option *p = dfukit_cli_options; p->name != NULL; p++) {
            bool same = strcmp(o->name, p->name) == 0;
            if (o->letter != '\0' && o->letter == p->letter && !same)
                fail_msg("-%c is --%s and --%s", o->letter, o->name, p->name);
            if (o != p && same && ((o->verbs & p->verbs) != 0 || o->set != p->set))
                fail_msg("--%s stands twice for one verb", o->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_positions),
        cmocka_unit_test(test_meanings), cmocka_unit_test(test_places),
        cmocka_unit_test(test_remedies), cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
