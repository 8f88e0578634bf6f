using System.Runtime.InteropServices;

namespace Link.Testing;

/// <summary>Stops a process, which neither ends nor answers then, and lets it go on.</summary>
public static class ProcessFreeze
{
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>Stops it; the signal has arrived when all its threads stand still.</summary>
    public static async Task FreezeAsync(int processId)
    {
        Send(processId, Stop);
        await Within.Until(() => Directory.GetDirectories($"/proc/{processId}/task").All(IsStopped));
    }

    /// <summary>Lets it go on.</summary>
    public static void Thaw(int processId) => Send(processId, Continue);

    private static void Send(int processId, int signal)
    {
        if (Signal(processId, signal) != 0)
        {
            throw new InvalidOperationException($"Process {processId} took no signal {signal}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    private static bool IsStopped(string thread) => File.ReadAllText(thread + "/stat").Split(") ", 2)[1][0] == 'T';

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Signal(int processId, int signal);
}
