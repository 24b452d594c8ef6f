using System.Text.Json.Serialization;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.Storage;

/// <summary>The files' JSON: property names in camelCase, kinds and phases as words, nothing left out that is
/// required.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [
        typeof(WordConverter<IpFamily>),
        typeof(WordConverter<JournalKind>),
        typeof(WordConverter<PathOwner>),
        typeof(WordConverter<SessionPhase>),
        typeof(WordConverter<DeathPolicy>),
        typeof(WordConverter<DriftPolicy>),
    ]
)]
[JsonSerializable(typeof(SessionEntry))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(InterfaceEntry[]))]
[JsonSerializable(typeof(NextHopEntry[]))]
[JsonSerializable(typeof(ResolverSettings))]
[JsonSerializable(typeof(TruthEntry))]
internal sealed partial class StorageJson : JsonSerializerContext;

internal sealed class WordConverter<T>()
    : JsonStringEnumConverter<T>(System.Text.Json.JsonNamingPolicy.CamelCase, false)
    where T : struct, Enum;
