/*
 * A flood: as much as one process can do to a server on a Unix socket, for some seconds and no longer.
 *
 *   flood SOCKET SECONDS     one line at the end: sent N answered N refused N failed N, N being requests (429 and 503 are
 *                            refused) and connections that were not made or were cut before an answer
 *   flood spin SECONDS       the same calls to a socket of its own: what the mere use of the processor costs others
 *
 * Both end sooner when SIGTERM tells them to. Each connection has one way to be a nuisance: requests without a pause; bodies of
 * half a megabyte; heads that never end; streams of events. One that is cut is made again. Whoever starts this chooses its
 * user; it needs no rights.
 */
#define _GNU_SOURCE /* memmem(3) */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 96, SECONDS_MAX = 120, BODY_BYTES = 512 * 1024, READ_BYTES = 64 * 1024, PIPELINE = 8 };

/* No machine sends as many in two minutes: a bound that holds when the clock does not. */
static const long SENT_MAX = 50L * 1000 * 1000;

static const char REQUEST[] = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char BODY_HEAD[] = "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 524288\r\n\r\n";
static const char HALF[] = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-";
static const char STREAM[] = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 0-0\r\n\r\n";

enum way { REQUESTS, BODIES, HALVES, STREAMS, WAYS };

static struct connection {
    int socket;
    size_t at;      /* bytes of the present message that are sent */
    long waiting;   /* requests without an answer */
} connections[CONNECTIONS];

static char messages[WAYS][sizeof(BODY_HEAD) + BODY_BYTES];
static size_t lengths[WAYS];
static long sent, answered, refused, failed;
static volatile sig_atomic_t is_over;

static void on_term(int signal)
{
    (void)signal;
    is_over = 1;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void make_messages(void)
{
    for (int at = 0; at < PIPELINE; at++)
        memcpy(messages[REQUESTS] + (size_t)at * (sizeof(REQUEST) - 1), REQUEST, sizeof(REQUEST) - 1);
    lengths[REQUESTS] = PIPELINE * (sizeof(REQUEST) - 1);
    memset(messages[BODIES], ' ', sizeof(messages[BODIES]));
    memcpy(messages[BODIES], BODY_HEAD, sizeof(BODY_HEAD) - 1);
    lengths[BODIES] = sizeof(BODY_HEAD) - 1 + BODY_BYTES;
    lengths[HALVES] = sizeof(HALF) - 1;
    memcpy(messages[HALVES], HALF, lengths[HALVES]);
    lengths[STREAMS] = sizeof(STREAM) - 1;
    memcpy(messages[STREAMS], STREAM, lengths[STREAMS]);
}

static void close_one(struct connection *one)
{
    if (one->socket >= 0)
        close(one->socket);
    failed += one->waiting > 0;
    one->socket = -1;
    one->at = 0;
    one->waiting = 0;
}

static void open_one(struct connection *one, const struct sockaddr_un *address)
{
    one->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one->socket >= 0 && connect(one->socket, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return;
    failed++;
    close_one(one);
}

static void send_some(struct connection *one, enum way way)
{
    ssize_t count = send(one->socket, messages[way] + one->at, lengths[way] - one->at, MSG_NOSIGNAL);
    if (count < 0) {
        if (errno != EAGAIN)
            close_one(one);
        return;
    }
    one->at += (size_t)count;
    if (one->at < lengths[way])
        return;
    sent += way == REQUESTS ? PIPELINE : 1;
    one->waiting += way == REQUESTS ? PIPELINE : 1;
    one->at = 0;
}

static void receive_some(struct connection *one)
{
    static char bytes[READ_BYTES + 1];
    ssize_t count = recv(one->socket, bytes, READ_BYTES, 0);
    if (count <= 0) {
        if (count == 0 || errno != EAGAIN)
            close_one(one);
        return;
    }
    bytes[count] = 0;
    for (char *head = bytes; (head = memmem(head, (size_t)(bytes + count - head), "HTTP/1.1 ", 9)) != NULL; head += 9) {
        int no = strncmp(head + 9, "429", 3) == 0 || strncmp(head + 9, "503", 3) == 0;
        answered += !no;
        refused += no;
        one->waiting = one->waiting > 0 ? one->waiting - 1 : 0;
    }
}

/* Halves and streams are sent once; the others again and again. */
static int wants_to_send(const struct connection *one, enum way way)
{
    return way == REQUESTS ? one->waiting < 4 * PIPELINE : one->waiting == 0;
}

static void flood(const char *path, double end)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct pollfd polls[CONNECTIONS];
    if (strlen(path) >= sizeof(address.sun_path)) {
        fprintf(stderr, "Cannot flood %s: the path is too long.\n", path);
        exit(2);
    }
    strcpy(address.sun_path, path);
    make_messages();
    for (int at = 0; at < CONNECTIONS; at++)
        connections[at].socket = -1;
    while (!is_over && now() < end && sent < SENT_MAX) {
        for (int at = 0; at < CONNECTIONS; at++) {
            struct connection *one = &connections[at];
            if (one->socket < 0)
                open_one(one, &address);
            short wanted = wants_to_send(one, (enum way)(at % WAYS)) ? POLLIN | POLLOUT : POLLIN;
            polls[at] = (struct pollfd){.fd = one->socket, .events = wanted};
        }
        poll(polls, CONNECTIONS, 10);
        for (int at = 0; at < CONNECTIONS; at++) {
            struct connection *one = &connections[at];
            if (polls[at].revents & (POLLIN | POLLHUP | POLLERR))
                receive_some(one);
            if (one->socket >= 0 && (polls[at].revents & POLLOUT))
                send_some(one, (enum way)(at % WAYS));
        }
    }
}

static void spin(double end)
{
    int pair[2];
    char bytes[sizeof(REQUEST)];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        perror("Cannot make a pair of sockets");
        exit(2);
    }
    while (!is_over && now() < end && sent < SENT_MAX) {
        if (send(pair[0], REQUEST, sizeof(REQUEST), 0) < 0 || recv(pair[1], bytes, sizeof(bytes), 0) < 0)
            break;
        sent++;
        answered++;
    }
}

int main(int count, char **words)
{
    double seconds = count == 3 ? atof(words[2]) : 0;
    if (seconds <= 0 || seconds > SECONDS_MAX) {
        fprintf(stderr, "Usage: flood SOCKET|spin SECONDS (at most %d)\n", SECONDS_MAX);
        return 2;
    }
    double end = now() + seconds;
    signal(SIGTERM, on_term);
    if (strcmp(words[1], "spin") == 0)
        spin(end);
    else
        flood(words[1], end);
    printf("sent %ld answered %ld refused %ld failed %ld\n", sent, answered, refused, failed);
    return 0;
}
