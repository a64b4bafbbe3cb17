/* SPDX-License-Identifier: MIT */
/**
 * Prints docs/STATES.md: the diagram and the table from dfukit_transitions as it is compiled into
 * the engine, the events from the transcription that the engine is held against, and what deviates.
 * A test compares the file with this.
 */
#include <stdio.h>
#include <string.h>

#include "table/deviations.h"

/* ---- Words ---- */

static const char *const inputs[DFUKIT_INPUT_COUNT] = {"DETACH",   "DNLOAD",    "empty DNLOAD",
                                                       "UPLOAD",   "GETSTATUS", "CLRSTATUS",
                                                       "GETSTATE", "ABORT",     "other"};
static const char *const events[ANNEX_A_EVENTS] = {
    "bus reset",           "power-on",           "detach timer",  "poll timeout",
    "flash work done",     "flash work failed",  "SET_INTERFACE", "SET_INTERFACE, no such setting",
    "SET_CONFIGURATION 0", "SET_CONFIGURATION 1"};
static const char *const attributes[4] = {"CanDnload", "CanUpload", "ManifestationTolerant",
                                          "WillDetach"};
static const char *const facts[6][2] = {{"used", "not used"},
                                        {"configured", "not configured"},
                                        {"firmware good", "firmware corrupt"},
                                        {"work left", "no work left"},
                                        {"configured before", "never configured"},
                                        {"other setting", "setting 0"}};

/* An action that has two outcomes: the one of the cell, and this one. */
static const struct {
    const char *when; /**< the cell's */
    const char *or_when;
    int other; /**< -1: there is none */
} outcomes[DFUKIT_DO_LENIENT + 1] = {
    [DFUKIT_DO_STALL_ERROR] = {"", "", -1},
    [DFUKIT_DO_STALL] = {"", "", -1},
    [DFUKIT_DO_ACCEPT] = {"", "", -1},
    [DFUKIT_DO_DETACH] = {"", "", -1},
    [DFUKIT_DO_DNLOAD] = {"", "", -1},
    [DFUKIT_DO_DNLOAD_END] = {"", "", -1},
    [DFUKIT_DO_UPLOAD] = {"full", "short", DFUKIT_DFU_IDLE},
    [DFUKIT_DO_SYNC_DNLOAD] = {"done", "not done", DFUKIT_DNBUSY},
    [DFUKIT_DO_SYNC_MANIFEST] = {"done, tolerant", "else", DFUKIT_MANIFEST},
    [DFUKIT_DO_LENIENT] = {"lenient", "", -1},
};

/* ---- The diagram ---- */

typedef struct labels {
    char text[160];
    bool lenient, solid;
} labels;

static void label(labels *l, const char *input, const char *when)
{
    size_t n = strlen(l->text);

    snprintf(l->text + n, sizeof l->text - n, "%s%s%s%s", n != 0 ? "<br/>" : "", input,
             when[0] != '\0' ? ", " : "", when);
}

/* All requests that lead from one state to another. */
static void requests_between(unsigned from, unsigned to, labels *l)
{
    memset(l, 0, sizeof *l);
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
        uint8_t cell = dfukit_transitions[from][input];
        dfukit_action action = dfukit_cell_action(cell);

        if (action == DFUKIT_DO_STALL_ERROR || action == DFUKIT_DO_STALL)
            continue;
        if (dfukit_cell_state(cell) == to && (from != to || action == DFUKIT_DO_UPLOAD))
            label(l, inputs[input], outcomes[action].when);
        if (outcomes[action].other == (int)to && from != to)
            label(l, inputs[input], outcomes[action].or_when);
    }
}

static void print_node(unsigned state)
{
    printf("    s%u[\"%u %s\"]\n", state, state, dfukit_state_name(state));
}

/* Events that one state alone knows: those that do the same in all dfu states are below. */
static void print_event_edges(void)
{
    for (size_t i = 0; i < ANNEX_A_EVENT_ROWS; i++) {
        const annex_a_row *row = &annex_a_events[i];
        bool timed = row->cause == ANNEX_A_DETACH_TIMER || row->cause == ANNEX_A_POLL_TIMEOUT;
        bool attached = row->cause == ANNEX_A_BUS_RESET && row->state < DFUKIT_DFU_IDLE;

        if (row->next == row->state || !(timed || attached) ||
            (row->next == DFUKIT_MANIFEST_WAIT_RESET && row->also == ANNEX_A_LEAVES_BUS))
            continue;
        printf("  s%u -.->|%s%s| s%u\n", row->state, events[row->cause],
               row->state != DFUKIT_MANIFEST                     ? ""
               : (row->set & DFUKIT_MANIFESTATION_TOLERANT) != 0 ? ", tolerant"
                                                                 : ", not tolerant",
               row->next);
    }
    printf("  dfu -.->|bus reset| s0\n");
}

static void print_diagram(void)
{
    labels l;

    printf("```mermaid\nflowchart TD\n  subgraph app [run-time]\n");
    print_node(DFUKIT_APP_IDLE);
    print_node(DFUKIT_APP_DETACH);
    printf("  end\n  subgraph dfu [DFU mode]\n");
    for (unsigned state = DFUKIT_DFU_IDLE; state < DFUKIT_STATE_COUNT; state++)
        print_node(state);
    printf("  end\n");
    for (unsigned from = 0; from < DFUKIT_STATE_COUNT; from++) {
        for (unsigned to = 0; to < DFUKIT_STATE_COUNT; to++) {
            requests_between(from, to, &l);
            if (l.text[0] != '\0')
                printf("  s%u -->|\"%s\"| s%u\n", from, l.text, to);
        }
    }
    print_event_edges();
    printf("```\n");
}

/* ---- The table ---- */

static void print_cell(unsigned state, uint8_t cell)
{
    dfukit_action action = dfukit_cell_action(cell);
    unsigned next = dfukit_cell_state(cell);
    char to[16];

    if (next == state)
        snprintf(to, sizeof to, "=");
    else
        snprintf(to, sizeof to, "→ %u", next);
    if (action == DFUKIT_DO_STALL_ERROR)
        printf(" S |");
    else if (action == DFUKIT_DO_STALL)
        printf(" stall %s |", to);
    else if (action == DFUKIT_DO_LENIENT)
        printf(" S; lenient %s |", to);
    else if (action == DFUKIT_DO_DNLOAD_END)
        printf(" complete %s, else S* |", to);
    else if (action == DFUKIT_DO_DETACH)
        printf(" %s, timer |", to);
    else if (outcomes[action].other >= 0)
        printf(" %s %s, %s → %d |", outcomes[action].when, to, outcomes[action].or_when,
               outcomes[action].other);
    else
        printf(" %s |", to);
}

static void print_table(void)
{
    printf("| state |");
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++)
        printf(" %s |", inputs[input]);
    printf("\n|");
    for (unsigned input = 0; input <= DFUKIT_INPUT_COUNT; input++)
        printf(" --- |");
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        printf("\n| %u %s |", state, dfukit_state_name(state));
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++)
            print_cell(state, dfukit_transitions[state][input]);
    }
    printf("\n");
}

static void print_lenient(void)
{
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
            uint8_t cell = dfukit_transitions[state][input];

            if (dfukit_cell_action(cell) == DFUKIT_DO_LENIENT)
                printf("- %s in %s: strict S, lenient %s %s.\n", inputs[input],
                       dfukit_state_name(state),
                       dfukit_cell_state(cell) == state ? "answered, still" : "taken, to",
                       dfukit_state_name(dfukit_cell_state(cell)));
        }
    }
}

/* ---- Events ---- */

typedef struct line {
    char text[1200];
    size_t n;
} line;

static void add(line *l, const char *before, const char *word)
{
    l->n += (size_t)snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s", before, word);
}

static void add_conditions(line *l, const annex_a_row *row)
{
    size_t start = l->n;

    if (row->handling != ANNEX_A_BOTH)
        add(l, "", row->handling == ANNEX_A_STRICT ? "strict" : "lenient");
    for (unsigned i = 0; i < 4; i++) {
        if ((row->set >> i & 1u) != 0)
            add(l, l->n > start ? ", " : "", attributes[i]);
        if ((row->clear >> i & 1u) != 0)
            add(l, l->n > start ? ", not " : "not ", attributes[i]);
    }
    for (unsigned i = 0; i < 6; i++) {
        if (((row->yes | row->no) >> i & 1u) != 0)
            add(l, l->n > start ? ", " : "", facts[i][row->no >> i & 1u]);
    }
    if (l->n > start)
        add(l, "", ": ");
}

/* One sentence of what a state does on an event. */
static void describe(line *l, unsigned state, unsigned event)
{
    static const char *const statuses[] = {
        "", "", " with OK", "", " errNOTDONE", " with errFIRMWARE", " with its bStatus"};
    char to[64];

    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < ANNEX_A_EVENT_ROWS; i++) {
        const annex_a_row *row = &annex_a_events[i];

        if (row->state != state || row->cause != event)
            continue;
        add(l, l->n > 0 ? "<br>" : "", "");
        add_conditions(l, row);
        if (row->reaction == ANNEX_A_STALL || row->reaction == ANNEX_A_NO_REPLY)
            add(l, "", "stall, ");
        if (row->next == state && row->status <= ANNEX_A_UNCHANGED)
            snprintf(to, sizeof to, "stays");
        else
            snprintf(to, sizeof to, "%s%s", dfukit_state_name(row->next), statuses[row->status]);
        add(l, "", to);
        if (row->also == ANNEX_A_LEAVES_BUS)
            add(l, "", " and leaves the bus");
    }
}

/* The states that do the same are told of together. */
static void print_event(unsigned event)
{
    static line lines[DFUKIT_STATE_COUNT];
    bool told[DFUKIT_STATE_COUNT] = {false};

    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++)
        describe(&lines[state], state, event);
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        if (told[state])
            continue;
        printf("| %s | %u", events[event], state);
        for (unsigned i = state + 1; i < DFUKIT_STATE_COUNT; i++) {
            if (strcmp(lines[i].text, lines[state].text) == 0) {
                told[i] = true;
                printf(", %u", i);
            }
        }
        printf(" | %s |\n", lines[state].text);
    }
}

/* ---- Deviations ---- */

static void print_deviations(bool pending)
{
    for (size_t i = 0; i < DEVIATIONS; i++) {
        const deviation *d = &deviations[i];
        const char *comma = "";

        if (d->pending != pending)
            continue;
        printf("- %s%s in ", d->handling == ANNEX_A_LENIENT ? "lenient, " : "",
               d->event                    ? events[d->cause]
               : d->cause == ANNEX_A_ABORT ? "ABORT"
                                           : "a request");
        for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
            if ((d->states >> state & 1u) != 0) {
                printf("%s%u", comma, state);
                comma = ", ";
            }
        }
        printf(" (%u combinations): %s.\n", d->count[0], d->reason);
    }
}

static bool any_pending(void)
{
    for (size_t i = 0; i < DEVIATIONS; i++) {
        if (deviations[i].pending)
            return true;
    }
    return false;
}

int main(void)
{
    printf(
        "# States\n\n"
        "Generated by `tools/states.c` from the table in `src/protocol/transitions.c` as "
        "it is compiled, and\nfrom the transcription `tests/table/annex_a.h`, which the engine is "
        "held against cell by cell. Not to be\nedited: a test prints it again and compares. "
        "States and tables are those of DFU 1.1 Annex A.2.\n\n"
        "## The diagram\n\n"
        "Solid: requests; dotted: events. Left out: what is refused (S in the table below: stall, "
        "dfuERROR), failed\nflash work (to dfuERROR from 3, 4, 6 and 7), and questions that "
        "change nothing.\n\n");
    print_diagram();
    printf(
        "\n## The table\n\n"
        "`→ 3`: taken or answered, then state 3. `=`: the state is kept. `S`: stall, and dfuERROR "
        "with errSTALLEDPKT;\nin dfuERROR the first cause stands. `S*`: the same with errNOTDONE. "
        "`stall = 8`: a stall, and nothing changes.\nDNLOAD without bitCanDnload, UPLOAD without "
        "bitCanUpload or of length 0: S. \"other\": a DFU request of the\nwrong direction, or one "
        "that does not exist. The next state is the one after the data stage.\n\n");
    print_table();
    printf(
        "\n## Strict and lenient\n\n"
        "`strict` in `dfukit_dfu_config` takes the table to the letter; lenient is what hosts in "
        "the field need:\n\n");
    print_lenient();
    printf(
        "- A bus reset in dfuIDLE and dfuERROR counts once the device was configured in this mode "
        "(strict), or has\n  answered a class request (lenient): hosts reset a device more than "
        "once while they enumerate it.\n\n"
        "## Events\n\n| event | state | what happens |\n| --- | --- | --- |\n");
    for (unsigned event = 0; event < ANNEX_A_EVENTS; event++)
        print_event(event);
    printf(
        "\nA change between run-time and DFU mode goes by way of leaving the bus. A class request "
        "to a device that is\nnot configured stalls and changes nothing.\n\n"
        "## Where the engine deviates\n\nFrom the transcription, on purpose (D4 and the like are "
        "the doubts told of in `annex_a.h`):\n\n");
    print_deviations(false);
    if (any_pending())
        printf("\nUntil the engine is changed:\n\n");
    print_deviations(true);
    return 0;
}
