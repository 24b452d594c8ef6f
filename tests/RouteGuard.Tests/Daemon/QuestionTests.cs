using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>A question is begun or withdrawn, and places are given out and come back.</summary>
public sealed class QuestionTests
{
    [Fact]
    public async Task Of_begun_and_withdrawn_exactly_one_wins()
    {
        const int Rounds = 2_000;
        const int Seed = 20261128;
        const int SpinsMax = 2_000;
        var chance = new Random(Seed);
        var begun = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var question = new Question<int>(_ => 1);
            var (before, beside) = (chance.Next(SpinsMax), chance.Next(SpinsMax));
            using var start = new Barrier(2);
            var withdrawal = Task.Run(() =>
            {
                start.SignalAndWait();
                Thread.SpinWait(beside);
                return question.TryWithdraw();
            });
            start.SignalAndWait();
            Thread.SpinWait(before);
            var isBegun = question.TryBegin();
            Assert.NotEqual(isBegun, await withdrawal);
            begun += isBegun ? 1 : 0;
        }

        Assert.True(begun is > 0 and < Rounds, $"one side always won (seed {Seed}): nothing was tried");
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
