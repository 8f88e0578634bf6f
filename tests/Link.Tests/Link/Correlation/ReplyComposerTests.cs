using System.Text;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Correlation;

public sealed class ReplyComposerTests
{
    [Theory]
    [InlineData("{}", null, """{"success":true,"id":"i"}""")]
    [InlineData("{}", false, """{"success":false,"id":"i"}""")]
    [InlineData("""{"response":"x"}""", null, """{"success":true,"id":"i","response":"x"}""")]
    [InlineData("""{"a":1,"b":{"success":false,"id":2}}""", null, """{"success":true,"id":"i","a":1,"b":{"success":false,"id":2}}""")]
    public void Success_and_id_come_before_the_members(string data, bool? success, string expected) =>
        Assert.Equal(expected, Compose(data, success).Text);

    [Theory]
    [InlineData("""{"success":false,"a":1}""", null, """{"success":false,"id":"i","a":1}""")]
    [InlineData("""{"a":1,"success":false}""", true, """{"success":false,"id":"i","a":1}""")]
    [InlineData("""{"a":1,"success":true}""", false, """{"success":true,"id":"i","a":1}""")]
    [InlineData("""{"success":0}""", null, """{"success":0,"id":"i"}""")]
    [InlineData("""{"success":null}""", true, """{"success":null,"id":"i"}""")]
    [InlineData("""{"a":1,"id":"own"}""", null, """{"success":true,"id":"own","a":1}""")]
    [InlineData("""{"id":null,"a":1}""", null, """{"success":true,"id":null,"a":1}""")]
    [InlineData("""{"id":7,"a":1,"success":"no"}""", null, """{"success":"no","id":7,"a":1}""")]
    [InlineData("""{"\u0069d":7}""", null, """{"success":true,"id":7}""")]
    public void Members_of_the_data_win_and_take_the_first_places(string data, bool? success, string expected) =>
        Assert.Equal(expected, Compose(data, success).Text);

    [Theory]
    [InlineData("""{"b":1,"10":2,"2":3}""", """{"2":3,"10":2,"success":true,"id":"i","b":1}""")]
    [InlineData("""{"01":1,"-1":2,"1.5":3}""", """{"success":true,"id":"i","01":1,"-1":2,"1.5":3}""")]
    [InlineData("""{"0":0,"id":5,"success":false}""", """{"0":0,"success":false,"id":5}""")]
    public void Names_that_are_indexes_come_first(string data, string expected) => Assert.Equal(expected, Compose(data, null).Text);

    [Theory]
    [InlineData("null", true, """{"success":true,"id":"i"}""")]
    [InlineData("", false, """{"success":false,"id":"i"}""")]
    [InlineData("5", true, """{"success":true,"id":"i"}""")]
    [InlineData("true", false, """{"success":false,"id":"i"}""")]
    [InlineData("\"\"", true, """{"success":true,"id":"i"}""")]
    [InlineData("\"ab\"", true, """{"0":"a","1":"b","success":true,"id":"i"}""")]
    [InlineData("\"\\u00e9\\n\"", false, """{"0":"é","1":"\n","success":false,"id":"i"}""")]
    [InlineData("[]", true, """{"success":true,"id":"i"}""")]
    [InlineData("""[1,{"x":[2]},"s",null]""", false, """{"0":1,"1":{"x":[2]},"2":"s","3":null,"success":false,"id":"i"}""")]
    [InlineData("[0,1,2,3,4,5,6,7,8,9,10]", true, """{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"10":10,"success":true,"id":"i"}""")]
    public void What_is_no_object_is_spread_when_the_success_is_said(string data, bool success, string expected) =>
        Assert.Equal(expected, Compose(data, success).Text);

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("false")]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    public void What_is_no_object_is_refused_when_the_success_is_not_said(string data) =>
        Assert.Throws<ArgumentException>(() => Compose(data, null));

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("[1")]
    [InlineData("[1]]")]
    [InlineData("\"a")]
    [InlineData("nul")]
    [InlineData("NaN")]
    [InlineData(" ")]
    public void What_is_no_json_is_refused(string data)
    {
        Assert.Throws<ArgumentException>(() => Compose(data, null));
        Assert.Throws<ArgumentException>(() => Compose(data, true));
    }

    [Theory]
    [InlineData(" { \"a\" : 1 } ")]
    [InlineData("\n{\t\"a\":1,\r\n\"b\":[ 2 ]}\n")]
    [InlineData(" { } ")]
    [InlineData(" { \"a\" : 1 , \"success\" : false } ")]
    public void White_space_does_no_harm(string data)
    {
        var reply = JObject.Parse(Compose(data, null).Text);
        Assert.Equal("i", (string?)reply["id"]);
        var expected = JObject.Parse(data);
        foreach (var (name, value) in expected)
        {
            Assert.True(JToken.DeepEquals(value, reply[name]));
        }
    }

    [Theory]
    [InlineData("{}", """{"success":true}""")]
    [InlineData("""{"a":1}""", """{"success":true,"a":1}""")]
    [InlineData("""{"a":1,"id":3}""", """{"success":true,"id":3,"a":1}""")]
    public void A_request_without_an_id_is_replied_without_one(string data, string expected) =>
        Assert.Equal(expected, Compose(data, null, default(RequestId)).Text);

    [Theory]
    [InlineData("42")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("\"\\u00e9\"")]
    public void An_id_comes_back_as_it_came(string id) =>
        Assert.Equal($$"""{"success":true,"id":{{id}}}""", Compose("{}", null, RequestId.FromJson(Encoding.UTF8.GetBytes(id))).Text);

    [Theory]
    [InlineData("{}", null, true)]
    [InlineData("{}", false, false)]
    [InlineData("""{"success":true}""", false, true)]
    [InlineData("""{"success":1}""", true, false)]
    [InlineData("[1]", true, true)]
    [InlineData("[1]", false, false)]
    public void The_envelope_says_whether_it_is_a_success(string data, bool? success, bool expected)
    {
        var envelope = Compose(data, success).Envelope;
        Assert.Equal(EnvelopeKind.Reply, envelope.Kind);
        Assert.Equal(RequestId.FromString("i"), envelope.Id);
        Assert.Equal(expected, envelope.Success);
    }

    [Fact]
    public void The_envelope_has_the_id_that_is_written() =>
        Assert.Equal("other", Compose("""{"id":"other"}""", null).Envelope.Id.ToString());

    private static (string Text, Envelope Envelope) Compose(string data, bool? success, RequestId? id = null)
    {
        using var output = new PooledBuffer();
        var envelope = ReplyComposer.Compose(output, id ?? RequestId.FromString("i"), Encoding.UTF8.GetBytes(data), success);
        return (envelope.Payload.ToString(), envelope);
    }
}
