/* SPDX-License-Identifier: MIT */
/*
 * T21: the power goes. At every operation of the flash (before it, in the midst of it, with garbage
 * left behind), and between any two events of the bus; and then the host, which knows nothing of
 * it, goes on with its dialogue at any place. The device that comes up again must say that it has
 * no firmware unless it has a whole one, must bear with that host, and must take a whole upgrade.
 */
#include "check.h"

#define DIALOGUE 160u

/* A download as a host sends it, written down as events. */
static size_t write_dialogue(victim_event *events)
{
    static const dfukit_setup get_status = {0xA1, DFUKIT_GETSTATUS, 0, 0, 6};
    size_t n = 0;

    for (unsigned block = 0; block < 4; block++) {
        uint16_t length = block < 3 ? VICTIM_TRANSFER : 0;

        events[n++] = (victim_event){.op = VICTIM_SETUP,
                                     .setup = {0x21, DFUKIT_DNLOAD, (uint16_t)block, 0, length}};
        for (unsigned at = 0; at < length; at += 64)
            events[n++] = (victim_event){.op = VICTIM_OUT, .n = 64, .given = 1};
        events[n++] = (victim_event){.op = VICTIM_IN};
        for (unsigned round = 0; round < 3; round++) {
            events[n++] = (victim_event){.op = VICTIM_SETUP, .setup = get_status};
            events[n++] = (victim_event){.op = VICTIM_IN};
            events[n++] = (victim_event){.op = VICTIM_OUT};
            events[n++] = (victim_event){.op = VICTIM_POLL, .ms = 25};
        }
    }
    return n;
}

/* After power-on: what it says of its firmware is the truth. */
static void check_truth(victim *v)
{
    bool whole = v->t.manifested;

    if (v->dfu->state != (whole ? DFUKIT_APP_IDLE : DFUKIT_DFU_ERROR) ||
        v->dfu->status != (whole ? DFUKIT_STATUS_OK : DFUKIT_STATUS_FIRMWARE))
        victim_fault(v, "came up in state %u with %s firmware", v->dfu->state,
                     whole ? "whole" : "broken");
}

static void come_back(victim *v, const victim_event *events, size_t from, size_t to)
{
    v->cut_at = 0;
    victim_power_on(v);
    check_truth(v);
    hostile_cases++;
    for (size_t i = from; i < to; i++) /* not even SET_CONFIGURATION */
        victim_do(v, &events[i]);
    if (from % 2 == 0) {
        victim_do(v, &(victim_event){.op = VICTIM_ATTACH, .n = 1});
        victim_command(v, 0, DFUKIT_USB_SET_CONFIGURATION, 1, 0);
        for (size_t i = from; i < to; i++)
            victim_do(v, &events[i]);
    }
    victim_upgrade(v);
    victim_check_flash(v);
}

static victim *begin(const char *what)
{
    victim *v = hostile_new(VICTIM_PACKET_64 | VICTIM_SLOT | VICTIM_CORRUPT, VICTIM_USUAL);

    v->what = what;
    victim_upgrade(v); /* there is firmware */
    victim_lead(v, DFUKIT_DFU_IDLE);
    v->flash->operations = 0;
    v->t.flash_ms = 20;
    return v;
}

static void t21_power_goes_during_an_operation(void **state)
{
    victim_event events[DIALOGUE];
    size_t count = write_dialogue(events);
    unsigned cuts = 0;
    bool cut = true;

    (void)state;
    for (unsigned at = 1; cut; at++) {
        for (unsigned how = 0; how < 3; how++) {
            victim *v = begin("t21, in an operation");
            victim_snapshot *dark;
            size_t i;

            v->cut_at = at;
            v->cut_how = how;
            for (i = 0; i < count && !v->t.off; i++)
                victim_do(v, &events[i]);
            cut = v->t.off;
            dark = victim_keep(v);
            for (size_t from = i; cut && from < count; from++) {
                come_back(v, events, from, count);
                victim_restore(v, dark);
            }
            cuts += cut;
            victim_forget(dark);
            victim_free(v);
        }
    }
    printf("power was cut in %u ways\n", cuts);
    assert_true(cuts >= 3 * 6);
}

static void t21_power_goes_between_events(void **state)
{
    victim_event events[DIALOGUE];
    size_t count = write_dialogue(events);

    (void)state;
    for (size_t at = 0; at <= count; at++) {
        victim *v = begin("t21, between events");
        victim_snapshot *dark;

        for (size_t i = 0; i < at; i++)
            victim_do(v, &events[i]);
        dark = victim_keep(v);
        for (size_t from = at; from <= count; from += 3) {
            come_back(v, events, from, count);
            victim_restore(v, dark);
        }
        victim_forget(dark);
        victim_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t21_power_goes_during_an_operation),
        cmocka_unit_test(t21_power_goes_between_events),
    };

    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
