using System.Runtime.InteropServices;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Linux;

/// <summary>Steps as the datagrams that will be sent.</summary>
internal sealed record PreparedSteps(IReadOnlyList<PlanStep> Steps, IReadOnlyList<PreparedPart> Parts) : IPreparedSteps;

/// <summary>What is sent at a time. A closed choice.</summary>
internal abstract record PreparedPart
{
    private PreparedPart() { }

    /// <summary>Independent steps: a refused one does not stop the next.</summary>
    /// <param name="Messages">A message for each step.</param>
    /// <param name="FirstStep">The position of the first step among all.</param>
    public sealed record Batch(StepMessages Messages, int FirstStep) : PreparedPart;

    /// <summary>One step that takes two messages, the second of which is sent only when the first was no
    /// failure.</summary>
    /// <param name="Step">Its position among all.</param>
    /// <param name="First">What is sent first.</param>
    /// <param name="Second">What is sent then.</param>
    /// <param name="Undo">What is sent when the second failed, to be where we were; or null.</param>
    public sealed record Exchange(int Step, StepMessages First, StepMessages Second, StepMessages? Undo) : PreparedPart;
}

/// <summary>Messages of one datagram, one for each step.</summary>
/// <param name="bytes">The messages. Their sequence numbers are set when they are sent.</param>
/// <param name="steps">The steps.</param>
/// <param name="offsets">Where each step's message begins.</param>
internal sealed class StepMessages(byte[] bytes, PlanStep[] steps, int[] offsets)
{
    private const int FlagsAt = 6;
    private const int SequenceAt = 8;

    public ReadOnlySpan<byte> Bytes => bytes;

    public int Count => steps.Length;

    public PlanStep this[int at] => steps[at];

    /// <summary>Asks for an answer to the last message: when it comes, the others have been worked through.</summary>
    public void AcknowledgeLast()
    {
        var flags = bytes.AsSpan(offsets[^1] + FlagsAt);
        MemoryMarshal.Write(flags, (ushort)(MemoryMarshal.Read<ushort>(flags) | NetlinkFlags.Acknowledge));
    }

    public void Number(uint firstSequence)
    {
        for (var at = 0; at < offsets.Length; at++)
        {
            MemoryMarshal.Write(bytes.AsSpan(offsets[at] + SequenceAt), firstSequence + (uint)at);
        }
    }
}
