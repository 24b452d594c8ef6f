/*
 * The floor of reading and writing a table of IPv4 routes: no parsing, no comparing, no check.
 *
 *   table fill COUNT GATEWAY DEVICE   adds COUNT routes 10.…/30 by the gateway
 *   table dump [FILE]                 dumps all IPv4 routes into memory; with FILE writes and fsyncs them too
 *   table repeat COUNT                dumps COUNT times within one process and prints the nanoseconds of each
 *   table restore FILE                adds the main table's routes of such a file, an acknowledgement per batch at its end
 */
#include "netlink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum { BATCH_BYTES = 64 * 1024, ROOM_BYTES = 512, DUMP_BYTES_MAX = 1 << 30, RECEIVE_BYTES = 8 << 20 };

static char batch[BATCH_BYTES + ROOM_BYTES];
static unsigned batch_bytes, batch_last;

static void flush_batch(int socket_fd)
{
    if (batch_bytes == 0)
        return;
    ((struct nlmsghdr *)(batch + batch_last))->nlmsg_flags |= NLM_F_ACK;
    if (send(socket_fd, batch, batch_bytes, 0) < 0)
        fail("send routes");
    take_ack(socket_fd);
    batch_bytes = 0;
}

static struct nlmsghdr *next_in_batch(int socket_fd)
{
    if (batch_bytes + ROOM_BYTES > BATCH_BYTES)
        flush_batch(socket_fd);
    batch_last = batch_bytes;
    return (struct nlmsghdr *)(batch + batch_bytes);
}

static int fill(unsigned routes, const char *gateway, const char *device)
{
    int socket_fd = open_netlink(0, RECEIVE_BYTES), index = (int)if_nametoindex(device);
    for (unsigned at = 0; at < routes; at++) {
        struct nlmsghdr *message = next_in_batch(socket_fd);
        put_route(message, NLM_F_CREATE | NLM_F_EXCL, htonl(0x0a000000u + (at << 2)), 30, inet_addr(gateway), index);
        batch_bytes += NLMSG_ALIGN(message->nlmsg_len);
    }
    flush_batch(socket_fd);
    return 0;
}

static void write_whole(const char *path, const char *bytes, size_t count)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        fail("open the file");
    for (size_t at = 0; at < count;) {
        ssize_t written = write(file, bytes + at, count - at);
        if (written < 0)
            fail("write the file");
        at += (size_t)written;
    }
    if (fsync(file) < 0)
        fail("sync the file");
    close(file);
}

static int dump(const char *path)
{
    struct { struct nlmsghdr header; struct rtmsg body; } request = {
        {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        {.rtm_family = AF_INET}};
    int socket_fd = open_netlink(0, RECEIVE_BYTES);
    size_t room = 16 << 20, used = 0;
    char *bytes = malloc(room);
    if (bytes == NULL || send(socket_fd, &request, sizeof request, 0) < 0)
        fail("ask for the routes");
    for (;;) {
        if (room - used < 65536 && (room >= DUMP_BYTES_MAX || (bytes = realloc(bytes, room *= 2)) == NULL))
            fail("hold the dump");
        ssize_t got = recv(socket_fd, bytes + used, 65536, 0);
        if (got < 0)
            fail("read the dump");
        if (((struct nlmsghdr *)(bytes + used))->nlmsg_type == NLMSG_DONE)
            break;
        used += (size_t)got;
    }
    if (path != NULL)
        write_whole(path, bytes, used);
    free(bytes);
    close(socket_fd);
    return 0;
}

static int repeat(int count)
{
    struct timespec before, after;
    for (; count > 0; count--) {
        clock_gettime(CLOCK_MONOTONIC, &before);
        dump(NULL);
        clock_gettime(CLOCK_MONOTONIC, &after);
        printf("%lld\n", (after.tv_sec - before.tv_sec) * 1000000000LL + (after.tv_nsec - before.tv_nsec));
    }
    return 0;
}

static int restore(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC), socket_fd = open_netlink(0, RECEIVE_BYTES);
    struct stat facts;
    char *bytes;
    if (file < 0 || fstat(file, &facts) < 0 || (bytes = malloc((size_t)facts.st_size)) == NULL
        || read(file, bytes, (size_t)facts.st_size) != facts.st_size)
        fail("read the file");
    int left = (int)facts.st_size;
    for (struct nlmsghdr *from = (struct nlmsghdr *)bytes; NLMSG_OK(from, (unsigned)left); from = NLMSG_NEXT(from, left)) {
        struct rtmsg *body = NLMSG_DATA(from);
        if (from->nlmsg_type != RTM_NEWROUTE || body->rtm_table != RT_TABLE_MAIN || body->rtm_protocol == RTPROT_KERNEL)
            continue;
        struct nlmsghdr *message = next_in_batch(socket_fd);
        memcpy(message, from, from->nlmsg_len);
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
        message->nlmsg_pid = 0;
        batch_bytes += NLMSG_ALIGN(message->nlmsg_len);
    }
    flush_batch(socket_fd);
    return 0;
}

int main(int count, char **words)
{
    if (count == 5 && strcmp(words[1], "fill") == 0)
        return fill((unsigned)atoi(words[2]), words[3], words[4]);
    if ((count == 2 || count == 3) && strcmp(words[1], "dump") == 0)
        return dump(count == 3 ? words[2] : NULL);
    if (count == 3 && strcmp(words[1], "repeat") == 0)
        return repeat(atoi(words[2]));
    if (count == 3 && strcmp(words[1], "restore") == 0)
        return restore(words[2]);
    fprintf(stderr, "Usage: table fill COUNT GATEWAY DEVICE | dump [FILE] | repeat COUNT | restore FILE\n");
    return 2;
}
