using RouteGuard.Commands;

namespace RouteGuard.Tests.Doctor;

/// <summary>The doctor says whether the daemon would start with its configuration.</summary>
public sealed class ConfigurationCheckTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-test-");

    private string Named => Path.Combine(_folder.FullName, "routeguard.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(null, "ok", "there is no file")]
    [InlineData("{}", "ok", "can be read")]
    [InlineData("""{"guard":{"auditSeconds":99}}""", "problem", "guard.auditSeconds")]
    [InlineData("not JSON", "problem", "Cannot use the configuration")]
    public void A_configuration_is_well_or_its_fault_is_named(string? content, string level, string says)
    {
        if (content is not null)
        {
            File.WriteAllText(Named, content);
            File.SetUnixFileMode(Named, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var check = DoctorCommand.CheckConfiguration(Named);

        Assert.Equal(("configuration", level), (check.Name, check.Level));
        Assert.Contains(says, check.Text, StringComparison.Ordinal);
        Assert.Equal(level == "problem", check.Advice is not null);
    }
}
