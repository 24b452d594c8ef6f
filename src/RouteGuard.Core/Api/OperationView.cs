namespace RouteGuard.Core.Api;

/// <summary>202 of any request that the guard has begun and not finished in time, and of GET /v1/operations/{id} while
/// it goes on.</summary>
/// <param name="Operation">Its id.</param>
/// <param name="State">running; what is done is answered as the request itself would have been.</param>
/// <param name="Progress">How far a restore is; absent while none is being done.</param>
public sealed record OperationView(string Operation, string State, OperationProgressView? Progress = null)
{
    public const string Running = "running";
}

/// <summary>How far a restore is.</summary>
/// <param name="StepsDone">That the kernel has answered, in all passes.</param>
/// <param name="StepsTotal">Those of the passes before, and all of this pass.</param>
/// <param name="Pass">From 1.</param>
public sealed record OperationProgressView(int StepsDone, int StepsTotal, int Pass);
