using System.Globalization;

namespace RouteGuard.Platform.Wire;

/// <summary>Why bytes from outside are no message: the answer of every decoder that says no.</summary>
/// <param name="Field">The kernel's name of the field, such as <c>rta_len</c> or <c>RTA_OIF</c>.</param>
/// <param name="OffsetBytes">Where the field begins, from the first byte that the decoder was given.</param>
/// <param name="Problem">Completes the sentence "FIELD at byte N …".</param>
public readonly record struct WireFault(string Field, int OffsetBytes, string Problem)
{
    /// <summary>No fault: what a decoder leaves beside a value.</summary>
    public bool IsNone => Field is null;

    public override string ToString() =>
        IsNone ? "no fault" : string.Create(CultureInfo.InvariantCulture, $"{Field} at byte {OffsetBytes} {Problem}");
}
