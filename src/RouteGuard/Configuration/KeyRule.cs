using System.Globalization;
using System.Text.Json;

namespace RouteGuard.Configuration;

/// <summary>What a key of the configuration file may be.</summary>
internal abstract record KeyRule
{
    private KeyRule() { }

    /// <summary>Completes "… may be".</summary>
    public abstract string Range { get; }

    public abstract bool Allows(JsonElement value);

    /// <summary>More keys.</summary>
    public sealed record Section : KeyRule
    {
        public override string Range => "an object";

        public override bool Allows(JsonElement value) => value.ValueKind == JsonValueKind.Object;
    }

    /// <summary>Anything that a person wants to say.</summary>
    public sealed record Text : KeyRule
    {
        public override string Range => "text";

        public override bool Allows(JsonElement value) => TryText(value, out _);
    }

    /// <summary>One of a few words.</summary>
    public sealed record Word(params string[] Words) : KeyRule
    {
        public override string Range => string.Join(", ", Words[..^1]) + " or " + Words[^1];

        public override bool Allows(JsonElement value) =>
            TryText(value, out var word) && Words.Contains(word, StringComparer.Ordinal);
    }

    /// <summary>The name of a group (group(5)): letters, digits, dot, underscore and dash; a letter or underscore
    /// first.</summary>
    public sealed record GroupName(int LengthMax) : KeyRule
    {
        public override string Range =>
            $"a group's name: 1 to {LengthMax} letters, digits, '.', '_' or '-', the first a letter or '_'";

        public override bool Allows(JsonElement value) =>
            TryText(value, out var name)
            && name.Length > 0
            && name.Length <= LengthMax
            && (char.IsAsciiLetter(name[0]) || name[0] == '_')
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
    }

    /// <summary>A number.</summary>
    public sealed record Number(double Min, double Max) : KeyRule
    {
        public bool IsWhole { get; init; }

        public bool MayBeNull { get; init; }

        public override string Range =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"a {(IsWhole ? "whole " : "")}number from {Min} to {Max}{(MayBeNull ? ", or null" : "")}"
            );

        public override bool Allows(JsonElement value) =>
            value.ValueKind == JsonValueKind.Null
                ? MayBeNull
                : value.ValueKind == JsonValueKind.Number
                    && value.TryGetDouble(out var number)
                    && number >= Min
                    && number <= Max
                    && (!IsWhole || double.IsInteger(number));
    }

    // Half of a surrogate pair is JSON and no text.
    private static bool TryText(JsonElement value, out string text)
    {
        text = string.Empty;
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
