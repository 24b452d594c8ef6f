using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <summary>Reads the daemon more strictly than it reads us: what a record promises is there.</summary>
internal static class Contract
{
    /// <summary>A member that may not be null may not be missing either.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(ApiJson.Default.Options)
        {
            RespectNullableAnnotations = true,
            TypeInfoResolver = ApiJson.Default.WithAddedModifier(AskForEveryMember),
        };

    /// <summary>Reads a good answer.</summary>
    /// <exception cref="RouteGuardException">It is not what the contract says.</exception>
    public static T Read<T>(Answer answer)
        where T : class =>
        answer.MediaType == "application/json" && TryRead<T>(answer.Body.Span) is { } value
            ? value
            : throw NotUnderstood(answer.Status);

    /// <summary>Reads a value that is all of these bytes.</summary>
    /// <returns>Null when they are no such value.</returns>
    public static T? TryRead<T>(ReadOnlySpan<byte> json)
        where T : class
    {
        try
        {
            RefuseMissingItems(json);
            return JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the body of a request.</summary>
    public static byte[] Write<T>(T body)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(body, (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)));

    public static RouteGuardException NotUnderstood(int? status) =>
        new(
            RefusalKind.Failed,
            "Cannot read the daemon's answer: it is not what this version expects. Update both.",
            status
        );

    private static void AskForEveryMember(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var member in type.Properties)
        {
            member.IsRequired |= IsPromised(member);
        }
    }

    /// <summary>Whether a member is always there.</summary>
    public static bool IsPromised(JsonPropertyInfo member) =>
        !member.IsGetNullable && Nullable.GetUnderlyingType(member.PropertyType) is null;

    // The serializer knows which members may be null, and not which items: in this contract none may.
    private static void RefuseMissingItems(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var before = JsonTokenType.None;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null && before != JsonTokenType.PropertyName)
            {
                throw new JsonException("An item is null.");
            }

            before = reader.TokenType;
        }
    }
}
