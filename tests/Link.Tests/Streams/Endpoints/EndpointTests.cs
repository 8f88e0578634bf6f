using Link.Streams.Endpoints;

namespace Link.Tests.Streams.Endpoints;

/// <summary>Endpoints as text.</summary>
public sealed class EndpointTests
{
    [Theory]
    [InlineData("unix:/tmp/app.world", EndpointKind.Unix, "/tmp/app.world", 0)]
    [InlineData("unix:/tmp/a:b", EndpointKind.Unix, "/tmp/a:b", 0)]
    [InlineData("pipe:tmp-app.world", EndpointKind.Pipe, "tmp-app.world", 0)]
    [InlineData("tcp://localhost:8000", EndpointKind.Tcp, "localhost", 8000)]
    [InlineData("tcp://[::1]:0", EndpointKind.Tcp, "::1", 0)]
    [InlineData("tls://example.test:65535", EndpointKind.Tls, "example.test", 65535)]
    [InlineData("tls://[fe80::1%2]:1", EndpointKind.Tls, "fe80::1%2", 1)]
    [InlineData("udp4://127.0.0.1:8000", EndpointKind.Udp4, "127.0.0.1", 8000)]
    [InlineData("udp6://[::]:8000", EndpointKind.Udp6, "::", 8000)]
    public void Text_is_read_and_written_back(string text, EndpointKind kind, string address, int port)
    {
        var endpoint = Endpoint.Parse(text);
        Assert.Equal((kind, address, port), (endpoint.Kind, endpoint.Address, endpoint.Port));
        Assert.Equal(text, endpoint.ToString());
    }

    [Theory]
    [InlineData("world", "it must begin with unix:")]
    [InlineData("http://localhost:80", "'http' is none of")]
    [InlineData("TCP://localhost:80", "'TCP' is none of")]
    [InlineData("unix:", "empty")]
    [InlineData("pipe:", "empty")]
    [InlineData("tcp://localhost", "a host and a port")]
    [InlineData("tcp://:80", "a host and a port")]
    [InlineData("tcp://localhost:", "a host and a port")]
    [InlineData("tcp://localhost:-1", "a host and a port")]
    [InlineData("tcp://localhost:65536", "a host and a port")]
    [InlineData("tcp://localhost:80/", "a host and a port")]
    [InlineData("tcp://::1:80", "in brackets")]
    [InlineData("tcp://[localhost]:80", "neither a host name")]
    [InlineData("tcp://[[::1]]:80", "neither a host name")]
    [InlineData("tcp://[::1]x:80", "neither a host name")]
    [InlineData("tcp://user@host:80", "neither a host name")]
    [InlineData("tcp://a b:80", "neither a host name")]
    [InlineData("udp4://[::1]:80", "no address for Udp4")]
    [InlineData("udp6://127.0.0.1:80", "no address for Udp6")]
    public void What_is_no_endpoint_is_refused_with_the_reason(string text, string reason)
    {
        var failure = Assert.Throws<ArgumentException>("text", () => Endpoint.Parse(text));
        Assert.Contains($"'{text}' is no endpoint: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_and_written_back_or_refused()
    {
        string[] parts = ["tcp://", "tls://", "udp4://", "udp6://", "unix:", "pipe:", "[", "]", ":", "::1", "1", "a", ".", "/", "%", "80", "é", "@", " ", "\0", "127.0.0.1"];
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(random.GetItems(parts, random.Next(1, 7)));
            try
            {
                var endpoint = Endpoint.Parse(text);
                Assert.Equal(endpoint, Endpoint.Parse(endpoint.ToString()));
            }
            catch (ArgumentException)
            {
                // Refused, as most of them should be.
            }
        }
    }
}
