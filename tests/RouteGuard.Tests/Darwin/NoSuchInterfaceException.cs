namespace RouteGuard.Tests.Darwin;

/// <summary>ENXIO: a test, or a client, named an interface that is not there.</summary>
internal sealed class NoSuchInterfaceException(string name)
    : InvalidOperationException($"There is no interface {name}.");
