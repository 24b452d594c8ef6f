using RouteGuard.Report;

namespace RouteGuard.Tests.Report;

/// <summary>The page as a browser shows it, light and dark, wide and narrow.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public void The_page_is_light_by_day_and_dark_by_night_and_never_blank()
    {
        Need();
        foreach (var (image, min, max) in new[] { (browser.Light!, 0.9, 1.0), (browser.Dark!, 0.0, 0.1) })
        {
            Assert.Equal(Browser.Look.WideWindow, image.Width);
            Assert.InRange(Luminance(image[2, 2]), min, max);
            HashSet<(byte, byte, byte)> colours = [];
            for (var y = 0; y < image.Height; y += 3)
            {
                for (var x = 0; x < image.Width; x += 3)
                {
                    colours.Add(image[x, y]);
                }
            }

            Assert.InRange(colours.Count, 50, int.MaxValue);
        }
    }

    [Fact]
    public void The_lanes_have_their_colours_where_they_should_be()
    {
        Need();
        var wide = browser.Wide!;
        var drawing = wide.Drawings[0];
        var scale = drawing.Width / TimelineDrawing.Wide;
        (string Kind, string Light, string Dark)[] known =
        [
            ("p baseline", "9fd3ab", "1f6f3a"),
            ("p session", "a5c8f2", "1f5796"),
        ];
        var sampled = 0;
        foreach (var (kind, light, dark) in known)
        {
            foreach (var (_, place) in wide.Lanes.Where(lane => lane.Kind == kind && lane.Place.Width > 60))
            {
                // Near the corner: labels stand in the middle, dotted lines at events.
                var (x, y) = ((int)(place.Left + 40), (int)(place.Top + 3));
                AssertNear(light, browser.Light![x, y], $"{kind} at {x},{y}");
                AssertNear(dark, browser.Dark![x, y], $"{kind} at {x},{y}");
                sampled++;
            }
        }

        Assert.InRange(sampled, 3, 10);
        var lanes = wide.Lanes.Select(lane => lane.Place.Top).Distinct().Order().ToArray();
        Assert.Equal(2, lanes.Length);
        Assert.Equal(drawing.Top + (TimelineDrawing.LaneTop * scale), lanes[0], 1.5);
        Assert.All(
            wide.Lanes,
            lane =>
                Assert.InRange(lane.Place.Left, drawing.Left + (TimelineDrawing.WideLeft * scale) - 1, drawing.Right)
        );
        Assert.All(wide.Lanes, lane => Assert.InRange(lane.Place.Right, drawing.Left, drawing.Right));
        Assert.All(wide.Lanes, lane => Assert.Equal(TimelineDrawing.LaneHeight * scale, lane.Place.Height, 1.0));
    }

    [Fact]
    public void On_a_telephone_nothing_is_wider_than_the_page_and_the_drawing_can_be_read()
    {
        Need();
        var narrow = browser.Narrow!;
        Assert.InRange(narrow.ScrollWidth, 1, Browser.Look.NarrowWindow);
        Assert.All(narrow.Drawings, drawing => Assert.InRange(drawing.Right, 1, Browser.Look.NarrowWindow));
        Assert.Equal(2, narrow.Drawings.Count);
        const double ReadablePixels = 9;
        Assert.InRange(narrow.LetterHeight, ReadablePixels, 40);
        Assert.InRange(browser.Wide!.ScrollWidth, 1, Browser.Look.WideWindow);
        Assert.Equal(2, browser.Wide.Drawings.Count);
        Assert.InRange(narrow.TextLength, 2000, int.MaxValue);
    }

    [Fact]
    public void The_page_asks_for_nothing()
    {
        Need();
        Assert.Equal(0, browser.Wide!.Requests);
        Assert.Equal(0, browser.Narrow!.Requests);
    }

    private void Need() => Assert.SkipWhen(browser.WhyNot is not null, browser.WhyNot ?? string.Empty);

    private static double Luminance((byte Red, byte Green, byte Blue) pixel) =>
        ((0.2126 * pixel.Red) + (0.7152 * pixel.Green) + (0.0722 * pixel.Blue)) / 255;

    private static void AssertNear(string hex, (byte Red, byte Green, byte Blue) pixel, string where)
    {
        const int Tolerance = 6;
        var wanted = Convert.FromHexString(hex);
        byte[] seen = [pixel.Red, pixel.Green, pixel.Blue];
        Assert.True(
            wanted.Zip(seen).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance),
            $"{where} is {Convert.ToHexStringLower(seen)} and should be {hex}"
        );
    }
}
