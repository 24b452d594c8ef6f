using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.AnySystem;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests;

public sealed class PatientKernelRoutesTests
{
    private static readonly PlanStep[] Steps =
    [
        new PlanStep.AddRoute(Tables.Parse("10.1.0.0/16 via 192.0.2.9 dev phys0").Routes[0], false, "test"),
        new PlanStep.AddRoute(Tables.Parse("10.2.0.0/16 via 192.0.2.9 dev phys0").Routes[0], false, "test"),
    ];
    private readonly MemoryKernel _kernel = new();
    private int _refusalsLeft;
    private int _asked;

    public PatientKernelRoutesTests() => _kernel.Become(Tables.Parse("default via 192.0.2.1 dev phys0"));

    [Theory]
    [InlineData("EBUSY")]
    [InlineData("ENOBUFS")]
    [InlineData("EAGAIN")]
    public void A_step_that_the_kernel_had_no_time_for_is_asked_again_and_the_others_are_not(string errno)
    {
        RefuseFirst(errno, times: 2);
        var outcomes = Apply();

        Assert.Equal([StepOutcome.Applied, StepOutcome.Applied], outcomes);
        Assert.Equal(4, _asked);
        Assert.Equal(
            2,
            _kernel.Table.Routes.Count(route =>
                route.Destination.ToString().StartsWith("10.", StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public void A_kernel_that_never_has_time_is_asked_four_times_and_no_more()
    {
        RefuseFirst("EBUSY", times: 1000);
        var outcomes = Apply();

        Assert.Equal("EBUSY", outcomes[0].ErrnoName);
        Assert.Equal(StepOutcome.Applied, outcomes[1]);
        Assert.Equal(2 + PatientKernelRoutes.RetriesMax, _asked);
    }

    [Theory]
    [InlineData("EPERM")]
    [InlineData("ENETUNREACH")]
    [InlineData("EINVAL")]
    public void A_refusal_that_does_not_pass_by_itself_is_told_at_once(string errno)
    {
        RefuseFirst(errno, times: 1);
        var outcomes = Apply();

        Assert.Equal(errno, outcomes[0].ErrnoName);
        Assert.Equal(2, _asked);
    }

    private IReadOnlyList<StepOutcome> Apply()
    {
        using IKernelRoutes patient = new PatientKernelRoutes(_kernel, TimeSpan.FromTicks(1));
        return patient.Apply(patient.Prepare(Steps));
    }

    private void RefuseFirst(string errno, int times)
    {
        _refusalsLeft = times;
        _kernel.Refuse = step =>
        {
            _asked++;
            return step == Steps[0] && _refusalsLeft-- > 0 ? new(StepResult.Refused, 16, errno) : null;
        };
    }
}
