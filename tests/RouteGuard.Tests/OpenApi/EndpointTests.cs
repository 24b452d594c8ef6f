using System.Diagnostics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RouteGuard.Tests.Daemon;

namespace RouteGuard.Tests.OpenApi;

/// <summary>The document has the daemon's endpoints, and no others.</summary>
public sealed class EndpointTests
{
    [Fact]
    public async Task The_document_and_the_daemons_endpoint_table_are_the_same()
    {
        using var hosts = BuiltHosts.Watch();
        await using var world = new DaemonWorld();
        await world.StartAsync();
        var mapped = hosts
            .All.SelectMany(host => host.Services.GetServices<EndpointDataSource>())
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .SelectMany(endpoint =>
                endpoint
                    .Metadata.GetRequiredMetadata<HttpMethodMetadata>()
                    .HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}")
            )
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.NotEmpty(mapped);
        var described = ApiOperations
            .All.Select(operation => $"{operation.Method} {operation.Path}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(described, mapped);
    }

    /// <summary>Hosts that are built within one test, as the hosting library tells of them.</summary>
    private sealed class BuiltHosts
        : IObserver<DiagnosticListener>,
            IObserver<KeyValuePair<string, object?>>,
            IDisposable
    {
        private static readonly AsyncLocal<BuiltHosts?> OfThisTest = new();

        private readonly List<IHost> _hosts = [];
        private readonly List<IDisposable> _subscriptions = [];

        public IReadOnlyList<IHost> All => _hosts;

        public static BuiltHosts Watch()
        {
            var hosts = new BuiltHosts();
            OfThisTest.Value = hosts;
            hosts._subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(hosts));
            return hosts;
        }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                lock (_subscriptions)
                {
                    _subscriptions.Add(value.Subscribe(this));
                }
            }
        }

        // Other tests build hosts at the same time.
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host } && OfThisTest.Value == this)
            {
                _hosts.Add(host);
            }
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }

        public void Dispose()
        {
            lock (_subscriptions)
            {
                _subscriptions.ForEach(subscription => subscription.Dispose());
            }
        }
    }
}
