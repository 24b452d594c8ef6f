/*
 * The floor of "the tunnel died, the default is back": waits for a tunnel's link to go down or away (RTNLGRP_LINK) and
 * sends one message that was built before. It reads nothing, plans nothing, and keeps no journal.
 *
 *   watch GATEWAY DEVICE      then on standard input, a line each: the index of the tunnel to watch; answered by "armed"
 */
#include "netlink.h"

#include <poll.h>

static int is_death(const struct nlmsghdr *message, int tunnel)
{
    const struct ifinfomsg *link = NLMSG_DATA(message);
    return link->ifi_index == tunnel
        && (message->nlmsg_type == RTM_DELLINK || (message->nlmsg_type == RTM_NEWLINK && !(link->ifi_flags & IFF_UP)));
}

int main(int count, char **words)
{
    char route_bytes[256], buffer[32768], line[64];
    struct nlmsghdr *route = (struct nlmsghdr *)route_bytes;
    int tunnel = 0, device, links, writer;
    if (count != 3 || (device = (int)if_nametoindex(words[2])) == 0)
        fail("find the device");
    links = open_netlink(RTMGRP_LINK, 0);
    writer = open_netlink(0, 0);
    put_route(route, NLM_F_CREATE | NLM_F_EXCL, 0, 0, inet_addr(words[1]), device);

    for (;;) {
        struct pollfd ready[2] = {{.fd = links, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0)
            fail("wait");
        if (ready[0].revents != 0) {
            int bytes = (int)recv(links, buffer, sizeof buffer, 0);
            struct nlmsghdr *message = (struct nlmsghdr *)buffer;
            for (; tunnel != 0 && NLMSG_OK(message, (unsigned)bytes); message = NLMSG_NEXT(message, bytes)) {
                if (is_death(message, tunnel)) {
                    tunnel = 0;
                    if (send(writer, route, route->nlmsg_len, 0) < 0)
                        fail("send the route");
                }
            }
        }
        if (ready[1].revents != 0) {
            ssize_t bytes = read(STDIN_FILENO, line, sizeof line - 1);
            if (bytes <= 0)
                return 0;
            line[bytes] = 0;
            tunnel = atoi(line);
            if (write(STDOUT_FILENO, "armed\n", 6) != 6)
                return 1;
        }
    }
}
