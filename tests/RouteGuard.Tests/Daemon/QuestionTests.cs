using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>A question is begun or withdrawn, and places are given out and come back.</summary>
public sealed class QuestionTests
{
    [Fact]
    public async Task Of_begun_and_withdrawn_exactly_one_wins()
    {
        // Each side first in turn, and then both at once: two that walk the same questions, each from its own end.
        const int Rounds = 20;
        const int QuestionsMax = 20_000;
        for (var round = 0; round < Rounds; round++)
        {
            Question<int>[] questions = [.. Enumerable.Range(0, QuestionsMax).Select(_ => new Question<int>(_ => 1))];
            Assert.True(questions[0].TryBegin());
            Assert.False(questions[0].TryWithdraw());
            Assert.True(questions[^1].TryWithdraw());
            Assert.False(questions[^1].TryBegin());

            var inside = questions[1..^1];
            using var start = new Barrier(2);
            var withdrawn = Task.Run(() =>
            {
                start.SignalAndWait();
                return inside.Count(question => question.TryWithdraw());
            });
            start.SignalAndWait();
            var begun = Enumerable.Reverse(inside).Count(question => question.TryBegin());
            Assert.Equal(inside.Length, begun + await withdrawn);
        }
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
