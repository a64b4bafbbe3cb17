/* SPDX-License-Identifier: MIT */
/* Text of devices: string descriptors are UTF-16LE (USB 2.0 §9.6.7), ours is UTF-8; neither can be
 * trusted to be well-formed. */
#include "dfukit/protocol.h"

#include "bytes.h"

#define REPLACEMENT 0xFFFDu /* U+FFFD REPLACEMENT CHARACTER */

/*
 * The next code point of UTF-8 text that a NUL closes. Over-long forms, surrogates and values above
 * U+10FFFF are malformed. No byte behind the NUL is looked at, since a NUL continues nothing.
 * @return bytes taken, or 0 when the first byte begins no well-formed character.
 */
static size_t utf8_next(const uint8_t *s, uint32_t *point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    uint32_t value = s[0];

    if (n == 0 || s[0] >= 0xF8)
        return 0;
    if (n > 1)
        value &= 0x7Fu >> n;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0u) != 0x80)
            return 0;
        value = (value << 6) | (s[i] & 0x3Fu);
    }
    if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0;
    *point = value;
    return n;
}

/* @return bytes written to `out`, 1 to 4. */
static size_t utf8_put(uint32_t point, uint8_t out[4])
{
    size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80u | (point & 0x3Fu));
        point >>= 6;
    }
    out[0] = (uint8_t)(n == 1 ? point : (0xF00u >> n) | point);
    return n;
}

size_t dfukit_string_encode(const char *utf8, uint8_t *bytes, size_t room)
{
    const uint8_t *s = (const uint8_t *)utf8;
    size_t n = 2;

    if (room > 254) /* bLength is one byte, and even */
        room = 254;
    if (room < 2)
        return 0;
    while (*s != 0) {
        uint32_t point = REPLACEMENT;
        size_t taken = utf8_next(s, &point);
        size_t size = point < 0x10000 ? 2 : 4;

        if (n + size > room)
            break;
        if (size == 4) {
            put16(bytes + n, (uint16_t)(0xD800u + ((point - 0x10000u) >> 10)));
            put16(bytes + n + 2, (uint16_t)(0xDC00u + (point & 0x3FFu)));
        } else {
            put16(bytes + n, (uint16_t)point);
        }
        n += size;
        s += taken != 0 ? taken : 1;
    }
    bytes[0] = (uint8_t)n;
    bytes[1] = DFUKIT_DESC_STRING;
    return n;
}

/* The code point at *at, which is below `n`; moves *at on. */
static uint32_t utf16_next(const uint8_t *bytes, size_t n, size_t *at)
{
    uint32_t unit = get16(bytes + *at);
    uint32_t low;

    *at += 2;
    if (unit < 0xD800 || unit >= 0xE000)
        return unit;
    if (unit >= 0xDC00 || n - *at < 2)
        return REPLACEMENT;
    low = get16(bytes + *at);
    if (low < 0xDC00 || low >= 0xE000)
        return REPLACEMENT;
    *at += 2;
    return 0x10000u + ((unit - 0xD800u) << 10) + (low - 0xDC00u);
}

/* U+0000 ends the text: some devices pad their strings with it. */
int dfukit_string_decode(const uint8_t *bytes, size_t n, char *text, size_t room)
{
    size_t used = 0;
    size_t at = 2;

    if (room == 0)
        return DFUKIT_ERR_SHORT;
    text[0] = '\0';
    if (n < 2)
        return DFUKIT_ERR_SHORT;
    if (bytes[0] < 2 || bytes[1] != DFUKIT_DESC_STRING)
        return DFUKIT_ERR_FORMAT;
    if (n > bytes[0])
        n = bytes[0];
    n &= ~(size_t)1;
    while (at < n) {
        uint8_t character[4];
        uint32_t point = utf16_next(bytes, n, &at);
        size_t size = utf8_put(point, character);

        if (point == 0 || size >= room - used)
            break;
        for (size_t i = 0; i < size; i++)
            text[used++] = (char)character[i];
    }
    text[used] = '\0';
    return (int)used;
}

/* Does every character look like ASCII in UTF-16? */
static bool is_wide(const uint8_t *bytes, size_t n)
{
    if (n < 4 || n % 2 != 0)
        return false;
    for (size_t at = 3; at < n; at += 2) {
        if (bytes[at] != 0)
            return false;
    }
    return true;
}

int dfukit_string_decode_bytes(const uint8_t *bytes, size_t n, char *text, size_t room)
{
    size_t used = 0;

    if (n >= 2 && bytes[0] >= 2 && n > bytes[0])
        n = bytes[0];
    if (room == 0 || n < 2 || bytes[0] < 2 || bytes[1] != DFUKIT_DESC_STRING || is_wide(bytes, n))
        return dfukit_string_decode(bytes, n, text, room);
    while (used + 2 < n && used + 1 < room && bytes[used + 2] != 0) {
        text[used] = (char)bytes[used + 2];
        used++;
    }
    text[used] = '\0';
    return (int)used;
}

/* Controls of terminals, and the embeddings, overrides and isolates of bidirectional text, which
 * make a line read differently from what it is. */
static bool commands_terminal(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

void dfukit_text_sanitise(char *text)
{
    uint8_t *s = (uint8_t *)text;

    while (*s != 0) {
        uint32_t point = 0;
        size_t n = utf8_next(s, &point);
        bool bad = n == 0 || commands_terminal(point);

        for (n = n != 0 ? n : 1; n > 0; n--, s++) {
            if (bad)
                *s = '?';
        }
    }
}
