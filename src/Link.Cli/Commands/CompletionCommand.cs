using System.CommandLine;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>Prints what teaches a shell to complete this program's command lines.</summary>
internal sealed class CompletionCommand : LinkCommand
{
    // Where a script calls this program.
    private const string Self = "LINK_PROGRAM";

    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _link_complete() {
                local line=${COMP_LINE#"${COMP_WORDS[0]}"} IFS=$'\n'
                line=${line# }
                local point=$((COMP_POINT - (${#COMP_LINE} - ${#line})))
                COMPREPLY=($(compgen -W "$(LINK_PROGRAM "[suggest:$point]" "$line" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _link_complete link
            """,
        ["zsh"] = """
            #compdef link
            _link_complete() {
                local line="${words[2,-1]}"
                local -a found
                found=("${(@f)$(LINK_PROGRAM "[suggest:${#line}]" "$line" 2> /dev/null)}")
                [[ -n $found ]] && compadd -a found || _files
            }
            compdef _link_complete link
            """,
        ["fish"] = """
            function __link_complete
                set -l line (string join ' ' -- (commandline -opc)[2..] (commandline -ct))
                LINK_PROGRAM "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
            end
            complete -c link -a '(__link_complete)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName link -ScriptBlock {
                param($word, $tree, $cursor)
                $line = $tree.ToString() -replace '^\S+\s?', ''
                $point = [Math]::Max(0, $cursor - ($tree.ToString().Length - $line.Length))
                & LINK_PROGRAM "[suggest:$point]" $line | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = string.Join(", ", Scripts.Keys) };

    /// <summary>Makes the command.</summary>
    public CompletionCommand()
        : base("completion", "Prints the script that teaches a shell to complete the commands, options and names of link.")
    {
        _shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Add(_shell);
    }

    /// <inheritdoc/>
    public override string Remarks => """
        The script calls this program by its path, as coreutils has a command link too.

        Examples:
          link completion bash >> ~/.bashrc
          link completion zsh  >> ~/.zshrc        (after compinit)
          link completion fish > ~/.config/fish/completions/link.fish
          link completion pwsh >> $PROFILE
        """;

    /// <inheritdoc/>
    protected override Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var shell = arguments.GetRequiredValue(_shell);
        var script = Scripts[shell].Replace(Self, Quote(shell, FindSelf()), StringComparison.Ordinal);
        foreach (var line in script.Split('\n'))
        {
            output.WriteText(line);
        }

        return Task.FromResult(ExitCode.Done);
    }

    // By its path: coreutils has a command of that name too. Run by dotnet itself it has none of its own.
    private static string FindSelf() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet" ? path : "link";

    private static string Quote(string shell, string path) => shell switch
    {
        "pwsh" => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'",
        "fish" => $"'{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'",
        _ => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'",
    };
}
