#include "base/crash.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t crash_once = PTHREAD_ONCE_INIT;
static const char *crash_place; /* NULL: never */
static size_t crash_place_len;
static atomic_long crash_left;

static void
crash_read(void)
{
    const char *wanted = getenv("QIANSHAO_CRASH_AT");

    if (wanted == NULL || wanted[0] == '\0')
        return;
    crash_place_len = strcspn(wanted, ":");
    atomic_store(&crash_left, wanted[crash_place_len] == ':'
                                  ? strtol(wanted + crash_place_len + 1, NULL, 10)
                                  : 1);
    crash_place = wanted;
}

void
crash_here(const char *place)
{
    (void)pthread_once(&crash_once, crash_read);
    if (crash_place == NULL || strlen(place) != crash_place_len ||
        strncmp(place, crash_place, crash_place_len) != 0)
        return;
    if (atomic_fetch_sub(&crash_left, 1) == 1)
        (void)raise(SIGKILL);
}
