/* The least of rtnetlink(7) that the floor programs need. A failure ends the program with a sentence. */
#ifndef ROUTEGUARD_FLOOR_NETLINK_H
#define ROUTEGUARD_FLOOR_NETLINK_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void fail(const char *what)
{
    fprintf(stderr, "Cannot %s: %s.\n", what, strerror(errno));
    exit(1);
}

static inline int open_netlink(unsigned groups, int receive_bytes)
{
    struct sockaddr_nl local = {.nl_family = AF_NETLINK, .nl_groups = groups};
    int socket_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (socket_fd < 0 || bind(socket_fd, (struct sockaddr *)&local, sizeof local) < 0)
        fail("open a netlink socket");
    if (receive_bytes > 0 && setsockopt(socket_fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes, sizeof receive_bytes) < 0)
        fail("enlarge the receive buffer");
    return socket_fd;
}

static inline void put_attribute(struct nlmsghdr *message, unsigned short type, const void *value, unsigned short bytes)
{
    struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = RTA_LENGTH(bytes);
    memcpy(RTA_DATA(attribute), value, bytes);
    message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/* RTM_NEWROUTE of a main-table IPv4 route; destination in network order. */
static inline void put_route(struct nlmsghdr *message, unsigned short flags, unsigned destination, unsigned char length,
                      unsigned gateway, int device)
{
    struct rtmsg *body = NLMSG_DATA(message);
    memset(message, 0, NLMSG_SPACE(sizeof *body));
    message->nlmsg_len = NLMSG_LENGTH(sizeof *body);
    message->nlmsg_type = RTM_NEWROUTE;
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    body->rtm_family = AF_INET;
    body->rtm_dst_len = length;
    body->rtm_table = RT_TABLE_MAIN;
    body->rtm_protocol = RTPROT_STATIC;
    body->rtm_scope = RT_SCOPE_UNIVERSE;
    body->rtm_type = RTN_UNICAST;
    if (length > 0)
        put_attribute(message, RTA_DST, &destination, 4);
    put_attribute(message, RTA_GATEWAY, &gateway, 4);
    put_attribute(message, RTA_OIF, &device, 4);
}

/* Waits for the answer to the last message that asked for one. */
static inline void take_ack(int socket_fd)
{
    char buffer[16384];
    ssize_t bytes = recv(socket_fd, buffer, sizeof buffer, 0);
    struct nlmsghdr *message = (struct nlmsghdr *)buffer;
    if (bytes < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || message->nlmsg_type != NLMSG_ERROR)
        fail("read the kernel's answer");
    errno = -((struct nlmsgerr *)NLMSG_DATA(message))->error;
    if (errno != 0)
        fail("add a route");
}

#endif
