using System.Runtime.InteropServices;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

/// <summary>What tests need to play another user.</summary>
internal static class Privileges
{
    public const uint Nobody = 65534;

    public static bool IsRoot => PeerCredentials.OwnUserId == 0;

    public static void GiveToNobody(string path) => Assert.Equal(0, LChown(path, Nobody, Nobody));

    /// <summary>Runs on a thread of its own that has no rights to the files of root. An ordinary user has none to begin with.</summary>
    public static T WithoutRoot<T>(Func<T> action)
    {
        var result = default(T);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            if (IsRoot)
            {
                // The id for file access belongs to the thread, and the thread ends here.
                _ = SetFileSystemUserId(Nobody);
            }

            try
            {
                result = action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw failure;
    }

    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    private static extern int LChown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint userId, uint groupId);

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileSystemUserId(uint userId);
}
