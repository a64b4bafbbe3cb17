/* SPDX-License-Identifier: MIT */
/* Progress: a bar on a terminal, a line for each phase elsewhere, events in JSON. */
#include "view.h"

#include <string.h>

#include "json.h"

#define DRAW_INTERVAL_MS  50u  /* at most 20 drawings a second */
#define EVENT_INTERVAL_MS 100u /* at most 10 JSON events a second */
#define BAR_MOST          40u  /* columns of the bar itself */
#define BAR_LEAST         4u
#define ROOMY             57u /* with fewer columns, rate and remaining time are left out */
#define NAME_WIDTH        15  /* of the longest phase */

// clang-format off
static const char *const about[DFUKIT_PHASE_COUNT] = {
    [DFUKIT_PHASE_ENUMERATION]     = "looking at the device",
    [DFUKIT_PHASE_RECONFIGURATION] = "the device changes into DFU mode",
    [DFUKIT_PHASE_TRANSFER]        = "",
    [DFUKIT_PHASE_MANIFESTATION]   = "the device takes its new firmware in",
    [DFUKIT_PHASE_VERIFICATION]    = "reading back",
    [DFUKIT_PHASE_LEAVING]         = "the device goes back to its firmware",
    [DFUKIT_PHASE_ERASURE]         = "erasing",
};
// clang-format on

void dfukit_cli_view_init(dfukit_cli_view *v, const dfukit_cli_ui *ui, bool silent)
{
    memset(v, 0, sizeof *v);
    v->ui = ui;
    v->silent = silent || (ui->quiet && !ui->json);
}

/* Bytes a second, with the unit that keeps it short; "" while nothing can be said. */
static const char *rate_text(char *buffer, size_t room, uint64_t done, uint64_t elapsed_ms)
{
    buffer[0] = '\0';
    if (elapsed_ms < 200 || done == 0)
        return buffer;
    double rate = (double)done * 1000.0 / (double)elapsed_ms;
    if (rate < 10240.0)
        snprintf(buffer, room, "  %.0f B/s", rate);
    else if (rate < 10240.0 * 1024.0)
        snprintf(buffer, room, "  %.1f KiB/s", rate / 1024.0);
    else
        snprintf(buffer, room, "  %.1f MiB/s", rate / (1024.0 * 1024.0));
    return buffer;
}

static const char *left_text(char *buffer, size_t room, uint64_t done, uint64_t total,
                             uint64_t elapsed_ms)
{
    buffer[0] = '\0';
    if (elapsed_ms < 500 || done == 0 || done >= total)
        return buffer;
    double seconds = (double)elapsed_ms / 1000.0 * (double)(total - done) / (double)done + 0.5;
    unsigned s = seconds < 359999.0 ? (unsigned)seconds : 359999u;
    if (s >= 3600)
        snprintf(buffer, room, "  %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(buffer, room, "  %u:%02u left", s / 60, s % 60);
    return buffer;
}

/* The bar itself, in front of the numbers; nothing when there is no room for one. */
static void bar_text(char bar[BAR_MOST + 3], size_t room, unsigned percent)
{
    size_t columns = room > 2 ? room - 2 : 0;
    bar[0] = '\0';
    if (columns < BAR_LEAST)
        return;
    if (columns > BAR_MOST)
        columns = BAR_MOST;
    size_t full = columns * percent / 100;
    bar[0] = '[';
    memset(bar + 1, '#', full);
    memset(bar + 1 + full, '-', columns - full);
    memcpy(bar + 1 + columns, "]", 2);
}

/* The longest of the texts that fits; a wrapped line could not be drawn over, and half a number
   would be another number. */
static const char *fitting(size_t width, const char *const *texts)
{
    while (strlen(*texts) > width)
        texts++;
    return *texts;
}

const char *dfukit_cli_bar(char buffer[DFUKIT_CLI_BAR_SIZE], size_t width, uint64_t done,
                           uint64_t total, uint64_t elapsed_ms)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE], rate[32], left[32], share[16], bar[BAR_MOST + 3];
    char counted[80], rated[160];
    unsigned percent = total == 0 ? 0 : (unsigned)((double)done * 100.0 / (double)total);
    if (percent > 100)
        percent = 100;
    rate_text(rate, sizeof rate, done, elapsed_ms);
    left_text(left, sizeof left, done, total, elapsed_ms);
    dfukit_cli_bytes(done, bytes);
    if (total == 0) {
        snprintf(rated, sizeof rated, "%s%s", bytes, rate);
        const char *texts[] = {rated, bytes, ""};
        snprintf(buffer, DFUKIT_CLI_BAR_SIZE, "%s", fitting(width, texts));
        return buffer;
    }
    snprintf(share, sizeof share, " %3u%%", percent);
    snprintf(counted, sizeof counted, "%s  %s", share, bytes);
    snprintf(rated, sizeof rated, "%s%s%s", counted, rate, left);
    bool roomy = width >= ROOMY && strlen(rated) + BAR_LEAST + 2 <= width;
    const char *texts[] = {roomy ? rated : counted, share, ""};
    const char *numbers = fitting(width, texts);
    bar_text(bar, width - strlen(numbers), percent);
    snprintf(buffer, DFUKIT_CLI_BAR_SIZE, "%s%s", bar, numbers);
    return buffer;
}

/* Cut a text at a space, so that it fits. */
static void cut(char *text, size_t width)
{
    if (strlen(text) <= width)
        return;
    while (width > 0 && text[width] != ' ')
        width--;
    text[width] = '\0';
}

static void draw(dfukit_cli_view *v, uint64_t now_ms)
{
    const dfukit_cli_ui *ui = v->ui;
    char bar[DFUKIT_CLI_BAR_SIZE];
    size_t width = dfukit_cli_terminal_width(ui);
    width = width > NAME_WIDTH + 3 ? width - NAME_WIDTH - 3 : 0; /* never the last column */
    if (v->now.total != 0 || v->now.done != 0)
        dfukit_cli_bar(bar, width, v->now.done, v->now.total, now_ms - v->phase_begun_ms);
    else
        cut(strcpy(bar, about[v->now.phase]), width);
    fputs("\r\033[K", ui->err);
    dfukit_cli_put(ui, ui->err, DFUKIT_CLI_BOLD, "%-*s", bar[0] != '\0' ? NAME_WIDTH + 2 : 0,
                   dfukit_phase_name(v->now.phase));
    dfukit_cli_put(ui, ui->err, DFUKIT_CLI_PLAIN, "%s", bar);
    fflush(ui->err);
    v->drawn_ms = now_ms;
    v->line_open = true;
}

static void event(dfukit_cli_view *v, const char *name)
{
    dfukit_cli_json j = {.to = v->ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "event", name);
    dfukit_cli_json_text(&j, "phase", dfukit_phase_name(v->now.phase));
    if (strcmp(name, "progress") == 0) {
        dfukit_cli_json_number(&j, "done", v->now.done);
        if (v->now.total != 0)
            dfukit_cli_json_number(&j, "total", v->now.total);
        else
            dfukit_cli_json_null(&j, "total");
        v->told_done = v->now.done;
    }
    dfukit_cli_json_end(&j);
}

static void plain_line(const dfukit_cli_view *v)
{
    char grouped[DFUKIT_CLI_GROUP_SIZE];
    const char *name = dfukit_phase_name(v->now.phase), *text = about[v->now.phase];
    if (v->now.total != 0)
        dfukit_cli_say(v->ui, "%s: %s%s%s", name, text, *text != '\0' ? " " : "",
                       dfukit_cli_bytes(v->now.total, grouped));
    else if (*text != '\0')
        dfukit_cli_say(v->ui, "%s: %s", name, text);
    else
        dfukit_cli_say(v->ui, "%s", name);
}

/* What is still to be said of the phase that ends. */
static void end_phase(dfukit_cli_view *v)
{
    if (!v->begun)
        return;
    if (v->ui->json) {
        if (v->now.done != v->told_done)
            event(v, "progress");
    } else if (v->line_open) {
        draw(v, dfukit_cli_now_ms());
        putc('\n', v->ui->err);
    }
    v->line_open = false;
}

static void begin_phase(dfukit_cli_view *v, dfukit_progress p, uint64_t now_ms)
{
    end_phase(v);
    v->begun = true;
    v->now = p;
    v->phase_begun_ms = v->drawn_ms = now_ms;
    v->told_done = 0;
    if (v->ui->json)
        event(v, "phase");
    else if (v->ui->err_terminal)
        draw(v, now_ms);
    else
        plain_line(v);
}

void dfukit_cli_view_show(dfukit_cli_view *v, dfukit_progress p)
{
    if (v->silent || (unsigned)p.phase >= DFUKIT_PHASE_COUNT)
        return;
    uint64_t now_ms = dfukit_cli_now_ms();
    if (!v->begun || p.phase != v->now.phase) {
        begin_phase(v, p, now_ms);
        return;
    }
    bool moved = p.done != v->now.done || p.total != v->now.total;
    v->now = p;
    if (v->ui->json) {
        if (moved && now_ms - v->drawn_ms >= EVENT_INTERVAL_MS) {
            event(v, "progress");
            v->drawn_ms = now_ms;
        }
    } else if (v->ui->err_terminal && now_ms - v->drawn_ms >= DRAW_INTERVAL_MS) {
        draw(v, now_ms);
    }
}

void dfukit_cli_view_end(dfukit_cli_view *v)
{
    if (!v->silent)
        end_phase(v);
    v->begun = false;
}
