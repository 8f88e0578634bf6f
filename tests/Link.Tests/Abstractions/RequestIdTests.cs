using Link.Abstractions;

namespace Link.Tests.Abstractions;

public sealed class RequestIdTests
{
    [Fact]
    public void A_number_and_its_string_are_different_ids()
    {
        var number = RequestId.FromJson("42"u8.ToArray());
        var text = RequestId.FromString("42");
        Assert.NotEqual(number, text);
        Assert.True(number != text);
        Assert.Equal("42", number.ToString());
        Assert.Equal("42", text.ToString());
    }

    [Fact]
    public void Equal_text_is_the_same_id()
    {
        var one = RequestId.FromString("é\n");
        var other = RequestId.FromJson("\"é\\n\""u8.ToArray());
        Assert.True(one == other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.True(one.Equals((object)other));
        Assert.False(one.Equals("é\n"));
    }

    [Fact]
    public void No_id_is_missing_and_an_empty_string_is_not()
    {
        Assert.True(default(RequestId).IsMissing);
        Assert.Equal("", default(RequestId).ToString());
        Assert.False(RequestId.FromString("").IsMissing);
        Assert.NotEqual(default, RequestId.FromString(""));
        Assert.Throws<ArgumentNullException>(() => RequestId.FromString(null!));
    }

    [Theory]
    [InlineData("a\"b\\c")]
    [InlineData("漢😀")]
    public void Any_string_can_be_an_id(string text) => Assert.Equal(text, RequestId.FromString(text).ToString());

    [Fact]
    public void A_lone_surrogate_can_be_an_id() => Assert.Equal("\ud800", RequestId.FromString("\ud800").ToString());
}
