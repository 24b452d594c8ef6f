namespace RouteGuard.Daemon;

/// <summary>GET /openapi/v1.json: this API in OpenAPI 3.1, byte for byte as it lies beside this file.</summary>
/// <remarks>A test makes the document from the contract's records and compares; it says how to write it
/// anew.</remarks>
internal static class OpenApi
{
    private const string ResourceName = "openapi.json";

    public static async Task WriteAsync(HttpContext context, CancellationToken stop)
    {
        await using var document =
            typeof(OpenApi).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"{ResourceName} was not built into the program.");
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = document.Length;
        await document.CopyToAsync(context.Response.Body, stop);
    }
}
