namespace RouteGuard.Core.Api;

/// <summary>202 Accepted, and GET /v1/operations/{id} while it runs: a request that was begun and is not
/// finished.</summary>
/// <param name="Operation">Its id.</param>
/// <param name="State">running: an operation that ended is answered as the request would have been.</param>
/// <param name="Progress">How far it is; absent when nothing is known of it yet.</param>
public sealed record OperationView(string Operation, string State, OperationProgressView? Progress);

/// <summary>How far an operation is.</summary>
/// <param name="StepsDone">Steps that the kernel has answered, in this pass.</param>
/// <param name="StepsTotal">Steps of this pass.</param>
/// <param name="Pass">1 for the first; a later one repairs what changed during the one before.</param>
public sealed record OperationProgressView(int StepsDone, int StepsTotal, int Pass);
