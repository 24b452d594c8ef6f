using System.Text.Json;
using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <summary>What is known of an operation: it runs, or it has ended.</summary>
public abstract record OperationAnswer
{
    private OperationAnswer() { }

    /// <summary>It runs.</summary>
    /// <param name="Operation">Its id, and how far it is.</param>
    public sealed record Running(OperationView Operation) : OperationAnswer;

    /// <summary>It has ended well.</summary>
    /// <param name="Status">200, or 201 when it began a session.</param>
    /// <param name="Body">What the request would have been answered: a SessionView, a ReportView or a
    /// TableView.</param>
    public sealed record Ended(int Status, JsonElement Body) : OperationAnswer;
}
