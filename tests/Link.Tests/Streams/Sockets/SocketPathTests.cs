using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

public sealed class SocketPathTests
{
    [Fact]
    public void The_parts_are_joined_as_they_are() => Assert.Equal("/tmp/app.world", SocketPath.Make("/tmp/", "app.", "world"));

    [Fact]
    public void An_empty_appspace_is_fine() => Assert.Equal("/tmp/world", SocketPath.Make("/tmp/", "", "world"));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("../other")]
    [InlineData("a\0b")]
    [InlineData("\0")]
    public void A_name_that_is_no_file_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>("name", () => SocketPath.Make("/tmp/", "app.", name));

    [Fact]
    public void A_name_that_is_not_valid_Unicode_is_refused() =>
        Assert.Throws<ArgumentException>("name", () => SocketPath.Make("/tmp/", "app.", "a" + '\ud800'));

    [Theory]
    [InlineData("\0tmp/", "app.")]
    [InlineData("/tmp/", "\0")]
    public void No_part_may_hold_a_NUL(string socketRoot, string appSpace) =>
        Assert.Throws<ArgumentException>(() => SocketPath.Make(socketRoot, appSpace, "world"));

    [Theory]
    [InlineData(null, "app.", "world")]
    [InlineData("/tmp/", null, "world")]
    [InlineData("/tmp/", "app.", null)]
    public void No_part_may_be_null(string? socketRoot, string? appSpace, string? name) =>
        Assert.Throws<ArgumentNullException>(() => SocketPath.Make(socketRoot!, appSpace!, name!));

    [Theory]
    [InlineData(".hidden")]
    [InlineData("...")]
    [InlineData("a b")]
    [InlineData("é漢😀")]
    public void Other_names_are_fine(string name) => Assert.Equal("/tmp/app." + name, SocketPath.Make("/tmp/", "app.", name));

    [Fact]
    public void A_path_of_the_limit_works()
    {
        var path = SocketPath.Make("/tmp/", "app.", new string('x', SocketPath.MaxBytes - 9));
        Assert.Equal(SocketPath.MaxBytes, path.Length);
    }

    [Fact]
    public void A_path_of_one_byte_more_is_refused_with_length_limit_and_path()
    {
        var name = new string('x', SocketPath.MaxBytes - 8);
        var refusal = Assert.Throws<ArgumentException>("name", () => SocketPath.Make("/tmp/", "app.", name));
        Assert.Contains($"{SocketPath.MaxBytes + 1} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"limit is {SocketPath.MaxBytes}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("/tmp/app." + name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_count_and_not_characters()
    {
        var room = SocketPath.MaxBytes - 9;
        var fits = new string('é', room / 2);
        Assert.Equal("/tmp/app." + fits, SocketPath.Make("/tmp/", "app.", fits));
        Assert.Throws<ArgumentException>("name", () => SocketPath.Make("/tmp/", "app.", fits + "é"));
    }
}
