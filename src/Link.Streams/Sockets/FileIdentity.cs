namespace Link.Streams.Sockets;

/// <summary>
/// Device and inode: which file it is. Inode numbers are used again, so an identity only means something while somebody
/// keeps the file open (a bound socket keeps its own file so).
/// </summary>
internal readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode);
