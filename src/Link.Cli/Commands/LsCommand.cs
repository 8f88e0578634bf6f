using System.CommandLine;
using System.Globalization;
using Link.Cli.Arguments;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>Lists the names that answer on this machine.</summary>
internal sealed class LsCommand : LinkCommand
{
    // Each probe takes as long as connecting, and longer only where a queue is full.
    private const int ProbesAtOnce = 16;

    private readonly LocalNames _names = new();

    /// <summary>Makes the command.</summary>
    public LsCommand()
        : base("ls", "Lists the names that answer on this machine, and the socket files on which nobody listens any more.") => _names.AddTo(this);

    /// <inheritdoc/>
    public override string Remarks => """
        Each socket file is tried by connecting to it; the peer sees a connection that comes and goes. No file is deleted.

          live    somebody listens; user and pid are the kernel's word
          stale   nobody listens: the file was left behind, and the next start of that name takes it over
          closed  this user may not connect

        Examples:
          link ls
          link ls --socket-root /run/user/1000 --app-space shop.
          link ls --json | grep '"state":"stale"'
        """;

    /// <inheritdoc/>
    protected override async Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var found = _names.In(arguments);
        var entries = new SocketEntry?[found.Count];
        var (root, space) = (_names.RootOf(arguments), _names.SpaceOf(arguments));
        await Parallel.ForAsync(
            0,
            found.Count,
            new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = cancellationToken },
            async (index, token) => entries[index] = await SocketEntry.ProbeAsync(found[index], root + space + found[index], token).ConfigureAwait(false))
            .ConfigureAwait(false);
        Print(output, [.. entries.OfType<SocketEntry>()]);
        return ExitCode.Done;
    }

    private static void Print(Output output, IReadOnlyList<SocketEntry> entries)
    {
        foreach (var entry in entries)
        {
            output.WriteJson(members =>
            {
                members.WriteString("name", entry.Name);
                members.WriteString("state", entry.State);
                members.WriteString("path", entry.Path);
                if (entry.UserId is { } user)
                {
                    members.WriteNumber("user", user);
                }

                if (entry.ProcessId is { } process)
                {
                    members.WriteNumber("pid", process);
                }
            });
        }

        if (!output.IsJson && entries.Count > 0)
        {
            output.WriteTable(
                ["NAME", "STATE", "USER", "PID", "PATH"],
                entries.Select(entry => new[] { entry.Name, entry.State, Text(entry.UserId), Text(entry.ProcessId), entry.Path }));
        }
    }

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "-";
}
