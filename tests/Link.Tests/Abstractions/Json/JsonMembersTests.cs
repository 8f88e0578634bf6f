using System.Text;
using System.Text.Json;
using Link.Abstractions.Json;

namespace Link.Tests.Abstractions.Json;

public sealed class JsonMembersTests
{
    [Fact]
    public void Members_come_in_order_with_the_text_of_their_values()
    {
        var members = Walk(""" { "a" : 1.0 , "b":[1, {"c":2}],"s":"x\"y", "o" : { } ,"n":null,"t":true} """);
        Assert.Equal(
            [("a", "1.0", JsonTokenType.Number), ("b", "[1, {\"c\":2}]", JsonTokenType.StartArray), ("s", "\"x\\\"y\"", JsonTokenType.String),
             ("o", "{ }", JsonTokenType.StartObject), ("n", "null", JsonTokenType.Null), ("t", "true", JsonTokenType.True)],
            members);
    }

    [Fact]
    public void An_empty_object_has_no_members() => Assert.Empty(Walk("{}"));

    [Fact]
    public void Repeated_members_are_all_told() =>
        Assert.Equal(["1", "2"], Walk("""{"a":1,"a":2}""").Select(member => member.Value));

    [Theory]
    [InlineData("""{"id":1}""", true)]
    [InlineData("{\"\\u0069d\":1}", true)]
    [InlineData("""{"Id":1}""", false)]
    [InlineData("""{"idx":1}""", false)]
    [InlineData("{\"\\u0069\":1}", false)]
    public void A_name_is_compared_as_what_it_stands_for(string json, bool same)
    {
        var members = new JsonMembers(Encoding.UTF8.GetBytes(json));
        Assert.True(members.TryEnter());
        Assert.True(members.Next());
        Assert.Equal(same, members.NameIs("id"u8));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public void Anything_but_an_object_is_not_entered(string json) =>
        Assert.False(new JsonMembers(Encoding.UTF8.GetBytes(json)).TryEnter());

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":[1}")]
    [InlineData("{} x")]
    [InlineData("{}{}")]
    [InlineData("{\"a\":1}\0")]
    public void Text_that_is_not_one_object_throws(string json) => Assert.ThrowsAny<JsonException>(() => Walk(json));

    [Theory]
    [InlineData(64, 0, true)]
    [InlineData(65, 0, false)]
    [InlineData(66, 2, true)]
    [InlineData(67, 2, false)]
    public void Depth_is_bounded(int levels, int extra, bool allowed)
    {
        var json = "{\"a\":" + new string('[', levels - 1) + new string(']', levels - 1) + "}";
        if (allowed)
        {
            Assert.Single(Walk(json, extra));
        }
        else
        {
            Assert.ThrowsAny<JsonException>(() => Walk(json, extra));
        }
    }

    private static List<(string Name, string Value, JsonTokenType Type)> Walk(string json, int extraDepth = 0)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        var members = new JsonMembers(utf8, extraDepth);
        var found = new List<(string, string, JsonTokenType)>();
        Assert.True(members.TryEnter());
        while (members.Next())
        {
            found.Add((Encoding.UTF8.GetString(utf8[members.Name]), Encoding.UTF8.GetString(utf8[members.Value]), members.ValueType));
        }

        return found;
    }
}
