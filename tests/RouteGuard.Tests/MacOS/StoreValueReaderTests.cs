using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.MacOS;

/// <summary>Whatever lies in configd's store, reading it ends, and gives what it can.</summary>
public sealed class StoreValueReaderTests
{
    private readonly Properties _properties = new();

    [Fact]
    public void A_service_is_read_as_it_stands()
    {
        var service = _properties.Add(
            new Dictionary<nint, nint>
            {
                [_properties.Add("InterfaceName")] = _properties.Add("en0"),
                [_properties.Add("Addresses")] = _properties.Add(new[] { _properties.Add("192.0.2.10") }),
                [_properties.Add("OverridePrimary")] = _properties.Add(1L),
                [_properties.Add("IsNULL")] = _properties.Add(true),
                [_properties.Add("Data")] = _properties.Add(new object()),
                [_properties.Add(7L)] = _properties.Add("a key that is no text"),
            }
        );
        var key = _properties.Add("State:/Network/Service/A/IPv4");
        var read = Read(new Dictionary<nint, nint> { [key] = service });

        var values = Assert.IsType<StoreValue.Dictionary>(Assert.Single(read).Value).Values;
        Assert.Equal("State:/Network/Service/A/IPv4", Assert.Single(read).Key);
        Assert.Equal(5, values.Count);
        Assert.Equal(new StoreValue.Text("en0"), values["InterfaceName"]);
        Assert.Equal([new StoreValue.Text("192.0.2.10")], Assert.IsType<StoreValue.Items>(values["Addresses"]).Values);
        Assert.Equal(new StoreValue.Number(1), values["OverridePrimary"]);
        Assert.Equal(new StoreValue.Flag(true), values["IsNULL"]);
        Assert.Equal(new StoreValue.Other(), values["Data"]);
    }

    [Fact]
    public void A_value_that_is_too_deep_is_left_out()
    {
        var value = _properties.Add("bottom");
        for (var depth = 0; depth < 2 * StoreValue.DepthMax; depth++)
        {
            value = _properties.Add(new[] { value });
        }

        var found = Read(new Dictionary<nint, nint> { [_properties.Add("key")] = value })["key"];
        var levels = 1;
        while (found is StoreValue.Items { Values: [var below] })
        {
            found = below;
            levels++;
        }

        Assert.Equal(new StoreValue.Other(), found);
        Assert.Equal(StoreValue.DepthMax + 1, levels);
    }

    [Fact]
    public void A_value_that_holds_itself_ends()
    {
        var self = new nint[1];
        self[0] = _properties.Add(self);
        Assert.Single(Read(new Dictionary<nint, nint> { [_properties.Add("key")] = self[0] }));
    }

    [Fact]
    public void A_value_that_doubles_at_each_level_ends_at_the_bound()
    {
        var wide = _properties.Add("leaf");
        for (var depth = 0; depth < StoreValue.DepthMax; depth++)
        {
            wide = _properties.Add(Enumerable.Repeat(wide, 16).ToArray());
        }

        Read(new Dictionary<nint, nint> { [_properties.Add("key")] = wide });
        Assert.InRange(_properties.Asked, StoreValueReader.ValuesMax / 2, StoreValueReader.ValuesMax + 16);
    }

    [Fact]
    public void A_container_that_is_too_wide_is_left_out()
    {
        var wide = _properties.Add(new nint[StoreValueReader.EntriesMax + 1]);
        var read = Read(new Dictionary<nint, nint> { [_properties.Add("key")] = wide });
        Assert.Equal(new StoreValue.Other(), read["key"]);
    }

    [Fact]
    public void A_text_or_number_that_cannot_be_had_is_left_out()
    {
        var items = _properties.Add(new[] { _properties.Add(Properties.NoText), _properties.Add(0.5), 0 });
        var read = Read(new Dictionary<nint, nint> { [_properties.Add("key")] = items });
        Assert.All(
            Assert.IsType<StoreValue.Items>(read["key"]).Values,
            value => Assert.IsType<StoreValue.Other>(value)
        );
    }

    [Fact]
    public void An_answer_that_is_no_dictionary_holds_nothing()
    {
        Assert.Empty(new StoreValueReader(_properties).ReadAll(_properties.Add("text")));
        Assert.Empty(new StoreValueReader(_properties).ReadAll(0));
    }

    private IReadOnlyDictionary<string, StoreValue> Read(Dictionary<nint, nint> all) =>
        new StoreValueReader(_properties).ReadAll(_properties.Add(all));

    /// <summary>A tree of plain objects under made-up addresses.</summary>
    private sealed class Properties : IPropertyList
    {
        /// <summary>Stands for a text beyond the bound.</summary>
        public const string NoText = "\0";

        private readonly List<object> _values = [new object()];

        public int Asked { get; private set; }

        public nint Add(object value)
        {
            _values.Add(value);
            return _values.Count - 1;
        }

        public PropertyKind KindOf(nint value)
        {
            Asked++;
            return _values[(int)value] switch
            {
                string => PropertyKind.Text,
                long or double => PropertyKind.Number,
                bool => PropertyKind.Flag,
                nint[] => PropertyKind.Items,
                Dictionary<nint, nint> => PropertyKind.Dictionary,
                _ => PropertyKind.Other,
            };
        }

        public string? TextOf(nint text) =>
            _values[(int)text] is string and not NoText ? (string)_values[(int)text] : null;

        public long? NumberOf(nint number) => _values[(int)number] as long?;

        public bool FlagOf(nint flag) => (bool)_values[(int)flag];

        public int CountOf(nint container) =>
            _values[(int)container] is nint[] items
                ? items.Length
                : ((Dictionary<nint, nint>)_values[(int)container]).Count;

        public nint ItemAt(nint items, int at) => ((nint[])_values[(int)items])[at];

        public void EntriesOf(nint dictionary, Span<nint> keys, Span<nint> values)
        {
            var entries = (Dictionary<nint, nint>)_values[(int)dictionary];
            entries.Keys.ToArray().CopyTo(keys);
            entries.Values.ToArray().CopyTo(values);
        }
    }
}
