using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>The kernel's number of an interface; 0 means that none was named.</summary>
public readonly record struct InterfaceIndex(int Value) : IComparable<InterfaceIndex>
{
    public static InterfaceIndex None => default;

    public bool IsNone => Value == 0;

    public int CompareTo(InterfaceIndex other) => Value.CompareTo(other.Value);

    public static bool operator <(InterfaceIndex left, InterfaceIndex right) => left.Value < right.Value;

    public static bool operator >(InterfaceIndex left, InterfaceIndex right) => left.Value > right.Value;

    public static bool operator <=(InterfaceIndex left, InterfaceIndex right) => left.Value <= right.Value;

    public static bool operator >=(InterfaceIndex left, InterfaceIndex right) => left.Value >= right.Value;

    /// <summary><c>if4</c>: how an interface prints where its name is not known.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"if{Value}");
}
