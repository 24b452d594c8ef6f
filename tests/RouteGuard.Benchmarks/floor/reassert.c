/*
 * The floor of "somebody deleted a route, it is back": waits for RTM_DELROUTE (RTNLGRP_IPV4_ROUTE) of a main-table route
 * of one prefix length and sends it again. It asks for no answer, compares nothing, counts nothing, and keeps no journal.
 *
 *   reassert GATEWAY DEVICE LENGTH      prints "ready"; ends with its standard input
 */
#include "netlink.h"

#include <poll.h>

static const unsigned *destination_of(const struct nlmsghdr *message, int length)
{
    const struct rtmsg *body = NLMSG_DATA(message);
    const struct rtattr *attribute = RTM_RTA(body);
    int bytes = (int)RTM_PAYLOAD(message);
    if (message->nlmsg_type != RTM_DELROUTE || body->rtm_table != RT_TABLE_MAIN || body->rtm_dst_len != length)
        return NULL;
    for (; RTA_OK(attribute, bytes); attribute = RTA_NEXT(attribute, bytes))
        if (attribute->rta_type == RTA_DST)
            return RTA_DATA(attribute);
    return NULL;
}

int main(int count, char **words)
{
    char route_bytes[256], buffer[32768];
    struct nlmsghdr *route = (struct nlmsghdr *)route_bytes;
    int device, length, routes, writer;
    if (count != 4 || (device = (int)if_nametoindex(words[2])) == 0)
        fail("find the device");
    length = atoi(words[3]);
    routes = open_netlink(RTMGRP_IPV4_ROUTE, 0);
    writer = open_netlink(0, 0);
    printf("ready\n");
    fflush(stdout);

    for (;;) {
        struct pollfd ready[2] = {{.fd = routes, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0)
            fail("wait");
        if (ready[1].revents != 0)
            return 0;
        int bytes = (int)recv(routes, buffer, sizeof buffer, 0);
        struct nlmsghdr *message = (struct nlmsghdr *)buffer;
        for (; NLMSG_OK(message, (unsigned)bytes); message = NLMSG_NEXT(message, bytes)) {
            const unsigned *destination = destination_of(message, length);
            if (destination != NULL) {
                put_route(route, NLM_F_CREATE | NLM_F_EXCL, *destination, (unsigned char)length, inet_addr(words[1]), device);
                if (send(writer, route, route->nlmsg_len, 0) < 0)
                    fail("send the route");
            }
        }
    }
}
