using System.Globalization;
using Link.Abstractions.Json;

namespace Link.Tests.Abstractions.Json;

public sealed class JavaScriptNumberTests
{
    private readonly byte[] _text = new byte[JavaScriptNumber.MaxLength];

    [Fact]
    public void Every_power_of_two_reads_back_as_itself()
    {
        for (var exponent = -1074; exponent < 1024; exponent++)
        {
            var value = Math.ScaleB(1, exponent);
            Assert.Equal(value, double.Parse(_text.AsSpan(0, JavaScriptNumber.Format(value, _text)), CultureInfo.InvariantCulture));
        }

        for (var exponent = -149; exponent < 128; exponent++)
        {
            var value = MathF.ScaleB(1, exponent);
            Assert.Equal(value, float.Parse(_text.AsSpan(0, JavaScriptNumber.Format(value, _text)), CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void The_longest_numbers_fit()
    {
        double[] doubles = [-double.MaxValue, double.MinValue, -2.2250738585072014e-308, -1.2345678901234567e-6, -123456789012345680000.0];
        Assert.All(doubles, value => Assert.InRange(JavaScriptNumber.Format(value, _text), 1, JavaScriptNumber.MaxLength));
        Assert.Equal(31, JavaScriptNumber.Format(-0.7922816251426433759354395033m, _text));
        Assert.Equal(30, JavaScriptNumber.Format(decimal.MinValue, _text));
    }
}
