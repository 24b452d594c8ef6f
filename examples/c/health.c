/* Says every second how the routing table is: health [SOCKET [TIMES]] */
#include "guard.h"

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "/run/routeguard/routeguard.sock";
    static char answer[1 << 20];
    int status = 0;

    for (long left = argc > 2 ? atol(argv[2]) : -1; left != 0; left--) {
        char verdict[32] = "no daemon";
        /* 200: guarded, or nothing to guard. 503: something is wrong, and the body says what. */
        status = ask(path, "GET", "/health", "", answer, sizeof answer);
        const char *found = strstr(answer, "\"verdict\"");
        if (found) sscanf(found, "\"verdict\" : \"%31[a-z]", verdict);
        printf("%d %s\n", status, verdict);
        fflush(stdout);
        if (left != 1) sleep(1);
    }
    return status == 200 ? 0 : 1;
}
