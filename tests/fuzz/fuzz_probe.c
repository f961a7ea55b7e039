/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes at the gate of a listener that demands signatures, and as the answer to a
 * question. Each input is also sealed behind its own first part, as a probe is, for no fuzzer finds
 * a signature. Aborts where something that is no question is answered, the verdict and the count do
 * not agree, or an answer that is taken would put a control character on a terminal.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectd-plugin/auth.h"
#include "collectd-plugin/gate.h"
#include "tests/fuzz/fuzz.h"

enum { SIZE_MAX_ = 2048 };

static const struct cdp_credentials odbc = {"odbc", "correct horse"};

static void require(bool promise)
{
    if (!promise)
        abort();
}

static struct plug_auth *load_auth(void)
{
    static const char text[] = "odbc: the next one\nodbc: correct horse\n";
    char path[] = "/tmp/fuzz_probe.XXXXXX", error[512];
    int fd = mkstemp(path);
    struct plug_auth *auth;

    require(fd >= 0 && write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1);
    (void)close(fd);
    auth = plug_auth_new(path, error, sizeof(error));
    (void)unlink(path);
    require(auth != NULL && cdp_seal_init());
    return auth;
}

static void read_answer(const uint8_t *bytes, size_t size, const uint8_t *nonce)
{
    struct cdp_probe_answer answer;

    if (!cdp_probe_read(bytes, size, nonce, &answer))
        return;
    require(size == CDP_PROBE_BYTES && memcmp(bytes + 8, nonce, CDP_PROBE_NONCE_BYTES) == 0);
    require(strnlen(answer.version, sizeof(answer.version)) < sizeof(answer.version));
    for (const char *at = answer.version; *at != '\0'; at++)
        require(*at >= ' ' && *at <= '~');
}

/* `bytes` may be read to its end and not beyond. `is_signed`: the part behind the first is. */
static void pass(const uint8_t *bytes, size_t size, bool is_signed)
{
    static struct plug_socket s = {.level = CDP_SECURITY_SIGN};
    struct plug_gate gate = {0};
    struct plug_opened out;
    uint8_t *scratch = malloc(size > 0 ? size : 1);
    struct cdp_probe_answer answer;

    if (s.auth == NULL)
        s.auth = load_auth();
    require(scratch != NULL);
    plug_gate_open(&gate, &s, bytes, size, scratch, 1, &out);
    require((unsigned)out.counted < PLUG_COUNTERS);
    if (out.is_answered) {
        require(cdp_probe_is_question(bytes, size) && size > CDP_PROBE_BYTES);
        require(cdp_probe_read(out.answer, sizeof(out.answer), bytes + 8, &answer));
        require(!cdp_probe_is_question(out.answer, sizeof(out.answer)));
        require(answer.demanded == CDP_SECURITY_SIGN && out.counted != PLUG_COUNT_RECEIVED);
        require(answer.verdict == CDP_PROBE_WELCOME ? out.counted == PLUG_COUNT_PROBES
                                                    : out.counted != PLUG_COUNT_PROBES);
        if (is_signed)
            require(answer.verdict == CDP_PROBE_WELCOME);
    } else {
        require(!is_signed && out.counted != PLUG_COUNT_PROBES);
    }
    free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t question[CDP_PROBE_QUESTION_MAX], *exact;
    uint8_t nonce[CDP_PROBE_NONCE_BYTES] = {0};
    size_t n;

    if (size > SIZE_MAX_)
        return 0;
    pass(data, size, false);
    read_answer(data, size, nonce);
    if (size >= 8 + sizeof(nonce)) {
        read_answer(data, size, data + 8);
        memcpy(nonce, data + 8, sizeof(nonce));
    }
    n = cdp_probe_ask(size % 2 == 0 ? CDP_SECURITY_SIGN : CDP_SECURITY_ENCRYPT, &odbc, nonce,
                      question, sizeof(question));
    exact = malloc(n);
    require(n > 0 && exact != NULL);
    memcpy(exact, question, n);
    pass(exact, n, true);
    free(exact);
    return 0;
}
