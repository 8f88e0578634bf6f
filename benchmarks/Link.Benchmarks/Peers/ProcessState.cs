namespace Link.Benchmarks.Peers;

/// <summary>What this process can tell about its memory.</summary>
internal static class ProcessState
{
    public static State Take(bool collect)
    {
        if (collect)
        {
            // The second collection takes what finalizers of the first have let go.
            Collect();
            GC.WaitForPendingFinalizers();
            Collect();
        }

        return new State(GC.GetTotalAllocatedBytes(precise: true), GC.GetTotalMemory(forceFullCollection: false), Environment.WorkingSet);
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
