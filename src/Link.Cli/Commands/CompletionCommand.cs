using System.CommandLine;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>Prints what teaches a shell to complete this program's command lines.</summary>
internal sealed class CompletionCommand : LinkCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _link_complete() {
                local line=${COMP_LINE#"${COMP_WORDS[0]}"} IFS=$'\n'
                line=${line# }
                local point=$((COMP_POINT - (${#COMP_LINE} - ${#line})))
                COMPREPLY=($(compgen -W "$(link "[suggest:$point]" "$line" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _link_complete link
            """,
        ["zsh"] = """
            #compdef link
            _link_complete() {
                local line="${words[2,-1]}"
                local -a found
                found=("${(@f)$(link "[suggest:${#line}]" "$line" 2> /dev/null)}")
                [[ -n $found ]] && compadd -a found || _files
            }
            compdef _link_complete link
            """,
        ["fish"] = """
            function __link_complete
                set -l line (string join ' ' -- (commandline -opc)[2..] (commandline -ct))
                link "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
            end
            complete -c link -a '(__link_complete)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName link -ScriptBlock {
                param($word, $tree, $cursor)
                $line = $tree.ToString() -replace '^\S+\s?', ''
                $point = [Math]::Max(0, $cursor - ($tree.ToString().Length - $line.Length))
                link "[suggest:$point]" $line | ForEach-Object {
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
        Examples:
          link completion bash >> ~/.bashrc
          link completion zsh  >> ~/.zshrc        (after compinit)
          link completion fish > ~/.config/fish/completions/link.fish
          link completion pwsh >> $PROFILE
        """;

    /// <inheritdoc/>
    protected override Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var script = Scripts[arguments.GetRequiredValue(_shell)];
        foreach (var line in script.Split('\n'))
        {
            output.WriteText(line);
        }

        return Task.FromResult(ExitCode.Done);
    }
}
