/*
 * The smallest VPN: makes a tun interface, brings it up with an address, says so, and holds it until it is killed.
 *
 *   tunnel NAME ADDRESS       prints the index of the interface
 */
#include "netlink.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

int main(int count, char **words)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
    int tunnel, control;
    if (count != 3)
        return 2;
    tunnel = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    strncpy(request.ifr_name, words[1], IFNAMSIZ - 1);
    if (tunnel < 0 || control < 0 || ioctl(tunnel, TUNSETIFF, &request) < 0)
        fail("make the tunnel");
    memset(&request.ifr_ifru, 0, sizeof request.ifr_ifru);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = inet_addr(words[2]);
    if (ioctl(control, SIOCSIFADDR, &request) < 0)
        fail("give the tunnel its address");
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_POINTOPOINT | IFF_NOARP;
    if (ioctl(control, SIOCSIFFLAGS, &request) < 0)
        fail("bring the tunnel up");
    close(control);
    printf("%u\n", if_nametoindex(words[1]));
    fflush(stdout);
    for (;;)
        pause();
}
