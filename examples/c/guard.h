/* One question to the RouteGuard daemon. HTTP/1.0: the answer comes unchunked and ends with the connection. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Answers the HTTP status, or 0 when there is no daemon or no answer within 2 s of silence. */
static int ask(const char *path, const char *method, const char *target, const char *body, char *answer, size_t size)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct timeval silence = {.tv_sec = 2};
    char request[1024];
    size_t used = 0;
    ssize_t got;
    int status = 0, fd = socket(AF_UNIX, SOCK_STREAM, 0);

    signal(SIGPIPE, SIG_IGN);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    int length = snprintf(request, sizeof request,
        "%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", method, target, strlen(body), body);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    if (length < (int)sizeof request && connect(fd, (struct sockaddr *)&at, sizeof at) == 0
        && write(fd, request, length) == length)
        while (used + 1 < size && (got = read(fd, answer + used, size - 1 - used)) > 0) used += got;
    close(fd);
    answer[used] = '\0';
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}
