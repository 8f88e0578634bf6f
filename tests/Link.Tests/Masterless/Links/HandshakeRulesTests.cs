using Link.Masterless;

namespace Link.Tests.Masterless.Links;

/// <summary>The table of SPEC.md, "masterless: handshake": every state with every packet.</summary>
public sealed class HandshakeRulesTests
{
    /// <summary>The rules once more, in the words of the protocol. The first line that fits holds.</summary>
    private static readonly string[] Table =
    [
        // who     | has come to  | what came               | same direction | other direction | what to do
        "any       | any          | Heartbeat               | any            | any             | Wait",
        "Connector | AwaitsId     | Id                      | exists         | any             | Decline",
        "Connector | AwaitsId     | Id                      | any            | Connected       | Decline",
        "Connector | AwaitsId     | Id                      | any            | Connecting      | Bid",
        "Connector | AwaitsId     | Id                      | any            | None            | Claim",
        "Connector | AwaitsChoice | Confirm                 | any            | Connected       | CloseDuplicate",
        "Connector | AwaitsChoice | Confirm                 | any            | any             | Connect",
        "Acceptor  | AwaitsId     | Id                      | exists         | any             | CloseDuplicate",
        "Acceptor  | AwaitsId     | Id                      | any            | exists          | CloseDuplicate",
        "Acceptor  | AwaitsId     | Id                      | any            | None            | AnswerId",
        "Acceptor  | AwaitsId     | IdWithoutAddress        | any            | any             | CloseUnreachable",
        "Acceptor  | AwaitsChoice | Refusal                 | any            | any             | CloseDuplicate",
        "Acceptor  | AwaitsChoice | Priority, LowerPriority | any            | Connected       | CloseDuplicate",
        "Acceptor  | AwaitsChoice | LowerPriority           | any            | Connecting      | CloseDuplicate",
        "Acceptor  | AwaitsChoice | Priority, LowerPriority | any            | any             | Confirm",
        "any       | AwaitsId     | OwnId                   | any            | any             | CloseSelf",
        "any       | AwaitsId     | StrangeId               | any            | any             | CloseStranger",
        "any       | AwaitsId     | UnadmittedId            | any            | any             | CloseUnadmitted",
        "any       | any          | any                     | any            | any             | CloseUnexpected",
    ];

    [Fact]
    public void Every_state_and_every_packet_have_the_move_that_the_table_says()
    {
        var wrong =
            from role in Enum.GetValues<Role>()
            from stage in new[] { Stage.AwaitsId, Stage.AwaitsChoice }
            from arrival in Enum.GetValues<Arrival>()
            from same in Enum.GetValues<Rival>()
            from opposite in Enum.GetValues<Rival>()
            let expected = Expected(role, stage, arrival, same, opposite)
            let actual = HandshakeRules.Next(role, stage, arrival, same, opposite).ToString()
            where actual != expected
            select $"{role} {stage} {arrival} {same} {opposite}: {actual}, not {expected}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_line_of_the_table_is_needed()
    {
        var used = from role in Enum.GetValues<Role>()
            from stage in new[] { Stage.AwaitsId, Stage.AwaitsChoice }
            from arrival in Enum.GetValues<Arrival>()
            from same in Enum.GetValues<Rival>()
            from opposite in Enum.GetValues<Rival>()
            select Array.FindIndex(Table, line => Fits(line, role, stage, arrival, same, opposite));

        Assert.Equal(Enumerable.Range(0, Table.Length), used.Distinct().Order());
    }

    private static string Expected(Role role, Stage stage, Arrival arrival, Rival same, Rival opposite) =>
        Cells(Table.First(line => Fits(line, role, stage, arrival, same, opposite)))[^1];

    private static bool Fits(string line, Role role, Stage stage, Arrival arrival, Rival same, Rival opposite)
    {
        var cells = Cells(line);
        return Has(cells[0], role) && Has(cells[1], stage) && Has(cells[2], arrival) && Has(cells[3], same) && Has(cells[4], opposite);
    }

    private static bool Has<T>(string cell, T value)
        where T : struct, Enum => cell == "any" || (cell == "exists" && !value.Equals(Rival.None)) || cell.Split(", ").Contains(value.ToString());

    private static string[] Cells(string line) => [.. line.Split('|').Select(cell => cell.Trim())];
}
