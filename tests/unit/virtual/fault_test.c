/* SPDX-License-Identifier: MIT */
/* Faults: each does what its line says, at the place it names, and a fresh upgrade works
 * afterwards. */
#include "bench.h"

#define LENGTH 10000u

#define ANY    0xFF

/* To keep the tables readable. */
#define IN(name)     STAGE_##name
#define ERR(name)    DFUKIT_ERR_##name
#define S(name)      DFUKIT_##name
#define STATUS(name) DFUKIT_STATUS_##name

/* ---- Faults that end an upgrade ---- */

typedef enum then {
    WORKS,     /* a fresh upgrade works; where DFU mode was left in a bad way, after a bus reset */
    REPLUGGED, /* the same, once it has been plugged in again */
} then;

/* clang-format off */
static const struct {
    const char *fault, *persona;
    stage stage; int32_t result; uint32_t block;
    uint8_t state, status; /* right after the failure; where it is gone: when it is back */
    then then;
} upgrades[] = {
    { "stall-detach",      "micro", IN(DETACH), ERR(STALL), 0, S(APP_IDLE), 0, WORKS },
    { "stall-detach",      "tomu",  IN(DETACH), ERR(STALL), 0, S(APP_IDLE), 0, WORKS },
    { "ignore-detach",     "micro", IN(RETURN_DFU), ERR(MODE), 0, S(APP_IDLE), 0, WORKS },
    { "ignore-detach",     "tomu",  IN(RETURN_DFU), ERR(MODE), 0, S(APP_IDLE), 0, WORKS },
    { "vanish-detach",     "micro", IN(RETURN_DFU), ERR(GONE), 0, 0, 0, REPLUGGED },
    { "vanish-detach",     "tomu",  IN(RETURN_DFU), ERR(GONE), 0, 0, 0, REPLUGGED },
    { "returns-runtime",   "micro", IN(RETURN_DFU), ERR(MODE), 0, S(APP_IDLE), 0, WORKS },
    { "returns-runtime",   "tomu",  IN(RETURN_DFU), ERR(MODE), 0, S(APP_IDLE), 0, WORKS },
    { "stall-getstatus",   "micro", IN(IDLE), ERR(STALL), 0, S(DFU_IDLE), 0, WORKS },
    { "stall-getstatus=1", "micro", IN(BUSY), ERR(STALL), 0, ANY, 0, WORKS },
    { "hang-getstatus",    "dfu10", IN(IDLE), ERR(AGAIN), 0, S(DFU_IDLE), 0, WORKS },
    { "short-getstatus",   "micro", IN(IDLE), 3, 0, S(DFU_IDLE), 0, WORKS },
    { "short-getstatus=1", "micro", IN(BUSY), 3, 0, ANY, 0, WORKS },
    { "stall-dnload",      "micro", IN(DNLOAD), ERR(STALL), 0, S(DFU_ERROR), STATUS(STALLEDPKT), WORKS },
    { "stall-dnload=2",    "micro", IN(DNLOAD), ERR(STALL), 2, S(DFU_ERROR), STATUS(STALLEDPKT), WORKS },
    { "stall-dnload=0x26", "dfu10", IN(DNLOAD), ERR(STALL), 38, S(DFU_ERROR), STATUS(STALLEDPKT), WORKS },
    { "hang-dnload=1",     "micro", IN(DNLOAD), ERR(AGAIN), 1, S(DNLOAD_IDLE), 0, WORKS },
    { "error-dnload=1",    "micro", IN(BUSY), 6, 1, S(DFU_ERROR), STATUS(PROG), WORKS },
    { "error-dnload",      "tomu",  IN(BUSY), 6, 0, S(DFU_ERROR), STATUS(PROG), WORKS },
    { "flash-fail=1",      "micro", IN(BUSY), 6, 0, S(DFU_ERROR), STATUS(ERASE), WORKS },
    { "flash-fail=4",      "micro", IN(BUSY), 6, 1, S(DFU_ERROR), STATUS(PROG), WORKS },
    { "stuck-busy=2",      "micro", IN(BUSY), 6, 2, S(DNBUSY), 0, WORKS },
    { "stuck-busy",        "tomu",  IN(BUSY), 6, 0, S(DNBUSY), 0, WORKS },
    { "power-cut=1",       "micro", IN(BUSY), ERR(GONE), 0, S(DFU_ERROR), STATUS(FIRMWARE), WORKS },
    { "power-cut=4",       "micro", IN(BUSY), ERR(GONE), 1, S(DFU_ERROR), STATUS(FIRMWARE), WORKS },
    { "vanish-dnload",     "micro", IN(DNLOAD), ERR(GONE), 0, S(APP_IDLE), 0, WORKS },
    { "vanish-dnload=1",   "micro", IN(DNLOAD), ERR(GONE), 1, S(DFU_ERROR), STATUS(FIRMWARE), WORKS },
    { "error-manifest",    "micro", IN(MANIFEST), 6, 3, S(DFU_ERROR), STATUS(VERIFY), WORKS },
    { "error-manifest",    "dfu10", IN(MANIFEST), 6, 40, S(DFU_ERROR), STATUS(VERIFY), WORKS },
    { "stuck-manifest",    "micro", IN(MANIFEST), 6, 3, S(MANIFEST), 0, WORKS },
    { "stuck-manifest",    "dfu10", IN(MANIFEST), 6, 40, S(MANIFEST), 0, WORKS },
    { "vanish-manifest",   "micro", IN(DONE), 0, 3, 0, 0, WORKS },
    { "vanish-manifest",   "dfu10", IN(DONE), 0, 40, 0, 0, WORKS },
    { "vanish-manifest",   "tomu",  IN(DONE), 0, 10, 0, 0, WORKS },
    { "vanish-manifest-forever", "dfu10", IN(RETURN_APP), ERR(GONE), 40, 0, 0, REPLUGGED },
    { "stall-upload=1",    "micro", IN(UPLOAD), ERR(STALL), 1, S(DFU_ERROR), STATUS(STALLEDPKT), WORKS },
    { "error-upload",      "micro", IN(UPLOAD), ERR(STALL), 0, S(DFU_ERROR), STATUS(ADDRESS), WORKS },
    { "vanish-upload=1",   "micro", IN(UPLOAD), ERR(GONE), 1, S(APP_IDLE), 0, WORKS },
    { "corrupt-flash=5000","micro", IN(VERIFY), 4096, 1, S(UPLOAD_IDLE), 0, WORKS },
    { "firmware-bad",      "micro", IN(RETURN_APP), ERR(MODE), 3, S(DFU_ERROR), STATUS(FIRMWARE), WORKS },
    { "firmware-bad",      "dfu10", IN(RETURN_APP), ERR(MODE), 40, S(DFU_ERROR), STATUS(FIRMWARE), WORKS },
    { "firmware-bad",      "tomu",  IN(RETURN_APP), ERR(MODE), 10, S(DFU_ERROR), STATUS(FIRMWARE), WORKS },
};
/* clang-format on */
#define UPGRADES (sizeof upgrades / sizeof upgrades[0])

static void open_with(bench *b, const char *persona, const char *fault, bool fast)
{
    dfukit_virtual_options options = {.fast = fast, .fault_count = 1};

    if (dfukit_fault_parse(fault, &options.faults[0]) != DFUKIT_OK)
        fail_msg("%s is no fault", fault);
    bench_open(b, dfukit_persona_find(persona), &options);
}

/* In run-time mode with just this payload. */
static void assert_runs(bench *b, const char *what, const uint8_t *payload)
{
    dfukit_device_descriptor d = device_descriptor(b);

    if (d.idProduct != b->persona->runtime.idProduct ||
        d.bcdDevice != expected_revision(payload, LENGTH))
        fail_msg("%s: %04x, revision %04x", what, d.idProduct, d.bcdDevice);
    assert_int_equal(dfukit_virtual_firmware_size(b->device), LENGTH);
}

/* The device is gone, until it is plugged in again or for a second: then its status. */
static void come_back(bench *b, size_t i, const char *what, report *r)
{
    if (upgrades[i].then == REPLUGGED) {
        if (attachment(b) != 0)
            fail_msg("%s: still there", what);
        dfukit_virtual_power(b->device, true);
        configure(b);
        get_status(b, &r->status);
    } else if (r->result == DFUKIT_ERR_GONE) {
        if (attachment(b) != 0)
            fail_msg("%s: still there", what);
        pass(b, 900u * MS);
        if (attachment(b) != 0)
            fail_msg("%s: back too soon", what);
        pass(b, 100u * MS);
        configure(b);
        get_status(b, &r->status);
    }
}

static void check_upgrade(size_t i, bool fast)
{
    static uint8_t first[LENGTH], second[LENGTH];
    char what[64];
    report r;
    bench b;

    snprintf(what, sizeof what, "%s on %s, %s", upgrades[i].fault, upgrades[i].persona,
             fast ? "fast" : "timed");
    fill_payload(first, LENGTH, 1);
    fill_payload(second, LENGTH, 2);
    open_with(&b, upgrades[i].persona, upgrades[i].fault, fast);

    r = upgrade(&b, first, LENGTH);
    if (r.stage != upgrades[i].stage || r.block != upgrades[i].block)
        fail_msg("%s: ended in stage %d, block %u, result %d, %s", what, (int)r.stage, r.block,
                 r.result, dfukit_state_name(r.status.bState));
    if (r.stage == STAGE_DONE) {
        assert_runs(&b, what, first);
    } else {
        if (r.result != upgrades[i].result)
            fail_msg("%s: result %d", what, r.result);
        come_back(&b, i, what, &r);
        if (upgrades[i].state != ANY &&
            (r.status.bState != upgrades[i].state || r.status.bStatus != upgrades[i].status))
            fail_msg("%s: %s, %s", what, dfukit_state_name(r.status.bState),
                     dfukit_status_name(r.status.bStatus));
    }
    if (strncmp(upgrades[i].fault, "stuck", 5) == 0 && r.lasted_us < 2900u * MS)
        fail_msg("%s: stuck for only %u ms", what, (unsigned)(r.lasted_us / MS));

    if (strncmp(upgrades[i].fault, "power-cut=", 10) == 0 &&
        dfukit_vflash_operations(dfukit_virtual_flash(b.device)) !=
            strtoul(upgrades[i].fault + 10, NULL, 10))
        fail_msg("%s: the flash worked without power", what);

    /* Whatever state that was, a reset and a fresh upgrade make up for it. Flash work that was left
     * running comes to its end while the bus is being enumerated. */
    if (attachment(&b) != 0 && in_dfu_mode(&b))
        b.wire.ops->reset(b.wire.self);
    pass(&b, 50u * MS);
    r = upgrade(&b, second, LENGTH);
    if (r.stage != STAGE_DONE)
        fail_msg("%s: the second upgrade ended in stage %d, block %u, result %d, %s", what,
                 (int)r.stage, r.block, r.result, dfukit_state_name(r.status.bState));
    assert_runs(&b, what, second);
    if (dfukit_vflash_misuses(dfukit_virtual_flash(b.device)) != 0)
        fail_msg("%s: the flash was misused", what);
    bench_close(&b);
}

static void test_faults_that_end_an_upgrade(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPGRADES; i++) {
        check_upgrade(i, false);
        check_upgrade(i, true);
    }
}

/* ---- Faults that last ---- */

static uint8_t bytes[512];

static void check_short_descriptor(bench *b)
{
    assert_int_equal(descriptor(b, DFUKIT_DESC_DEVICE, 0, bytes, 18), 8);
    assert_int_equal(bytes[0], 18);
    assert_int_equal(descriptor(b, DFUKIT_DESC_DEVICE, 0, bytes, 64), 8);
    assert_int_equal(descriptor(b, DFUKIT_DESC_DEVICE, 0, bytes, 4), 4);
    assert_true(descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, 9) == 9);
}

static void check_config_truncated(bench *b)
{
    int32_t total;

    assert_int_equal(descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, 9), 9);
    total = bytes[2] | bytes[3] << 8;
    assert_int_equal(descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, (uint16_t)total),
                     total - 5);
    assert_int_equal(descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, 512), total - 5);
    assert_int_equal(descriptor(b, DFUKIT_DESC_DEVICE, 0, bytes, 18), 18);
}

/* The functional descriptor, which is the last of the configuration. */
static const uint8_t *functional(bench *b)
{
    int32_t n = descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, sizeof bytes);
    size_t size = dfukit_functional_encode(&b->persona->functional, (uint8_t[9]){0});

    assert_true(n > (int32_t)size);
    assert_int_equal(bytes[n - (int32_t)size + 1], DFUKIT_DESC_DFU_FUNCTIONAL);
    return bytes + n - size;
}

static void check_transfer_size_0(bench *b)
{
    assert_int_equal(functional(b)[5] | functional(b)[6] << 8, 0);
}

static void check_transfer_size_ffff(bench *b)
{
    report r = {0};
    uint8_t *block = calloc(1, 0xFFFF);

    assert_non_null(block);
    assert_int_equal(functional(b)[5] | functional(b)[6] << 8, 0xFFFF);
    assert_true(enter_dfu_mode(b, &r));
    /* It goes by it. */
    assert_int_equal(class_out(b, DFUKIT_DNLOAD, 0, block, 0xFFFF), 0xFFFF);
    poll_while(b, &r, DFUKIT_DNLOAD_SYNC, DFUKIT_DNBUSY);
    assert_int_equal(r.status.bState, DFUKIT_DNLOAD_IDLE);
    free(block);
    b->wire.ops->reset(b->wire.self);
}

static void check_functional_length(bench *b)
{
    assert_int_equal(functional(b)[0], 200);
}

static void check_other_ids(bench *b)
{
    dfukit_device_descriptor d = device_descriptor(b);
    report r = {0};

    assert_int_equal(d.idVendor, 0x1209);
    assert_true(enter_dfu_mode(b, &r));
    d = device_descriptor(b);
    assert_int_equal(d.idVendor, 0x0483);
    assert_int_equal(d.idProduct, 0xDF11);
    b->wire.ops->reset(b->wire.self);
    pass(b, 200 * MS);
    configure(b);
}

static void check_escape_strings(bench *b)
{
    report r = {0};
    char text[256];

    assert_true(enter_dfu_mode(b, &r));
    for (uint8_t index = 1; index <= 4; index++) {
        bool commands = false;
        int32_t n = descriptor(b, DFUKIT_DESC_STRING, index, bytes, 255);

        assert_true(n > 2);
        assert_true(dfukit_string_decode(bytes, (size_t)n, text, sizeof text) > 0);
        for (const char *c = text; *c != '\0'; c++)
            commands = commands || *c == '\x1b' || *c == '\xc2';
        assert_true(commands);
        dfukit_text_sanitise(text);
        for (const char *c = text; *c != '\0'; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
    }
}

static void check_poll(bench *b)
{
    static const uint8_t block[64] = {0};
    dfukit_status_reply s;
    report r = {0};

    assert_true(enter_dfu_mode(b, &r));
    assert_int_equal(get_status(b, &s), 6);
    assert_int_equal(s.bwPollTimeout, 0);
    assert_int_equal(class_out(b, DFUKIT_DNLOAD, 0, block, sizeof block), sizeof block);
    assert_int_equal(get_status(b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DNBUSY);
    assert_int_equal(s.bwPollTimeout, 0x123);
    pass(b, 0x123 * MS);
    assert_int_equal(get_status(b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DNLOAD_IDLE);
    assert_int_equal(class_out(b, DFUKIT_DNLOAD, 1, NULL, 0), 0);
    assert_int_equal(get_status(b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_MANIFEST);
    assert_int_equal(s.bwPollTimeout, 0x123);
}

/* clang-format off */
static const struct {
    const char *fault, *persona;
    void (*check)(bench *b);
    bool upgrades; /* a host that has read the descriptors some other way gets through */
} lasting[] = {
    { "short-descriptor",      "micro", check_short_descriptor,   false },
    { "config-truncated",      "micro", check_config_truncated,   true  },
    { "config-truncated",      "dfu10", check_config_truncated,   true  },
    { "transfer-size=0",       "micro", check_transfer_size_0,    true  },
    { "transfer-size=0xffff",  "micro", check_transfer_size_ffff, true  },
    { "functional-length=200", "micro", check_functional_length,  true  },
    { "functional-length=200", "dfu10", check_functional_length,  true  },
    { "other-ids",             "micro", check_other_ids,          true  },
    { "escape-strings",        "micro", check_escape_strings,     true  },
    { "escape-strings",        "tomu",  check_escape_strings,     true  },
    { "poll=0x123",            "micro", check_poll,               false },
};
/* clang-format on */
#define LASTING (sizeof lasting / sizeof lasting[0])

static void test_faults_that_last(void **state)
{
    static uint8_t payload[LENGTH];

    (void)state;
    fill_payload(payload, LENGTH, 3);
    for (size_t i = 0; i < LASTING; i++) {
        report r;
        bench b;

        print_message("%s on %s\n", lasting[i].fault, lasting[i].persona);
        open_with(&b, lasting[i].persona, lasting[i].fault, false);
        lasting[i].check(&b);
        bench_close(&b);
        if (!lasting[i].upgrades)
            continue;
        open_with(&b, lasting[i].persona, lasting[i].fault, false);
        r = upgrade(&b, payload, LENGTH);
        if (r.stage != STAGE_DONE)
            fail_msg("stage %d, result %d", (int)r.stage, r.result);
        lasting[i].check(&b);
        bench_close(&b);
    }
}

/* ---- Names ---- */

static bool names(const char *text, const char *name)
{
    size_t n = strlen(name);

    return strncmp(text, name, n) == 0 && (text[n] == '\0' || text[n] == '=');
}

/* Those that have a letter: misbehaviour_test.c and misbehaviour_time_test.c have them. */
static bool has_letter(size_t n)
{
    char letter[2] = {'a', '\0'};
    dfukit_fault fault;

    for (; letter[0] <= 'p'; letter[0]++) {
        char numbered[4] = {letter[0], '=', '1', '\0'};

        for (; numbered[2] <= '9'; numbered[2]++) {
            if ((dfukit_fault_parse(letter, &fault) == DFUKIT_OK && (size_t)fault.id == n) ||
                (dfukit_fault_parse(numbered, &fault) == DFUKIT_OK && (size_t)fault.id == n))
                return true;
        }
    }
    return false;
}

static void test_every_fault_is_tested(void **state)
{
    const char *name, *text;

    (void)state;
    for (size_t n = 0; dfukit_fault_describe(n, &name, &text); n++) {
        bool found = has_letter(n);

        for (size_t i = 0; i < UPGRADES; i++)
            found = found || names(upgrades[i].fault, name);
        for (size_t i = 0; i < LASTING; i++)
            found = found || names(lasting[i].fault, name);
        if (!found || text[0] == '\0' || strchr(text, '\n') != NULL)
            fail_msg("%s", name);
    }
}

static void test_parsing(void **state)
{
    /* clang-format off */
    static const struct { const char *text; int result; uint32_t argument; } rows[] = {
        { "stall-dnload",              DFUKIT_OK, 0 },
        { "stall-dnload=0",            DFUKIT_OK, 0 },
        { "stall-dnload=17",           DFUKIT_OK, 17 },
        { "stall-dnload=0x1F",         DFUKIT_OK, 31 },
        { "stall-dnload=4294967295",   DFUKIT_OK, 4294967295u },
        { "stall-dnload=4294967296",   DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload=0x100000000",  DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload=99999999999999999999999", DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload=",             DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload=0x",           DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload=-1",           DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload= 1",           DFUKIT_ERR_USAGE, 0 },
        { "stall-dnload=1x",           DFUKIT_ERR_USAGE, 0 },
        { "stall-detach",              DFUKIT_OK, 0 },
        { "stall-detach=1",            DFUKIT_ERR_USAGE, 0 },
        { "transfer-size",             DFUKIT_ERR_USAGE, 0 },
        { "transfer-size=65535",       DFUKIT_OK, 65535 },
        { "transfer-size=65536",       DFUKIT_ERR_USAGE, 0 },
        { "functional-length=255",     DFUKIT_OK, 255 },
        { "functional-length=256",     DFUKIT_ERR_USAGE, 0 },
        { "poll=0xffffff",             DFUKIT_OK, 0xFFFFFF },
        { "poll=0x1000000",            DFUKIT_ERR_USAGE, 0 },
        { "stall",                     DFUKIT_ERR_USAGE, 0 },
        { "stall-dnloads",             DFUKIT_ERR_USAGE, 0 },
        { "",                          DFUKIT_ERR_USAGE, 0 },
        { "=",                         DFUKIT_ERR_USAGE, 0 },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dfukit_fault fault = {-1, 0xEEEE};
        int result = dfukit_fault_parse(rows[i].text, &fault);

        if (result != rows[i].result || (result == DFUKIT_OK && fault.argument != rows[i].argument))
            fail_msg("\"%s\": %d, %u", rows[i].text, result, fault.argument);
        if (result != DFUKIT_OK && fault.id != -1)
            fail_msg("\"%s\": written though refused", rows[i].text);
    }
}

/* Several at once, each for itself. */
static void test_several(void **state)
{
    dfukit_virtual_options options = {.fault_count = 3};
    uint8_t payload[LENGTH];
    report r;
    bench b;

    (void)state;
    fill_payload(payload, LENGTH, 4);
    assert_int_equal(dfukit_fault_parse("error-dnload=1", &options.faults[0]), DFUKIT_OK);
    assert_int_equal(dfukit_fault_parse("error-dnload=2", &options.faults[1]), DFUKIT_OK);
    assert_int_equal(dfukit_fault_parse("stall-detach", &options.faults[2]), DFUKIT_OK);
    bench_open(&b, dfukit_persona_find("micro"), &options);
    r = upgrade(&b, payload, LENGTH);
    assert_int_equal(r.stage, STAGE_DETACH);
    r = upgrade(&b, payload, LENGTH);
    assert_int_equal(r.stage, STAGE_BUSY);
    assert_int_equal(r.block, 1);
    r = upgrade(&b, payload, LENGTH);
    assert_int_equal(r.stage, STAGE_BUSY);
    assert_int_equal(r.block, 2);
    r = upgrade(&b, payload, LENGTH);
    assert_int_equal(r.stage, STAGE_DONE);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_that_end_an_upgrade),
        cmocka_unit_test(test_faults_that_last),
        cmocka_unit_test(test_every_fault_is_tested),
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
