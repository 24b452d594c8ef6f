/* A session around a VPN's run, as root or in the group routeguard: session [SOCKET] */
#include "guard.h"

static char answer[1 << 20];

static void expect(int status, int wanted)
{
    if (status == wanted) return;
    fprintf(stderr, "%s\n", status ? answer : "Cannot reach the daemon.");
    exit(1);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "/run/routeguard/routeguard.sock";
    char body[128], id[65] = "", target[128];

    /* Before the VPN touches anything. When this process dies, the daemon puts the table back. */
    snprintf(body, sizeof body, "{\"label\":\"example\",\"ownerPid\":%ld}", (long)getpid());
    expect(ask(path, "POST", "/v1/sessions", body, answer, sizeof answer), 201);
    const char *found = strstr(answer, "\"id\"");
    if (!found || sscanf(found, "\"id\" : \"%64[a-z0-9-]", id) != 1) return 1;
    printf("begun %s\n", id);

    /* Here the VPN makes its tunnel and its routes, and then says so. */
    snprintf(target, sizeof target, "/v1/sessions/%s/up", id);
    expect(ask(path, "POST", target, "{}", answer, sizeof answer), 200);
    printf("up\n");

    /* Here it runs; then it takes its routes away, and says that too. */
    snprintf(target, sizeof target, "/v1/sessions/%s", id);
    expect(ask(path, "DELETE", target, "", answer, sizeof answer), 200);
    printf("ended\n");
    return 0;
}
