using System.Text.Json.Serialization;

namespace RouteGuard.Core.Api;

/// <summary>Reading and writing of all that goes over the API, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
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
