using System.Text.Json.Serialization;

namespace RouteGuard.Core.Api;

/// <summary>Reading and writing of all that goes over the API, made at compile time.</summary>
/// <remarks>A member that is there twice is refused: who looks at the first and who acts on the last must not
/// differ.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    WriteIndented = true
)]
[JsonSerializable(typeof(BeginSessionBody))]
[JsonSerializable(typeof(SessionUpBody))]
[JsonSerializable(typeof(RestoreBody))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(IReadOnlyList<SessionView>))]
[JsonSerializable(typeof(AliveView))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(HistoryView))]
[JsonSerializable(typeof(ReportView))]
[JsonSerializable(typeof(TableView))]
[JsonSerializable(typeof(ProblemView))]
[JsonSerializable(typeof(OperationView))]
public sealed partial class ApiJson : JsonSerializerContext;
