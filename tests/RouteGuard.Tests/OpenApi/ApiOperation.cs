namespace RouteGuard.Tests.OpenApi;

/// <summary>Who may ask; the words of the document's <c>x-access</c>.</summary>
internal static class Who
{
    public const string Anybody = "any local user";
    public const string Owner = "the user that began the session, and the operators";
    public const string Starter = "the user that sent the request, and the operators";
    public const string Operators = "the operators";
}

/// <summary>One endpoint of the contract.</summary>
/// <param name="Method">GET, POST or DELETE.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Id">The operation's id; a name for generated clients.</param>
/// <param name="Tag">Its chapter.</param>
/// <param name="Access">One of <see cref="Who"/>.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record ApiOperation(string Method, string Path, string Id, string Tag, string Access, string Summary)
{
    public string? Description { get; init; }

    /// <summary>What may be sent; it may always be left out.</summary>
    public Type? Body { get; init; }

    /// <summary>Header parameters by component name.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    public required IReadOnlyList<ApiAnswer> Answers { get; init; }

    /// <summary>Statuses of refusals, beside those that everybody may meet.</summary>
    public IReadOnlyList<int> Refusals { get; init; } = [];
}

/// <summary>One good answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Text">What it means.</param>
/// <param name="MediaType">Of the body.</param>
/// <param name="Body">The record; null for text.</param>
internal sealed record ApiAnswer(int Status, string Text, string MediaType, Type? Body)
{
    /// <summary>What a text is.</summary>
    public string? TextOf { get; init; }

    /// <summary>What the data of each event is.</summary>
    public Type? EventData { get; init; }

    /// <summary>What the Location header names; null without one.</summary>
    public string? Location { get; init; }
}
