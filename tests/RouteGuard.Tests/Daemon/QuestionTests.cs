using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>A question is begun or withdrawn, and places are given out and come back.</summary>
public sealed class QuestionTests
{
    [Fact]
    public void Of_begun_and_withdrawn_exactly_one_wins()
    {
        const int Rounds = 5_000;
        const int LateSpins = 2_000;
        var begun = 0;
        for (var round = 0; round < Rounds; round++)
        {
            // Each side is a little late at times, whatever else the machine does.
            var (beginsAfter, withdrawsAfter) = round % 2 == 0 ? (0, LateSpins) : (LateSpins, 0);
            var question = new Question<int>(_ => 1);
            var winners = 0;
            using var start = new Barrier(2);
            Parallel.Invoke(
                () =>
                {
                    start.SignalAndWait();
                    Thread.SpinWait(beginsAfter);
                    if (question.TryBegin())
                    {
                        Interlocked.Increment(ref winners);
                        begun++;
                    }
                },
                () =>
                {
                    start.SignalAndWait();
                    Thread.SpinWait(withdrawsAfter);
                    if (question.TryWithdraw())
                    {
                        Interlocked.Increment(ref winners);
                    }
                }
            );
            Assert.Equal(1, winners);
        }

        // Both sides won at times, or nothing was tried.
        Assert.InRange(begun, 1, Rounds - 1);
    }

    [Fact]
    public async Task A_refusal_is_told_as_the_answer_is()
    {
        var question = new Question<int>(_ => throw new GuardException(GuardRefusal.Conflict, "Cannot do this: no."));
        Assert.True(question.TryBegin());
        question.Find(null!);
        Assert.False(question.Answer.IsCompleted);
        question.Tell();
        await Assert.ThrowsAsync<GuardException>(() => question.Answer);
    }

    [Fact]
    public void Places_are_counted_for_each_user_and_some_are_kept()
    {
        var quota = new Quota(total: 6, kept: 2);
        Assert.True(quota.TryTake(1000, isPrivileged: false, 3));
        Assert.True(quota.TryTake(1000, isPrivileged: false, 3));
        Assert.True(quota.TryTake(1000, isPrivileged: false, 3));
        Assert.False(quota.TryTake(1000, isPrivileged: false, 3));
        Assert.True(quota.TryTake(1001, isPrivileged: false, 3));
        Assert.False(quota.TryTake(1002, isPrivileged: false, 3));
        Assert.True(quota.TryTake(0, isPrivileged: true, null));
        Assert.True(quota.TryTake(0, isPrivileged: true, null));
        Assert.False(quota.TryTake(0, isPrivileged: true, null));

        quota.GiveBack(0, isPrivileged: true);
        Assert.False(quota.TryTake(1002, isPrivileged: false, 3));
        quota.GiveBack(1000, isPrivileged: false);
        Assert.True(quota.TryTake(1002, isPrivileged: false, 3));
        Assert.Equal(5, quota.Taken);
    }
}
